"""Each intake reads what its product sends: shapes by the products' own documentation, values invented."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot import threats
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import InvalidField
from weakspot.threats.contracts import Observed
from weakspot.threats.intakes import ALL, BY_NAME, base

OCSF = {
    "class_uid": 2004, "activity_id": 1, "severity_id": 5, "status_id": 1, "time": 1790000000000,
    "metadata": {"product": {"name": "Acme EDR"}, "uid": "m-1"},
    "finding_info": {"uid": "f-1", "title": "Web shell", "desc": "After CVE-2021-44228",
                     "attacks": [{"technique": {"uid": "T1190"}, "sub_technique": {"uid": "T1059.004"}}]},
    "device": {"hostname": "web01", "ip": "192.0.2.7", "uid": "a" * 40, "hw_info": {"serial_number": "S-1"}},
    "vulnerabilities": [{"cve": {"uid": "CVE-2022-22965"}}],
    "evidences": [{"process": {"name": "java", "file": {"path": "/opt/app/bin/java"}},
                   "actor": {"user": {"name": "tomcat"}}}],
}  # fmt: skip
WAZUH = {
    "timestamp": "2026-09-21T10:00:00.000+0000", "id": "1790000.1",
    "rule": {"id": "92052", "level": 12, "description": "Shell from a web server (CVE-2021-41773)",
             "mitre": {"id": ["T1505.003"]}, "groups": ["web", "attack"]},
    "agent": {"id": "004", "name": "web01", "ip": "192.0.2.7"},
    "data": {"audit": {"exe": "/usr/sbin/apache2"}, "srcuser": "www-data"},
    "full_log": "type=EXECVE ...",
}  # fmt: skip
FALCO = {
    "uuid": "0f-1", "rule": "Run shell untrusted", "priority": "Critical", "time": "2026-09-21T10:00:00.123456789Z",
    "hostname": "web01", "source": "syscall", "output": "10:00:00 Critical Shell spawned", "tags": ["T1059", "process"],
    "output_fields": {"proc.exepath": "/bin/bash", "proc.pexepath": "/usr/sbin/nginx", "proc.name": "bash",
                      "user.name": "www-data", "fd.name": "10.0.0.1:80->10.0.0.2:5"},
}  # fmt: skip
SIGMA = {
    "rule": {"title": "Exploited print service", "id": "8d5aca11", "level": "high",
             "tags": ["attack.t1547.010", "cve.2021-34527"]},
    "winlog": {"computer_name": "PC-7.example.org", "record_id": 55,
               "event_data": {"Image": "C:\\Windows\\System32\\spoolsv.exe", "User": "SYSTEM",
                              "UtcTime": "2026-09-21 10:00:00.123"}},
}  # fmt: skip
ELASTIC = {
    "_id": "hit-1",
    "_source": {
        "@timestamp": "2026-09-21T10:00:00.000Z", "event": {"kind": "signal"}, "kibana.alert.uuid": "u-1",
        "kibana.alert.rule.name": "Java spawned a shell", "kibana.alert.severity": "critical",
        "kibana.alert.workflow_status": "acknowledged", "kibana.alert.rule.tags": ["CVE-2021-44228"],
        "host": {"name": "web01", "ip": ["192.0.2.7"], "mac": ["02-00-00-00-00-01"]},
        "threat": [{"technique": [{"id": "T1190"}]}],
        "process": {"executable": "/usr/bin/java", "parent": {"executable": "/usr/sbin/tomcat"}},
        "user": {"name": "tomcat"},
    },
}  # fmt: skip
GRAPH = {
    "@odata.type": "#microsoft.graph.security.alert", "id": "da63_1", "title": "Exploitation of CVE-2021-34527",
    "severity": "high", "status": "inProgress", "category": "Exploit", "serviceSource": "microsoftDefenderForEndpoint",
    "mitreTechniques": ["T1068"], "createdDateTime": "2026-09-21T10:00:00Z",
    "evidence": [
        {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "b" * 40,
         "deviceDnsName": "pc-7.example.org", "lastIpAddress": "192.0.2.9"},
        {"@odata.type": "#microsoft.graph.security.processEvidence",
         "imageFile": {"fileName": "spoolsv.exe", "filePath": "C:\\Windows\\System32"},
         "userAccount": {"accountName": "anna"}},
    ],
}  # fmt: skip
CROWDSTRIKE = {
    "metadata": {"eventType": "DetectionSummaryEvent", "eventCreationTime": 1790000000000},
    "event": {"DetectId": "ldt:1:2", "DetectName": "Exploitation", "DetectDescription": "Seen with CVE-2021-1675",
              "SeverityName": "Critical", "ComputerName": "PC-7", "LocalIP": "192.0.2.9", "Technique": "T1068",
              "MACAddress": "02-00-00-00-00-09", "FileName": "spoolsv.exe", "UserName": "anna",
              "FilePath": "\\Device\\HarddiskVolume3\\Windows\\System32"},
}  # fmt: skip
GENERIC = {
    "id": "g-1", "title": "Odd", "severity": "medium", "device": {"name": "web01"},
    "vulnerability": "GHSA-aaaa-bbbb-cccc", "paths": ["/usr/sbin/nginx"], "at": 1790000000,
}  # fmt: skip


def read(name: str, document: dict[str, Any]) -> Observed:
    found = BY_NAME[name].read(document)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("ocsf", OCSF, ("f-1", "Web shell", "High", "new", ("CVE-2022-22965", "CVE-2021-44228"),
                        ("T1190", "T1059.004"), ("/opt/app/bin/java",), "web01", "tomcat")),
        ("wazuh", WAZUH, ("1790000.1", "Shell from a web server (CVE-2021-41773)", "High", "new", ("CVE-2021-41773",),
                          ("T1505.003",), ("/usr/sbin/apache2",), "web01", "www-data")),
        ("falco", FALCO, ("0f-1", "Run shell untrusted", "High", "new", (), ("T1059",),
                          ("/bin/bash", "/usr/sbin/nginx"), "web01", "www-data")),
        ("sigma", SIGMA, (None, "Exploited print service", "High", "new", ("CVE-2021-34527",), ("T1547.010",),
                          ("C:\\Windows\\System32\\spoolsv.exe",), "PC-7.example.org", "SYSTEM")),
        ("elastic", ELASTIC, ("u-1", "Java spawned a shell", "High", "in_progress", ("CVE-2021-44228",), ("T1190",),
                              ("/usr/bin/java", "/usr/sbin/tomcat"), "web01", "tomcat")),
        ("defender", GRAPH, ("da63_1", "Exploitation of CVE-2021-34527", "High", "in_progress", ("CVE-2021-34527",),
                             ("T1068",), ("C:\\Windows\\System32\\spoolsv.exe",), "pc-7.example.org", "anna")),
        ("crowdstrike", CROWDSTRIKE, ("ldt:1:2", "Exploitation", "High", "new", ("CVE-2021-1675",), ("T1068",),
                                      ("\\Device\\HarddiskVolume3\\Windows\\System32\\spoolsv.exe",), "PC-7", "anna")),
        ("generic", GENERIC, ("g-1", "Odd", "Medium", "new", ("GHSA-aaaa-bbbb-cccc",), (), ("/usr/sbin/nginx",),
                              "web01", "")),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_what_is_read(name: str, document: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = read(name, document)
    told = (found.source_id, found.title, found.severity, found.status, found.vulnerabilities, found.techniques,
            found.paths, found.device.names[0], found.user)  # fmt: skip
    assert told[1:] == expected[1:]
    assert expected[0] in (None, found.source_id)
    assert found.first_at is not None
    assert to_iso(found.first_at).startswith("2026-09-21")


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_the_same_event_has_the_same_id(name: str) -> None:
    document = {"ocsf": OCSF, "wazuh": WAZUH, "falco": FALCO, "sigma": SIGMA, "elastic": ELASTIC, "defender": GRAPH,
                "crowdstrike": CROWDSTRIKE, "generic": GENERIC}[name]  # fmt: skip
    assert read(name, document) == read(name, document)
    without = {key: value for key, value in document.items() if key not in ("uuid", "id", "_id")}
    if name in ("falco", "wazuh", "sigma"):  # they make an id where there is none
        assert read(name, without).source_id == read(name, without).source_id != ""


def test_what_is_no_detection_is_left_alone() -> None:
    assert BY_NAME["ocsf"].read({"class_uid": 3002}) is None
    assert BY_NAME["crowdstrike"].read({"metadata": {"eventType": "UserActivityAuditEvent"}}) is None
    assert BY_NAME["elastic"].read({"event": {"kind": "metric"}}) is None
    assert BY_NAME["sigma"].read({"EventID": 1}) is None


def test_what_cannot_be_used_says_what_is_missing() -> None:
    for name, document in (
        ("ocsf", {"class_uid": 2004}),
        ("wazuh", {}),
        ("falco", {}),
        ("defender", {}),
        ("generic", {}),
    ):
        with pytest.raises(InvalidField, match="has no"):
            BY_NAME[name].read(document)


def test_a_closed_finding_is_resolved() -> None:
    assert read("ocsf", {**OCSF, "activity_id": 3}).status == "resolved"
    assert read("wazuh", {**WAZUH, "data": {"vulnerability": {"cve": "CVE-2099-1", "status": "Solved"}}}).status == (
        "resolved"
    )


def test_wrapped_events_are_found() -> None:
    assert len(list(BY_NAME["elastic"].events({"hits": {"hits": [ELASTIC, ELASTIC]}}))) == 2
    assert len(list(BY_NAME["defender"].events({"value": [GRAPH]}))) == 1
    assert len(list(BY_NAME["wazuh"].events([WAZUH, WAZUH]))) == 2
    assert list(BY_NAME["falco"].events(FALCO)) == [FALCO]


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-09-21T10:00:00Z", "2026-09-21T10:00:00"), ("2026-09-21 10:00:00.123", "2026-09-21T10:00:00"),
        ("2026-09-21T12:00:00 +0200", "2026-09-21T10:00:00"), (1790000000, "2026-09-21T14:13:20"),
        (1790000000000, "2026-09-21T14:13:20"), ("1790000000.5", "2026-09-21T14:13:20"),
        (1790000000000000000, "2026-09-21T14:13:20"), ("soon", None), (7, None), (True, None), ([], None),
    ],
)  # fmt: skip
def test_times_of_many_kinds(written: Any, iso: str | None) -> None:
    found = base.to_moment(written)
    assert (None if found is None else to_iso(found)[:19]) == iso


def test_foreign_text_is_cut_and_cannot_turn_around() -> None:
    found = read("generic", {"id": "x", "title": "a\x00b\u202ec" + "d" * 5000, "paths": ["/a"] * 500})
    assert found.title.startswith("a b c")
    assert len(found.title) == base.MAX_NAME
    assert len(found.paths) == 1


KEYS = (
    "id", "title", "rule", "event", "device", "evidence", "class_uid", "data", "name", "finding_info", "uid", "agent",
    "metadata", "timestamp",
)  # fmt: skip
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@given(document=json, name=st.sampled_from(sorted(BY_NAME)))
def test_nothing_foreign_breaks_an_intake(document: Any, name: str) -> None:
    found = threats.read_events(BY_NAME[name], document)
    for _, observed in found.observed:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(observed), type=Observed) == observed


def test_every_intake_is_described() -> None:
    assert len({one.name for one in ALL}) == len(ALL) == 8
    assert all(one.title and one.specification for one in ALL)
