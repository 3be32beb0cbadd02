"""The agents' and the uploads' ports bound to the use cases."""

from __future__ import annotations

from weakspot import workflows
from weakspot.access import Caller
from weakspot.inventory import SourceInventory
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.protocols import Document, glpi
from weakspot.inventory.protocols.glpi.messages import Message
from weakspot.runtime.clock import Micros
from weakspot.workflows import Services, Uploaded, UploadOutcome


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


class UploadUseCases:
    """What people may upload and remove."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def for_device(self, actor: Caller, device_id: str, document: Document, component: str) -> Uploaded:
        """As ``workflows.upload_for_device``."""
        now = self._services.clock()
        return workflows.upload_for_device(self._services, actor, device_id, document, component, now)

    def devices(
        self, actor: Caller, documents: list[Document], name: str, columns: dict[str, str] | None
    ) -> UploadOutcome:
        """As ``workflows.upload_devices``."""
        now = self._services.clock()
        return workflows.upload_devices(self._services, actor, documents, now, name=name, columns=columns)

    def remove(self, actor: Caller, device_id: str, source: str) -> None:
        """As ``workflows.remove_source``."""
        workflows.remove_source(self._services, actor, device_id, source, self._services.clock())
