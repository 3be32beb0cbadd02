"""The intakes: one folder a format, all alike. ``ALL`` is the one list that names them."""

from weakspot.threats.intakes.base import Intake
from weakspot.threats.intakes.crowdstrike import INTAKE as CROWDSTRIKE
from weakspot.threats.intakes.defender import INTAKE as DEFENDER
from weakspot.threats.intakes.elastic import INTAKE as ELASTIC
from weakspot.threats.intakes.falco import INTAKE as FALCO
from weakspot.threats.intakes.generic import INTAKE as GENERIC
from weakspot.threats.intakes.ocsf import INTAKE as OCSF
from weakspot.threats.intakes.sigma import INTAKE as SIGMA
from weakspot.threats.intakes.wazuh import INTAKE as WAZUH

ALL: tuple[Intake, ...] = (OCSF, WAZUH, FALCO, SIGMA, ELASTIC, DEFENDER, CROWDSTRIKE, GENERIC)
BY_NAME = {one.name: one for one in ALL}

__all__ = ["ALL", "BY_NAME", "Intake"]
