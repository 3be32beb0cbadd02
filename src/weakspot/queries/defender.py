"""Read models of the compatible API: entities in the words of its contract (docs/compatible-api.md).

Field names become camelCase on the wire. What this product does not know is null, "Unknown" or "None", as the
contract has it for the field; nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from weakspot import intel, inventory, scoring
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory.contracts import DescribedDevice, Device
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.queries import insights
from weakspot.queries.lens import Lens, find_device, ids_of
from weakspot.queries.rows import device_score, first_detected_at, health_of, iso, onboarding_of, software_rows
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound

_HEALTH = {
    "Active": "Active",
    "Inactive": "Inactive",
    "No sensor data": "NoSensorData",
    "Impaired communications": "ImpairedCommunication",
    "Misconfigured": "ImpairedCommunication",  # the compatible API has no word for it
}
_ONBOARDING = {
    "Onboarded": "Onboarded",
    "Can be onboarded": "CanBeOnboarded",
    "Unsupported": "Unsupported",
    "Insufficient info": "InsufficientInfo",
}
_CHUNK = 1_000
_EXPLOIT_ORDER = ("none", "proof_of_concept", "public", "verified", "kit", "known_exploited")
_PLATFORMS = {"ubuntu": "Ubuntu", "darwin": "macOS", "macos": "macOS"}
_PROCESSORS = {"x86_64": "x64", "amd64": "x64", "i386": "x86", "i686": "x86", "aarch64": "arm64", "arm64": "arm64"}
NO_GROUP = "UnassignedGroup"


class Entity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all entities."""


class IpAddress(Entity, frozen=True, kw_only=True):
    """One address of one interface."""

    ip_address: str
    mac_address: str
    type: str | None
    operational_status: str


class Machine(Entity, frozen=True, kw_only=True):
    """A device."""

    id: str
    computer_dns_name: str
    first_seen: str
    last_seen: str
    os_platform: str
    os_version: str | None
    version: str
    os_build: int | None
    os_processor: str | None
    os_architecture: str | None
    last_ip_address: str
    last_external_ip_address: str | None
    ip_addresses: list[IpAddress]
    agent_version: str
    health_status: str
    onboarding_status: str
    defender_av_status: str
    device_value: str
    risk_score: str
    exposure_level: str
    rbac_group_id: int
    rbac_group_name: str
    is_aad_joined: bool | None
    aad_device_id: str | None
    machine_tags: list[str]
    merged_into_machine_id: str | None
    is_potential_duplication: bool
    is_excluded: bool
    exclusion_reason: str | None
    managed_by: str
    managed_by_status: str
    vm_metadata: dict[str, str] | None


class MachineReference(Entity, frozen=True, kw_only=True):
    """Enough of a device to find it."""

    id: str
    computer_dns_name: str
    os_platform: str
    rbac_group_name: str
    rbac_group_id: int


class SoftwareEntity(Entity, frozen=True, kw_only=True):
    """Vendor and product."""

    id: str
    name: str
    vendor: str
    weaknesses: int
    public_exploit: bool
    active_alert: bool
    exposed_machines: int
    installed_machines: int
    impact_score: float


class Distribution(Entity, frozen=True, kw_only=True):
    """One installed version of a software."""

    version: str
    installations: int
    vulnerabilities: int


class Vulnerability(Entity, frozen=True, kw_only=True):
    """A vulnerability; counts are those of the caller's scope."""

    id: str
    name: str
    description: str
    severity: str
    cvss_v3: float | None = msgspec.field(name="cvssV3")
    cvss_vector: str | None
    exposed_machines: int
    published_on: str | None
    updated_on: str | None
    first_detected: str | None
    public_exploit: bool
    exploit_verified: bool
    exploit_in_kit: bool
    exploit_types: list[str]
    exploit_uris: list[str]
    cve_supportability: str
    epss: float | None


class Score(Entity, frozen=True, kw_only=True):
    """A score at the moment of the call."""

    time: str
    score: float


class GroupScore(Score, frozen=True, kw_only=True):
    """A score of one device group."""

    rbac_group_name: str
    rbac_group_id: int


