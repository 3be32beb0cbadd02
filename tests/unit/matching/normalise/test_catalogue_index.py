"""weakspot.matching.normalise.catalogue_index."""

from __future__ import annotations

from typing import Any

from weakspot.matching.normalise.catalogue_index import Catalogue, Product
from weakspot.matching.normalise.rules import Rule


def rule(*names: str, product: str = "contoso:ledger", **fields: Any) -> Rule:
    return Rule(product=product, names=names, **fields)


def find(rules: list[Rule], name: str, publisher: str = "", version: str = "1.0", platform: str = "") -> Product | None:
    return Catalogue(rules).find(name, publisher, version, platform)


def test_the_whole_name_must_agree() -> None:
    rules = [rule("ledger")]
    assert find(rules, "Ledger 1.0 (64-bit)") is not None
    for other in ("Ledger Viewer", "My Ledger", "Ledger for Excel", "Ledger-checks", "Ledgers"):
        assert find(rules, other) is None


def test_a_publisher_that_is_given_must_agree() -> None:
    rules = [rule("ledger", by=("contoso",))]
    agreed, unknown = find(rules, "Ledger", "Contoso Ltd."), find(rules, "Ledger")
    assert agreed is not None
    assert unknown is not None
    assert (agreed.confidence, unknown.confidence) == (90, 80)
    assert find(rules, "Ledger", "Fabrikam") is None


def test_a_rule_may_be_for_one_platform_only() -> None:
    rules = [rule("ledger", platforms=("macos",))]
    assert find(rules, "Ledger", platform="macos") is not None
    assert find(rules, "Ledger", platform="windows") is None


def test_the_later_rule_wins() -> None:
    found = find([rule("ledger"), rule("ledger", product="own:ledger")], "Ledger")
    assert found is not None
    assert (found.identities, found.code) == (("own:ledger",), "own-_-ledger")


def versions(name: str, reported: str, **fields: Any) -> str:
    found = find([rule("ledger", "ledger {n} update {n}", "ledger {v} core", **fields)], name, version=reported)
    assert found is not None
    return found.version


def test_where_the_version_comes_from() -> None:
    assert versions("Ledger 2.1", "3.4") == "3.4"
    assert versions("Ledger 2.1", "") == "2.1"
    assert versions("Ledger 2.1", "212.3", version="name") == "2.1"
    assert versions("Ledger 2.1", "2.1.7", version="name") == "2.1.7"
    assert versions("Ledger", "3.4", version="name") == "3.4"
    assert versions("Ledger 2.1.5 core", "99.1", version="name") == "2.1.5"
    assert versions("Ledger 8 Update 202", "8.0.2020.8", version="1.{0}.0 update{1}") == "1.8.0 update202"
    assert versions("Ledger", "3.4", version="none") == ""
    assert versions("Ledger", "7.3.4.2", parts=3) == "7.3.4"


def test_another_numbering_is_not_compared() -> None:
    assert versions("Ledger 2022.2", "222.3345.126", version="name", first=(2010, 2100)) == "2022.2"
    assert versions("Ledger", "222.3345.126", version="name", first=(2010, 2100)) == ""
    assert versions("Ledger", "no number", first=(1, 9)) == ""


def test_names_in_the_vendors_advisories_follow_the_version() -> None:
    found = find([rule("ledger", microsoft=("ledger {0}.{1}",))], "Ledger", version="17.2.5")
    assert found is not None
    assert found.microsoft == ("ledger 17.2",)
