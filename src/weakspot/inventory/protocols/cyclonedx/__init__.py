"""CycloneDX 1.2 to 1.6, JSON and XML (https://cyclonedx.org/specification/overview/): components, also nested ones.

The device is ``metadata.component``; an ``operating-system`` component names the release. Components are identified by
their package URL, else by CPE or name. Services, vulnerabilities and files are no software and are refused by kind.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.cyclonedx.reader import read, recognises

READER = InventoryReader(name="cyclonedx", title="CycloneDX bill of materials", recognises=recognises, read=read)