def machines(lens: Lens, ids: Iterable[int] | None = None) -> Iterator[Machine]:
    """Devices of the scope in the order of their ids (or those of ``ids`` that are in it)."""
    inside = lens.devices_in_scope().tolist()
    wanted = inside if ids is None else sorted(set(inside) & set(ids))
    for chunk in _chunks(wanted):
        for device in inventory.devices(lens.conn, chunk):
            yield _machine(lens, device)


def machine(lens: Lens, asked: str) -> Machine:
    """A device by its id or by its name. Raises NotFound."""
    return _machine(lens, machine_device(lens, asked))


def machine_device(lens: Lens, asked: str) -> Device:
    """As ``machine``, as the inventory has it."""
    try:
        return find_device(lens, asked)
    except NotFound:
        for device in inventory.devices(lens.conn, inventory.device_ids_named(lens.conn, asked.partition(".")[0])):
            names = (device.name.lower(), dns_name(device).lower())
            if asked.lower() in names and device.end is None and lens.scope.includes(device.group_id):
                return device
        raise NotFound(f"Machine {asked[:64]} was not found") from None


def machine_software(lens: Lens, asked: str) -> Iterator[SoftwareEntity]:
    """Software installed on a device."""
    device = machine_device(lens, asked)
    versions = list(inventory.installation_times(lens.conn, device.id))
    yield from software_of(lens, sorted(set(inventory.software_of(lens.conn, versions).values())))


def machine_vulnerabilities(lens: Lens, asked: str) -> Iterator[Vulnerability]:
    """Vulnerabilities found on a device, by id."""
    device = machine_device(lens, asked)
    away = lens.exceptions.missing_feature
    found = ids_of(lens.view.vulnerabilities_of_device(device.id)).tolist()
    yield from vulnerabilities_of(lens, [one for one in found if away(device.id, one) is None])


def software(lens: Lens) -> Iterator[SoftwareEntity]:
    """Software installed in the scope, in the order of internal ids."""
    ids, installed, _ = lens.view.software_counts(lens.scope)
    yield from software_of(lens, sorted(int(one) for one, count in zip(ids, installed, strict=True) if count))


def one_software(lens: Lens, asked: str) -> SoftwareEntity:
    """One software by ``vendor-_-product``. Raises NotFound."""
    found = list(software_of(lens, [software_id(lens, asked)]))
    return found[0]


def software_id(lens: Lens, asked: str) -> int:
    """Internal id of a software that is installed in the scope. Raises NotFound."""
    found = inventory.software_id_of(lens.conn, asked[:2_100])
    if found is None or not len(lens.view.devices_of_software(found, lens.scope)):
        raise NotFound(f"Software {asked[:100]} was not found")
    return found


def software_machines(lens: Lens, asked: str) -> Iterator[MachineReference]:
    """Devices that have a software installed."""
    yield from references(lens, lens.view.devices_of_software(software_id(lens, asked), lens.scope))


def software_vulnerabilities(lens: Lens, asked: str) -> Iterator[Vulnerability]:
    """Vulnerabilities of the installed versions of a software that apply to a device."""
    found = lens.weaknesses_of_software(software_id(lens, asked))
    yield from vulnerabilities_of(lens, ids_of(found).tolist())


def distributions(lens: Lens, asked: str) -> Iterator[Distribution]:
    """Installed versions of a software, lowest first; platforms of one version are added up."""
    totals: dict[str, tuple[int, set[int]]] = {}
    for version in inventory.versions_of(lens.conn, software_id(lens, asked)):
        installed = len(lens.view.devices_of_version(version.id, lens.scope))
        if installed:
            count, weak = totals.get(version.version, (0, set()))
            weak |= set(lens.exceptions.applying(lens.view, [version.id], lens.counted))
            totals[version.version] = (count + installed, weak)
    for text, (count, weak) in totals.items():
        yield Distribution(version=text, installations=count, vulnerabilities=len(weak))


def vulnerabilities(lens: Lens) -> Iterator[Vulnerability]:
    """Vulnerabilities that some device of the scope has, by id; texts are filled in by ``with_texts``."""
    ids, counts = lens.view.vulnerability_counts(lens.scope)
    away = lens.inapplicable_counts
    exposed = [one for one, count in zip(ids.tolist(), counts.tolist(), strict=True) if count > away.get(one, 0)]
    yield from vulnerabilities_of(lens, exposed)


