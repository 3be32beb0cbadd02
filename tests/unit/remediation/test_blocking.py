"""Block lists: well-formed whatever the names are (spec/features.md 8)."""

from __future__ import annotations

import csv
import io
import json
import plistlib
import re

import defusedxml.ElementTree as ElementTree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weakspot.remediation import blocking
from weakspot.remediation.blocking import BlockedVersion, BlockList

DIGEST = "a" * 64
HOSTILE = "Evil\" /><Allow Path='*'/> & \r\n{{x}} $(id) =1+1"
NORMAL = BlockedVersion(
    publisher="O=EXAMPLE CORP", product="Example", version="1.2.3",
    paths=("C:\\Program Files\\Example\\e.exe", "/usr/bin/example", "/opt/with blank/e", "C:\\x\\*.exe"),
)  # fmt: skip


def listed(*versions: BlockedVersion, **fields: object) -> BlockList:
    return BlockList(title="Example: vulnerable versions", mitigation="Block", versions=versions, **fields)  # type: ignore[arg-type]


def test_applocker_denies_old_versions_and_allows_all_else() -> None:
    root = ElementTree.fromstring(blocking.applocker(listed(NORMAL)))
    actions = [one.get("Action") for one in root.iter() if one.get("Action")]
    assert actions == ["Allow", "Deny", "Deny"]
    (found,) = root.iter("BinaryVersionRange")
    assert (found.get("LowSection"), found.get("HighSection")) == ("*", "1.2.3.0")
    assert root[0].get("EnforcementMode") == "Enabled"
    warned = BlockList(title="x", mitigation="Warn", versions=(NORMAL,))
    assert ElementTree.fromstring(blocking.applocker(warned))[0].get("EnforcementMode") == "AuditOnly"


def test_wdac_refers_to_every_rule_once() -> None:
    root = ElementTree.fromstring(blocking.wdac(listed(NORMAL, sha256=(DIGEST, "no hash"))).encode())
    name = "{urn:schemas-microsoft-com:sipolicy}"
    denied = [one.get("ID") for one in root.iter(f"{name}Deny")]
    assert len(denied) == 2
    assert [one.get("RuleID") for one in root.iter(f"{name}FileRuleRef")] == ["ID_ALLOW_ALL", *denied]


def test_fapolicyd_leaves_out_what_a_rule_cannot_say() -> None:
    text = blocking.fapolicyd(listed(NORMAL, sha256=(DIGEST.upper(),)))
    assert "deny_audit perm=execute all : path=/usr/bin/example" in text
    assert f"deny_audit perm=execute all : sha256hash={DIGEST}" in text
    assert "with blank" not in text
    assert "# 1 paths cannot be written" in text


def test_santa_matches_the_paths_alone() -> None:
    document = json.loads(blocking.santa(listed(NORMAL, sha256=(DIGEST,), message="Update it")))
    assert document["rules"] == [
        {"rule_type": "BINARY", "policy": "BLOCKLIST", "identifier": DIGEST, "custom_msg": "Update it"}
    ]
    pattern = plistlib.loads(document["configuration_profile"].encode())["BlockedPathRegex"]
    assert re.match(pattern, "/usr/bin/example")
    assert not re.match(pattern, "/usr/bin/example2")


def test_indicators_are_rows() -> None:
    rows = list(csv.DictReader(io.StringIO(blocking.ioc_csv(listed(NORMAL, sha256=(DIGEST,))))))
    assert [(one["type"], one["action"]) for one in rows] == [("sha256", "prevent")] + [("path", "prevent")] * 3


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.2.3", "1.2.3.0"), ("10.0.19041.1-rc2", "10.0.19041.1"), ("70000.1", None), ("x", None)],
)
def test_versions_as_windows_has_them(version: str, expected: str | None) -> None:
    assert blocking.four_part(version) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_hostile_names_change_no_structure(name: str, path: str) -> None:
    for text in (name, HOSTILE):
        one = BlockedVersion(publisher=text, product=text, version="1", paths=(f"C:\\{path}", f"/{path}", f"/{text}"))
        given_ = BlockList(title=text, mitigation="Block", versions=(one,), message=text)
        rules = [each.tag for each in ElementTree.fromstring(blocking.applocker(given_)).iter("FilePublisherRule")]
        assert len(rules) == (1 if text else 0)
        ElementTree.fromstring(blocking.wdac(given_).encode())
        json.loads(blocking.santa(given_))
        for line in blocking.fapolicyd(given_).splitlines():
            assert re.fullmatch(r"#.*|deny_audit perm=execute all : path=/[^\s\"'=:,]+|", line)
        assert all(len(row) == 6 for row in csv.reader(io.StringIO(blocking.ioc_csv(given_))))
