"""Weakspot: threat and vulnerability management that an organisation runs itself.

The contexts and the direction in which data flows through them are drawn in docs/ARCHITECTURE.md.
"""

__version__ = "0.1.0"