def vulnerabilities_of(lens: Lens, ids: Iterable[int]) -> Iterator[Vulnerability]:
    """Some vulnerabilities, by internal id, without the texts that need each record to be opened."""
    for chunk in _chunks(sorted(ids)):
        facts = intel.facts(lens.conn, chunk)
        for one in chunk:
            if one in facts:
                yield _vulnerability(lens, facts[one])


def vulnerability(lens: Lens, asked: str) -> Vulnerability:
    """Any vulnerability by any of its names, exposed or not. Raises NotFound."""
    return with_texts(lens, _vulnerability(lens, intel.detail(lens.conn, _vulnerability_id(lens, asked)).facts))


def vulnerability_machines(lens: Lens, asked: str) -> Iterator[MachineReference]:
    """Devices exposed to a vulnerability."""
    found = _vulnerability_id(lens, asked)
    exposed = lens.view.devices_of_vulnerability(found, lens.scope)
    yield from references(lens, exposed - lens.exceptions.inapplicable.devices_of(found))


def with_texts(lens: Lens, entity: Vulnerability) -> Vulnerability:
    """The same with description and exploit addresses, from the merged record."""
    found = intel.find(lens.conn, entity.id)
    if found is None:
        return entity
    record = intel.detail(lens.conn, found)
    links = [one.url for one in record.references if "exploit" in one.kind.lower()]
    return msgspec.structs.replace(entity, description=record.description or entity.description, exploit_uris=links)


def exposure_score(lens: Lens) -> Score:
    """Of the scope; 0 when no device counts, as the contract has no null here."""
    score = scoring.organisation_score(lens.view, lens.scope, excepted=lens.excepted)
    return Score(time=to_iso(lens.now), score=score or 0.0)


def group_scores(lens: Lens) -> Iterator[GroupScore]:
    """One score a device group of the scope that has one."""
    for group in inventory.groups(lens.conn):
        if lens.scope.includes(group.id):
            narrowed = lens.scope.narrowed(frozenset({group.id}))
            score = scoring.organisation_score(lens.view, narrowed, excepted=lens.excepted)
            if score is not None:
                number, name = group_of(lens, group.id)
                yield GroupScore(time=to_iso(lens.now), score=score, rbac_group_name=name, rbac_group_id=number)


def _machine(lens: Lens, device: Device) -> Machine:
    described = device.described
    score = device_score(lens, device.id)
    group_id, group_name = group_of(lens, device.group_id)
    build = described.os.build or ""
    return Machine(
        id=device.public_id,
        computer_dns_name=dns_name(device),
        first_seen=to_iso(device.first_seen_at),
        last_seen=to_iso(device.last_seen_at),
        os_platform=platform_of(device),
        os_version=described.os.version_full or None,
        version=device.os_version,
        os_build=int(build) if re.fullmatch(r"[0-9]{1,15}", build) else None,
        os_processor=processor_of(device),
        os_architecture=_word_size(device.architecture),
        last_ip_address=next((one.ip_address for one in _addresses(described)), ""),
        last_external_ip_address=None,
        ip_addresses=_addresses(described),
        agent_version=device.sensor_version,
        health_status=_HEALTH[health_of(lens, device)],
        onboarding_status=_ONBOARDING[onboarding_of(device)],
        defender_av_status="Unknown",
        device_value=device.device_value,
        risk_score=insights.risk_level(lens, device.id),
        exposure_level=scoring.exposure_level(score),
        rbac_group_id=group_id,
        rbac_group_name=group_name,
        is_aad_joined=None,
        aad_device_id=None,
        machine_tags=lens.tags_of(device.id),
        merged_into_machine_id=_public_id(lens, device.merged_into_id),
        is_potential_duplication=False,
        is_excluded=device.is_excluded,
        exclusion_reason=device.exclusion_reason,
        managed_by="Unknown",
        managed_by_status="Unknown",
        vm_metadata=None,
    )


