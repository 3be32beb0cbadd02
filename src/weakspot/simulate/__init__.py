"""Simulated fleets for demonstrations, benchmarks, soak and tests; one generator for all of them.

In: a seed and a number of devices (``Population``), and the software that the loaded knowledge names, if any.
Out: devices and their reports on any day, sent through the sensors' protocol (``Line``, ``Agent``) or that of osquery
(``Node``), or loaded into a database at once (``load``).

Invariants: the same seed, number and catalogue give the same fleet, whichever device or day is asked for first; a
delta always starts from what the server confirmed; what is loaded is what the devices' full reports would have left.
"""

from weakspot.simulate.agents import Line, Sent, at_rate, enrol_all, live, paced
from weakspot.simulate.ahead import Rounds
from weakspot.simulate.catalogue import FAMILIES, Catalogue, Known
from weakspot.simulate.client import Connection, HttpAnswer
from weakspot.simulate.loading import device_key, distinct_numbers, intern, known_software, load, public_id
from weakspot.simulate.osquery import Node, enrol_nodes, live_nodes
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Planned, Sealed, Wire

__all__ = [
    "FAMILIES",
    "Agent",
    "Catalogue",
    "Connection",
    "HttpAnswer",
    "Known",
    "Line",
    "Node",
    "Planned",
    "Population",
    "Rounds",
    "Sealed",
    "Sent",
    "Wire",
    "at_rate",
    "device_key",
    "distinct_numbers",
    "enrol_all",
    "enrol_nodes",
    "intern",
    "known_software",
    "live",
    "live_nodes",
    "load",
    "paced",
    "public_id",
]
