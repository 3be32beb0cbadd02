"""Reports: what is counted, and that foreign text stays text in both kinds of files."""

from __future__ import annotations

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited
from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import report_files, reports


def test_each_device_counts_once_by_its_worst(fleet: SmallFleet) -> None:
    """spec/features.md 18: "Severity: by its most severe vulnerability"; "Exploit availability: by its highest"."""
    with fleet.world.read() as read:
        made = reports.make(read, EVERYTHING, "vulnerable_devices", "Acme")
    sections = {one.title: dict(one.rows) for one in made.sections if one.is_chart}
    assert sections["By most severe weakness"] == {"Critical": "2", "Medium": "1"}
    assert sections["By highest exploit level"] == {"known exploited": "2", "none": "1"}
    assert sections["By age of the oldest weakness"] == {"up to 30 days": "3"}
    assert sections["By operating system"] == {"debian": "3"}
    assert made.sections[0].paragraphs == ("3 of 3 devices have at least one of 4 weaknesses.",)
    assert made.subtitle.startswith("Acme, all device groups")


def test_a_report_is_about_the_scope(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        made = reports.make(read, fleet.only_office, "vulnerable_devices")
    assert made.sections[0].paragraphs[0].startswith("1 of 1 devices")
    assert "Office" in made.subtitle


def test_the_summary_says_what_to_do_first(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        made = reports.make(read, EVERYTHING, "executive")
    first = next(one for one in made.sections if one.title == "What to do first")
    assert "openssl" in first.rows[0][0].lower()
    assert "exposure score is" in made.sections[0].paragraphs[0]


def test_foreign_text_is_never_markup(world: World) -> None:
    device = world.enrol("<b>evil</b>&\u202e\u4e2d")
    world.know("osv", advisory("CVE-2099-0001", debian("<script>x", fixed="2")))
    world.know("kev", known_exploited("CVE-2099-0001"))
    world.report(device, dpkg("<script>x", "1"))
    with world.read() as read:
        for name in reports.NAMES:
            made = reports.make(read, EVERYTHING, name, "<i>Acme</i>")
            page = report_files.to_html(made).decode()
            assert "<script" not in page
            assert "<i>" not in page
            assert report_files.to_pdf(made).startswith(b"%PDF-")
