"""The HTTP edge: our own API, the compatible API, the sensors' calls, the event stream, the console.

Purpose: parse, authorise, call, answer. Nothing is decided here that is not about HTTP. In: requests, through
``edge.Edge``, the ASGI application. Out: answers of ``queries`` and ``workflows``; errors as problems.
Invariants: deny by default (``guards``); every route is one ``Operation``; every input has a bound; no bad
input is a 5xx.
"""
