"""The agents' ports bound to the use cases."""

from __future__ import annotations

from weakspot import workflows
from weakspot.inventory import SourceInventory
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.protocols import glpi
from weakspot.inventory.protocols.glpi.messages import Message
from weakspot.runtime.clock import Micros
from weakspot.workflows import Services


class GlpiUseCases:
    """What GLPI and FusionInventory agents may do."""

    SOURCE = "glpi"

    def __init__(self, services: Services) -> None:
        self._services = services

    def may_enrol(self, external_id: str, key: str, now: Micros) -> bool:
        """As ``workflows.may_enrol``."""
        return workflows.may_enrol(self._services, self.SOURCE, external_id, key, now)

    def record(self, message: Message, key: str, now: Micros) -> None:
        """As ``workflows.record_agent_inventory``. Raises InputError for an inventory that is none."""

        def make() -> tuple[DescribedDevice, SourceInventory | None]:
            (read,) = glpi.READER.read(message.document)
            if not message.has_software:
                return read.device, None
            return read.device, SourceInventory(source=self.SOURCE, device=read.device, software=read.software)

        workflows.record_agent_inventory(self._services, self.SOURCE, message.external_id, key, make, now)
