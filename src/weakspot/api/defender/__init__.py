"""The compatible API: a documented third-party contract, so that existing clients need only another host
name.

Paths in any case, its own envelope, query language, error shape and throttling; read-only so far.
"""
