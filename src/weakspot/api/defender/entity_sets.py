"""The collections and entities of the compatible API, as data. ``SETS`` and ``ENTITIES`` are the lists to add to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from weakspot.access import Permission
from weakspot.api.defender.filters import Kind
from weakspot.queries import (
    defender,
    defender_alerts,
    defender_baselines,
    defender_recommendations,
    defender_remediation,
    defender_updates,
)
from weakspot.queries.lens import Lens

PAGE = 10_000
VULNERABILITY_PAGE = 8_000

_MACHINE: Mapping[str, Kind] = {
    "computerDnsName": "word",
    "id": "word",
    "version": "word",
    "deviceValue": "word",
    "aadDeviceId": "word",
    "machineTags": "list",
    "lastSeen": "time",
    "exposureLevel": "word",
    "onboardingStatus": "word",
    "lastIpAddress": "word",
    "healthStatus": "word",
    "osPlatform": "word",
    "riskScore": "word",
    "rbacGroupId": "number",
}
_REFERENCE: Mapping[str, Kind] = {
    "id": "word",
    "computerDnsName": "word",
    "osPlatform": "word",
    "rbacGroupName": "word",
}
_SOFTWARE: Mapping[str, Kind] = {"id": "word", "name": "word", "vendor": "word"}
_DISTRIBUTION: Mapping[str, Kind] = {"version": "word", "installations": "number", "vulnerabilities": "number"}
_VULNERABILITY: Mapping[str, Kind] = {
    "id": "word",
    "name": "word",
    "description": "word",
    "cvssV3": "number",
    "publishedOn": "time",
    "severity": "word",
    "updatedOn": "time",
}
_RECOMMENDATION: Mapping[str, Kind] = {
    "id": "word",
    "productName": "word",
    "vendor": "word",
    "recommendedVersion": "word",
    "recommendationCategory": "word",
    "subCategory": "word",
    "severityScore": "number",
    "remediationType": "word",
    "recommendedProgram": "word",
    "recommendedVendor": "word",
    "status": "word",
}
_TASK: Mapping[str, Kind] = {"createdOn": "time", "status": "word"}
_FIX: Mapping[str, Kind] = {"id": "word", "name": "word", "cveAddressed": "number"}
_ALERT: Mapping[str, Kind] = {
    "id": "word",
    "alertCreationTime": "time",
    "lastUpdateTime": "time",
    "lastEventTime": "time",
    "incidentId": "number",
    "investigationId": "number",
    "assignedTo": "word",
    "detectionSource": "word",
    "status": "word",
    "severity": "word",
    "category": "word",
}
_PROFILE: Mapping[str, Kind] = {
    "id": "word",
    "name": "word",
    "operatingSystem": "word",
    "operatingSystemVersion": "word",
    "status": "boolean",
    "settingsNumber": "number",
    "passedDevices": "number",
    "totalDevices": "number",
}
_CONFIGURATION: Mapping[str, Kind] = {"id": "word", "category": "word", "name": "word", "cce": "word"}
_GROUP_SCORE: Mapping[str, Kind] = {"score": "number", "rbacGroupName": "word", "rbacGroupId": "number"}


class EntitySet(msgspec.Struct, frozen=True, kw_only=True):
    """One collection: where it is, what it holds, and what it can be filtered by."""

    path: str
    id: str
    summary: str
    permission: str
    context: str
    entity: type[defender.Entity]
    properties: Mapping[str, Kind]
    rows: Callable[[Lens, str], Iterable[defender.Entity]]
    maximum: int = PAGE


class SingleEntity(msgspec.Struct, frozen=True, kw_only=True):
    """One entity by its id."""

    path: str
    id: str
    summary: str
    permission: str
    context: str
    entity: type[defender.Entity]
    show: Callable[[Lens, str], defender.Entity]


SETS = (
    EntitySet(
        path="/machines",
        id="compatibleMachines",
        summary="Devices",
        permission=Permission.MACHINE_READ,
        context="Machines",
        entity=defender.Machine,
        properties=_MACHINE,
        rows=lambda lens, _: defender.machines(lens),
    ),
    EntitySet(
        path="/machines/{id:str}/software",
        id="compatibleMachineSoftware",
        summary="Software on a device",
        permission=Permission.SOFTWARE_READ,
        context="Software",
        entity=defender.SoftwareEntity,
        properties=_SOFTWARE,
        rows=defender.machine_software,
    ),
    EntitySet(
        path="/machines/{id:str}/vulnerabilities",
        id="compatibleMachineVulnerabilities",
        summary="Vulnerabilities of a device",
        permission=Permission.VULNERABILITY_READ,
        context="Vulnerabilities",
        entity=defender.Vulnerability,
        properties=_VULNERABILITY,
        rows=defender.machine_vulnerabilities,
    ),
    EntitySet(
        path="/machines/{id:str}/getmissingkbs",
        id="compatibleMachineMissingUpdates",
        summary="Microsoft updates that a device lacks",
        permission=Permission.SOFTWARE_READ,
        context="Collection(Analytics.Contracts.PublicAPI.PublicProductFixDto)",
        entity=defender_updates.Fix,
        properties=_FIX,
        rows=defender_updates.missing_updates,
    ),
    EntitySet(
        path="/Software",
        id="compatibleSoftware",
        summary="Software of the fleet",
        permission=Permission.SOFTWARE_READ,
        context="Software",
        entity=defender.SoftwareEntity,
        properties=_SOFTWARE,
        rows=lambda lens, _: defender.software(lens),
    ),
    EntitySet(
        path="/Software/{id:str}/getmissingkbs",
        id="compatibleSoftwareMissingUpdates",
        summary="Microsoft updates that devices with a software lack",
        permission=Permission.SOFTWARE_READ,
        context="Collection(Analytics.Contracts.PublicAPI.PublicProductFixDto)",
        entity=defender_updates.Fix,
        properties=_FIX,
        rows=defender_updates.software_missing_updates,
    ),
    EntitySet(
        path="/Software/{id:str}/distributions",
        id="compatibleSoftwareDistributions",
        summary="Installed versions of a software",
        permission=Permission.SOFTWARE_READ,
        context="Distributions",
        entity=defender.Distribution,
        properties=_DISTRIBUTION,
        rows=defender.distributions,
    ),
    EntitySet(
        path="/Software/{id:str}/machineReferences",
        id="compatibleSoftwareMachines",
        summary="Devices with a software",
        permission=Permission.SOFTWARE_READ,
        context="MachineReferences",
        entity=defender.MachineReference,
        properties=_REFERENCE,
        rows=defender.software_machines,
    ),
    EntitySet(
        path="/Software/{id:str}/vulnerabilities",
        id="compatibleSoftwareVulnerabilities",
        summary="Vulnerabilities of a software",
        permission=Permission.VULNERABILITY_READ,
        context="Collection(Analytics.Contracts.PublicAPI.PublicVulnerabilityDto)",
        entity=defender.Vulnerability,
        properties=_VULNERABILITY,
        rows=defender.software_vulnerabilities,
    ),
    EntitySet(
        path="/vulnerabilities",
        id="compatibleVulnerabilities",
        summary="Vulnerabilities of the fleet",
        permission=Permission.VULNERABILITY_READ,
        context="Vulnerabilities",
        entity=defender.Vulnerability,
        properties=_VULNERABILITY,
        rows=lambda lens, _: defender.vulnerabilities(lens),
        maximum=VULNERABILITY_PAGE,
    ),
    EntitySet(
        path="/vulnerabilities/{id:str}/machineReferences",
        id="compatibleVulnerabilityMachines",
        summary="Devices exposed to a vulnerability",
        permission=Permission.VULNERABILITY_READ,
        context="MachineReferences",
        entity=defender.MachineReference,
        properties=_REFERENCE,
        rows=defender.vulnerability_machines,
    ),
    EntitySet(
        path="/recommendations",
        id="compatibleRecommendations",
        summary="What can be done",
        permission=Permission.RECOMMENDATION_READ,
        context="Recommendations",
        entity=defender_recommendations.RecommendationEntity,
        properties=_RECOMMENDATION,
        rows=lambda lens, _: defender_recommendations.recommendations(lens),
    ),
    EntitySet(
        path="/remediationTasks",
        id="compatibleRemediationTasks",
        summary="Remediation activities",
        permission=Permission.REMEDIATION_READ,
        context="RemediationTasks",
        entity=defender_remediation.RemediationTask,
        properties=_TASK,
        rows=lambda lens, _: defender_remediation.tasks(lens),
    ),
    EntitySet(
        path="/remediationTasks/{id:str}/machineReferences",
        id="compatibleRemediationTaskMachines",
        summary="Devices of a remediation activity that are still exposed",
        permission=Permission.REMEDIATION_READ,
        context="MachineReferences",
        entity=defender.MachineReference,
        properties=_REFERENCE,
        rows=defender_remediation.machines,
    ),
    EntitySet(
        path="/recommendations/{id:str}/machineReferences",
        id="compatibleRecommendationMachines",
        summary="Devices that a recommendation is for",
        permission=Permission.RECOMMENDATION_READ,
        context="MachineReferences",
        entity=defender.MachineReference,
        properties=_REFERENCE,
        rows=defender_recommendations.machines,
    ),
    EntitySet(
        path="/recommendations/{id:str}/vulnerabilities",
        id="compatibleRecommendationVulnerabilities",
        summary="Vulnerabilities that a recommendation takes away",
        permission=Permission.RECOMMENDATION_READ,
        context="Collection(Analytics.Contracts.PublicAPI.PublicVulnerabilityDto)",
        entity=defender.Vulnerability,
        properties=_VULNERABILITY,
        rows=defender_recommendations.vulnerabilities,
    ),
    EntitySet(
        path="/alerts",
        id="compatibleAlerts",
        summary="Detections",
        permission=Permission.ALERT_READ,
        context="Alerts",
        entity=defender_alerts.Alert,
        properties=_ALERT,
        rows=lambda lens, _: defender_alerts.listed(lens),
    ),
    EntitySet(
        path="/baselineProfiles",
        id="compatibleBaselineProfiles",
        summary="Baseline profiles",
        permission=Permission.BASELINES_READ,
        context="Collection(microsoft.windowsDefenderATP.api.PublicBaselineProfileDto)",
        entity=defender_baselines.BaselineProfile,
        properties=_PROFILE,
        rows=lambda lens, _: defender_baselines.profiles(lens),
    ),
    EntitySet(
        path="/baselineConfigurations",
        id="compatibleBaselineConfigurations",
        summary="Checks of the enabled baseline profiles",
        permission=Permission.BASELINES_READ,
        context="BaselineConfigurations",
        entity=defender_baselines.BaselineConfiguration,
        properties=_CONFIGURATION,
        rows=lambda lens, _: defender_baselines.configurations(lens),
    ),
    EntitySet(
        path="/exposureScore/ByMachineGroups",
        id="compatibleGroupScores",
        summary="Exposure score of each device group",
        permission=Permission.SCORE_READ,
        context="ExposureScore",
        entity=defender.GroupScore,
        properties=_GROUP_SCORE,
        rows=lambda lens, _: defender.group_scores(lens),
    ),
)
ENTITIES = (
    SingleEntity(
        path="/remediationTasks/{id:str}",
        id="compatibleRemediationTask",
        summary="One remediation activity",
        permission=Permission.REMEDIATION_READ,
        context="RemediationTasks",
        entity=defender_remediation.RemediationTask,
        show=defender_remediation.task,
    ),
    SingleEntity(
        path="/machines/{id:str}",
        id="compatibleMachine",
        summary="One device, by id or name",
        permission=Permission.MACHINE_READ,
        context="Machines",
        entity=defender.Machine,
        show=defender.machine,
    ),
    SingleEntity(
        path="/Software/{id:str}",
        id="compatibleOneSoftware",
        summary="One software",
        permission=Permission.SOFTWARE_READ,
        context="Software",
        entity=defender.SoftwareEntity,
        show=defender.one_software,
    ),
    SingleEntity(
        path="/vulnerabilities/{id:str}",
        id="compatibleVulnerability",
        summary="One vulnerability",
        permission=Permission.VULNERABILITY_READ,
        context="Vulnerabilities",
        entity=defender.Vulnerability,
        show=defender.vulnerability,
    ),
    SingleEntity(
        path="/recommendations/{id:str}",
        id="compatibleRecommendation",
        summary="One recommendation",
        permission=Permission.RECOMMENDATION_READ,
        context="Recommendations",
        entity=defender_recommendations.RecommendationEntity,
        show=defender_recommendations.recommendation,
    ),
    SingleEntity(
        path="/recommendations/{id:str}/software",
        id="compatibleRecommendationSoftware",
        summary="The software that a recommendation is about",
        permission=Permission.RECOMMENDATION_READ,
        context="Software",
        entity=defender.SoftwareEntity,
        show=defender_recommendations.software,
    ),
    SingleEntity(
        path="/alerts/{id:str}",
        id="compatibleAlert",
        summary="One detection, with its evidence",
        permission=Permission.ALERT_READ,
        context="Alerts",
        entity=defender_alerts.Alert,
        show=defender_alerts.alert,
    ),
    SingleEntity(
        path="/exposureScore",
        id="compatibleExposureScore",
        summary="Exposure score now",
        permission=Permission.SCORE_READ,
        context="ExposureScore",
        entity=defender.Score,
        show=lambda lens, _: defender.exposure_score(lens),
    ),
    SingleEntity(
        path="/configurationScore",
        id="compatibleConfigurationScore",
        summary="Points of the secure score now",
        permission=Permission.SCORE_READ,
        context="ConfigurationScore",
        entity=defender.Score,
        show=lambda lens, _: defender_recommendations.configuration_score(lens),
    ),
)
