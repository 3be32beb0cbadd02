"""What can go wrong in the sensor. Each error's text is a sentence for the administrator.

SensorError
    SettingsError        what was asked for cannot be done as it is set up (exit status 1)
    UnreachableError     the server did not answer in the agreed form; worth trying again (75)
    RevokedError         the server no longer accepts this device's key (77)
"""

from __future__ import annotations


class SensorError(Exception):
    """Base of all errors that end a command with a message."""

    exit_status = 1


class SettingsError(SensorError):
    pass


class UnreachableError(SensorError):
    exit_status = 75


class RevokedError(SensorError):
    exit_status = 77
