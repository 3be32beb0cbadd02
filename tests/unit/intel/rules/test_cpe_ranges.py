"""CPE configurations: what is vulnerable, and on what it must run."""

from __future__ import annotations

import pytest

from weakspot.intel.contracts import Range
from weakspot.intel.rules.cpe_ranges import Match, from_configuration, ranges
from weakspot.vocabulary import cpe


def match(text: str, **more: object) -> Match:
    padded = "cpe:2.3:" + text + ":*" * (11 - len(text.split(":")))
    return Match(cpe.parse(padded), **more)  # type: ignore[arg-type]


def test_or_gives_a_range_for_each_vulnerable_match() -> None:
    node = [
        match("a:acme:reader", end_excluding="2.0"),
        match("a:acme:reader", start_including="3.0", end_including="3.4"),
    ]
    assert from_configuration([node], is_and=False) == [
        Range("cpe", "acme:reader", "0", "2.0", "fixed"),
        Range("cpe", "acme:reader", "3.0", "3.4", "last_affected"),
    ]


def test_and_keeps_what_it_runs_on() -> None:
    app = [match("a:acme:reader", end_excluding="2.0")]
    system = [match("o:microsoft:windows", is_vulnerable=False), match("o:apple:macos", is_vulnerable=False)]
    (found,) = from_configuration([app, system], is_and=True)
    assert found.running_on == ("microsoft:windows", "apple:macos")


def test_operating_systems_count_before_other_conditions() -> None:
    app = [match("a:acme:plug-in")]
    host = [match("a:acme:editor", is_vulnerable=False)]
    system = [match("o:linux:linux_kernel", is_vulnerable=False)]
    (found,) = from_configuration([app, host, system], is_and=True)
    assert found.running_on == ("linux:linux_kernel",)
    assert found.also_running_on == (("acme:editor",),)


def test_every_condition_of_a_configuration_is_kept_once() -> None:
    app = [match("a:acme:plug-in"), match("a:acme:plug-in:1.0")]
    hosts = [[match(f"a:acme:{name}", is_vulnerable=False)] for name in ("editor", "viewer", "editor")]
    for found in from_configuration([app, *hosts, [match("h:acme:board", is_vulnerable=False)]], is_and=True):
        assert (found.running_on, found.also_running_on) == (("acme:editor",), (("acme:viewer",),))
    assert from_configuration([app, *hosts], is_and=False)[0].running_on is None


def test_single_versions_are_gathered_and_an_excluded_start_is_marked() -> None:
    node = [match("a:acme:reader:1.0"), match("a:acme:reader:1.1:update2"), match("a:acme:reader", start_excluding="5")]
    spans, listed = sorted(from_configuration([node], is_and=False), key=lambda r: r.end_kind)
    assert listed.versions == ("1.0", "1.1 update2")
    assert (spans.introduced, spans.is_introduced_excluded) == ("5", True)


def test_hardware_and_versions_that_do_not_apply_say_nothing_about_software() -> None:
    assert from_configuration([[match("h:acme:router"), match("a:acme:reader:-")]], is_and=False) == []


def test_a_plug_in_is_not_the_program_of_its_name() -> None:
    (found,) = from_configuration([[match("a:acme:forms:*:*:*:*:*:wordpress", end_excluding="2")]], is_and=False)
    assert found.module == "target_sw=wordpress"


@pytest.mark.parametrize("nothing", ["-", "*", ""])
def test_a_bound_that_bounds_nothing_is_none(nothing: str) -> None:
    name = cpe.parse("cpe:2.3:a:vendor:product:*:*:*:*:*:*:*:*")
    (found,) = ranges([Match(name, start_including=nothing, end_including="2.0")])
    assert (found.introduced, found.end, found.end_kind) == ("0", "2.0", "last_affected")
    (found,) = ranges([Match(name, start_including="1.0", end_excluding=nothing)])
    assert (found.introduced, found.end, found.end_kind) == ("1.0", None, "none")
