"""weakspot.recommendations.service: from reports and advisories to recommendations with exact impacts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg, known_exploited, pypi, python_package
from weakspot import recommendations
from weakspot.intel.contracts import LifecycleRecord
from weakspot.recommendations import Recommendation, catalogue
from weakspot.runtime.clock import DAY, to_iso
from weakspot.scoring import organisation_score

TODAY = "2026-09-21"


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    try:
        yield made
    finally:
        made.close()


def told(world: World, scope: Scope = EVERYTHING) -> dict[str, Recommendation]:
    with world.read() as read:
        known = recommendations.current(read.conn, world.fleet)
        return {one.product.id: one for one in recommendations.recommendations(known, world.fleet.view(), scope, TODAY)}


def impact(world: World, made: Recommendation) -> float:
    with world.read() as read:
        known = recommendations.current(read.conn, world.fleet)
        return recommendations.impact(known, world.fleet.view(), EVERYTHING, made)


def test_packages_of_one_source_are_one_recommendation(world: World) -> None:
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("openssl", fixed="3.0.15-1")))
    world.report(
        device,
        dpkg("libssl3", "3.0.11-1", source="openssl"),
        dpkg("libssl-dev", "3.0.11-1", source="openssl"),
        dpkg("openssl", "3.0.11-1"),
    )
    found = told(world)
    assert list(found) == ["va-_-debian-_-openssl"]
    made = found["va-_-debian-_-openssl"]
    assert (made.title, made.remediation_type) == ("Update openssl to 3.0.15-1", "Update")
    assert len(made.replaced) == 3
    assert len(made.weaknesses) == 1


def test_the_target_has_all_fixes_and_those_of_its_own_weaknesses(world: World) -> None:
    device = world.enrol("web")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="7.2-1")),
        advisory("CVE-2099-2", debian("curl", fixed="7.1-1")),
        advisory("CVE-2099-3", debian("curl", introduced="7.2-1", fixed="7.5-1")),
        advisory("CVE-2099-4", debian("curl", introduced="7.4-1")),
    )
    world.report(device, dpkg("curl", "7.0-1"))
    before = organisation_score(world.fleet, EVERYTHING)
    made = told(world)["va-_-debian-_-curl"]
    assert set(made.targets.values()) == {"7.5-1"}
    assert len(made.weaknesses) == 2
    predicted = impact(world, made)
    world.report(device, dpkg("curl", "7.5-1"))
    after = organisation_score(world.fleet, EVERYTHING)
    assert before is not None
    assert after is not None
    assert after > 0  # the target has a weakness of its own
    assert predicted == pytest.approx(before - after, abs=1e-9)


def test_what_has_no_fix_is_left_out(world: World) -> None:
    """spec/features.md 6.2: "software with no fix does not get an entry here"."""
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", debian("bash", fixed="5.3-1")))
    world.report(device, dpkg("exim4", "4.96-1"), dpkg("bash", "5.2-1"))
    assert list(told(world)) == ["va-_-debian-_-bash"]


def test_exploited_without_a_fix_asks_for_attention_until_there_is_one(world: World) -> None:
    """spec/features.md 6.4 and 15.6: "When a patch ships the recommendation becomes Update with label "New security
    update for zero day"; the zero-day tag is dropped everywhere."
    """
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("exim4")))
    world.know("kev", known_exploited("CVE-2099-1"))
    world.report(device, dpkg("exim4", "4.96-1"))
    made = told(world)["va-_-debian-_-exim4"]
    assert (made.remediation_type, made.tags, made.replaced) == ("AttentionRequired", ("zero_day",), {})
    assert impact(world, made) == 0.0
    world.know("osv", advisory("CVE-2099-1", debian("exim4", fixed="4.97-1")))
    made = told(world)["va-_-debian-_-exim4"]
    assert (made.remediation_type, made.tags) == ("Update", ("zero_day_update",))


def test_what_is_exploited_after_its_fix_is_no_zero_day(world: World) -> None:
    """spec/features.md 15.6, the other way round: a fix that was late, and exploitation that came later still."""
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("exim4")))
    world.report(device, dpkg("exim4", "4.96-1"))
    world.know("osv", advisory("CVE-2099-1", debian("exim4", fixed="4.97-1")))
    late = to_iso(world.clock.at + 3 * DAY)[:10]
    world.know("kev", known_exploited("CVE-2099-1", since=late))
    assert told(world)["va-_-debian-_-exim4"].tags == ()


def test_one_recommendation_for_a_zero_day_and_other_weaknesses(world: World) -> None:
    """spec/features.md 15.4."""
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", debian("exim4", fixed="4.97-1")))
    world.know("kev", known_exploited("CVE-2099-1"))
    world.report(device, dpkg("exim4", "4.96-1"))
    made = told(world)["va-_-debian-_-exim4"]
    assert (made.remediation_type, made.tags, len(made.weaknesses)) == ("Update", ("zero_day",), 1)


def line(cycle: str, *, ends: str, latest: str, released: str) -> LifecycleRecord:
    return LifecycleRecord(product="django", cycle=cycle, security_ends_on=ends, latest=latest, released_on=released,
                           identifiers=("pkg:pypi/django",))  # fmt: skip


def test_end_of_support(world: World) -> None:
    """spec/features.md 16: upgrade while a line is supported, uninstall when none is; announced six months ahead."""
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", pypi("django", fixed="0.1"), pypi_without_fix("django", "1")))
    world.report(device, python_package("Django", "1.11"))
    assert told(world) == {}
    old, new = line("1.11", ends="2020-04-01", latest="1.11.29", released="2017-04-04"), None
    new = line("5.2", ends="2028-04-30", latest="5.2.9", released="2025-04-02")
    world.know("endoflife", old, new)
    made = told(world)["va-_-pypi-_-django"]
    assert (made.remediation_type, made.title, made.tags) == ("Upgrade", "Upgrade Django to 5.2.9", ("eos_versions",))
    world.know("endoflife", old)
    made = told(world)["va-_-pypi-_-django"]
    assert (made.remediation_type, made.title, made.tags) == ("Uninstall", "Uninstall Django", ("eos_software",))
    assert impact(world, made) == pytest.approx(organisation_score(world.fleet, EVERYTHING))


def pypi_without_fix(name: str, introduced: str) -> object:
    from weakspot.intel.contracts import Range

    return Range("PyPI", name, introduced=introduced, end="2", end_kind="last_affected")


def test_a_scope_shows_what_is_installed_there(world: World) -> None:
    servers, office = world.group("Servers"), world.group("Office")
    web, desk = world.enrol("web", group=servers), world.enrol("desk", group=office)
    world.know(
        "osv", advisory("CVE-2099-1", debian("curl", fixed="7.2-1")), advisory("CVE-2099-2", pypi("flask", fixed="3"))
    )
    world.report(web, dpkg("curl", "7.0-1"))
    world.report(desk, python_package("Flask", "2.3"))
    assert list(told(world, Scope(frozenset([servers])))) == ["va-_-debian-_-curl"]
    assert list(told(world, Scope(frozenset([office])))) == ["va-_-pypi-_-flask"]
    assert told(world, Scope(frozenset())) == {}


def test_following_changes_gives_what_reading_everything_gives(world: World) -> None:
    device, other = world.enrol("web"), world.enrol("mail")
    world.know(
        "osv", advisory("CVE-2099-1", debian("curl", fixed="7.2-1")), advisory("CVE-2099-2", debian("bash", fixed="6"))
    )
    world.report(device, dpkg("curl", "7.0-1"))
    told(world)
    world.report(other, dpkg("curl", "7.1-1"), dpkg("bash", "5"))
    world.report(device, dpkg("libcurl4", "7.0-1", source="curl"))
    followed = told(world)
    with world.read() as read:
        fresh = catalogue.read(read.conn, None)
        known = recommendations.current(read.conn, world.fleet)
    assert known.advice == fresh.advice
    assert known.products == fresh.products
    assert set(followed) == {"va-_-debian-_-curl", "va-_-debian-_-bash"}


def test_new_knowledge_is_followed_as_if_all_were_read(world: World) -> None:
    device = world.enrol("web")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="7.2-1")),
        advisory("CVE-2099-2", debian("bash", fixed="6")),
        advisory("CVE-2099-3", debian("zlib")),
        *(advisory(f"CVE-2099-{n}", debian(f"other{n}", fixed="2")) for n in range(10, 16)),
    )
    world.report(
        device, dpkg("curl", "7.0-1"), dpkg("bash", "5"), dpkg("zlib", "1"),
        *(dpkg(f"other{n}", "1") for n in range(10, 16)),
    )  # fmt: skip
    assert told(world)["va-_-debian-_-curl"].targets != {}
    news = [
        ("own", advisory("CVE-2099-4", debian("curl", introduced="7.2-1", fixed="7.5-1"))),  # of the target alone
        ("own", advisory("CVE-2099-5", debian("curl", introduced="7.5-1"))),
        ("kev", known_exploited("CVE-2099-3")),
        ("own", advisory("CVE-2099-6", debian("nowhere", fixed="1"))),
        (
            "endoflife",
            LifecycleRecord(product="zlib", cycle="1", is_ended=True, identifiers=("pkg:deb/debian/zlib",)),
        ),
        ("own", advisory("CVE-2099-2", debian("bash", fixed="7"))),
    ]
    for source, record in news:
        world.know(source, record)
        told(world)
        with world.read() as read:
            known = recommendations.current(read.conn, world.fleet)
            fresh = catalogue.read(read.conn, None)
        assert (known.advice, known.products, known.product_of) == (fresh.advice, fresh.products, fresh.product_of)
        assert known.lifecycle == fresh.lifecycle
        assert fresh.hazards.items() <= known.hazards.items()
    world.epss("2026-09-20", **{"CVE-2099-5": 0.9})
    told(world)
    with world.read() as read:
        known, fresh = recommendations.current(read.conn, world.fleet), catalogue.read(read.conn, None)
    assert known.hazards == fresh.hazards


def test_the_same_change_in_two_products_is_predicted_exactly(world: World) -> None:
    device = world.enrol("web")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="7.2-1"), debian("wget", fixed="2-1")),
        advisory("CVE-2099-2", debian("wget", fixed="2-1")),
    )
    world.report(device, dpkg("curl", "7.0-1"), dpkg("wget", "1-1"))
    found = told(world)
    assert impact(world, found["va-_-debian-_-curl"]) == 0.0  # wget still carries it
    before = organisation_score(world.fleet, EVERYTHING) or 0.0
    predicted = impact(world, found["va-_-debian-_-wget"])
    world.report(device, dpkg("curl", "7.0-1"), dpkg("wget", "2-1"))
    assert predicted == pytest.approx(before - (organisation_score(world.fleet, EVERYTHING) or 0.0), abs=1e-9)


def test_effort_is_by_type_and_devices_unless_given(world: World) -> None:
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="7.2-1")))
    world.report(device, dpkg("curl", "7.0-1"))
    made = told(world)["va-_-debian-_-curl"]
    assert recommendations.action(made, 50).hours == pytest.approx(3.0)
    assert recommendations.action(made, 50, hours=7.5).hours == 7.5