def _vulnerability(lens: Lens, facts: VulnerabilityFacts) -> Vulnerability:
    level = _EXPLOIT_ORDER.index(facts.exploit_level)
    exposed = lens.view.count_of_vulnerability(facts.id, lens.scope) - lens.inapplicable_counts.get(facts.id, 0)
    return Vulnerability(
        id=facts.name,
        name=facts.name,
        description=facts.title,
        severity=facts.severity,
        cvss_v3=facts.cvss_score,
        cvss_vector=facts.cvss_vector,
        exposed_machines=exposed,
        published_on=iso(facts.published_at),
        updated_on=iso(facts.modified_at),
        first_detected=iso(first_detected_at(lens, facts.id)) if exposed else None,
        public_exploit=level >= _EXPLOIT_ORDER.index("public"),
        exploit_verified=level >= _EXPLOIT_ORDER.index("verified"),
        exploit_in_kit=facts.exploit_level == "kit" or facts.is_used_by_ransomware,
        exploit_types=[],
        exploit_uris=[],
        cve_supportability="Supported" if exposed else "Not Supported",
        epss=facts.epss,
    )


def software_of(lens: Lens, ids: list[int]) -> Iterator[SoftwareEntity]:
    """Some software, in the order given."""
    for chunk in _chunks(ids):
        for row in software_rows(lens, chunk, has_trends=False):
            yield SoftwareEntity(
                id=row.id,
                name=row.name.lower(),
                vendor=row.vendor.lower(),
                weaknesses=row.weaknesses or 0,
                public_exploit=_EXPLOIT_ORDER.index(row.exploit_level) >= _EXPLOIT_ORDER.index("public"),
                active_alert=row.has_active_detection,
                exposed_machines=row.exposed_devices,
                installed_machines=row.installed_devices,
                impact_score=row.impact,
            )


def references(lens: Lens, ids: Iterable[int]) -> Iterator[MachineReference]:
    """Some devices, which must be in the scope, by id."""
    for chunk in _chunks(sorted(ids)):
        for device in inventory.devices(lens.conn, chunk):
            group_id, group_name = group_of(lens, device.group_id)
            yield MachineReference(
                id=device.public_id,
                computer_dns_name=dns_name(device),
                os_platform=platform_of(device),
                rbac_group_name=group_name,
                rbac_group_id=group_id,
            )


def _vulnerability_id(lens: Lens, asked: str) -> int:
    found = intel.find(lens.conn, asked[:200])
    if found is None:
        raise NotFound(f"Vulnerability {asked[:64]} was not found")
    return found


def _public_id(lens: Lens, device_id: int | None) -> str | None:
    device = None if device_id is None else inventory.device(lens.conn, device_id)
    return None if device is None else device.public_id


def group_of(lens: Lens, group_id: int) -> tuple[int, str]:
    """(number, name) of a device group as this API has it; the default group is 0."""
    if group_id == UNGROUPED_ID:
        return 0, NO_GROUP
    return group_id, lens.group_names.get(group_id, NO_GROUP)


def dns_name(device: Device) -> str:
    """Name with domain."""
    has_domain = not device.domain or device.name.lower().endswith(f".{device.domain.lower()}")
    return device.name if has_domain else f"{device.name}.{device.domain}"


def processor_of(device: Device) -> str | None:
    """Architecture in the contract's words; None: not known."""
    return _PROCESSORS.get(device.architecture.lower())


def platform_of(device: Device) -> str:
    """Operating system in the contract's words."""
    known = _PLATFORMS.get(device.os_distribution.lower()) or _PLATFORMS.get(device.os_platform.lower())
    return known or device.os_platform or "Other"


def _word_size(architecture: str) -> str | None:
    lowered = architecture.lower()
    if not lowered:
        return None
    return "64-bit" if "64" in lowered or lowered in ("s390x", "alpha") else "32-bit"


def _addresses(described: DescribedDevice) -> list[IpAddress]:
    return [
        IpAddress(
            ip_address=address.partition("/")[0],
            mac_address=one.mac.replace(":", "").upper(),
            type=None,
            operational_status={"up": "Up", "down": "Down"}.get(one.state.lower(), "Unknown"),
        )
        for one in described.interfaces
        for address in one.addresses
        if not address.startswith(("127.", "::1"))
    ]


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    walking = iter(ids)
    while chunk := list(islice(walking, _CHUNK)):
        yield chunk
