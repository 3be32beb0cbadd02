"""Wazuh alerts: lines of alerts.json, as an integration or a forwarder posts them."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.wazuh.reader import read

INTAKE = Intake(
    name="wazuh",
    title="Wazuh alerts",
    specification="https://documentation.wazuh.com/current/user-manual/reference/ossec-conf/integration.html",
    read=read,
    events=listed("alerts", "data.affected_items"),
)
