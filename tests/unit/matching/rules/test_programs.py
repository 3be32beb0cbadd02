"""weakspot.matching.rules.programs."""

from __future__ import annotations

from tests.unit.matching.support import claim, software_version
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.rules import programs
from weakspot.matching.rules.identities import candidates, reason_without


def program(name: str, version: str, vendor: str = "", kind: str = "windows_program") -> SoftwareVersion:
    return software_version(
        type=kind, name=name, version=version, vendor=vendor, source_name="", source_version="", platform=""
    )


def test_a_known_program_has_its_cpe_names_and_the_vendors_own() -> None:
    found = candidates(program("Microsoft Edge", "111.0.1661.41", "Microsoft Corporation"))
    assert [(c.ecosystem, c.name, c.confidence) for c in found] == [
        ("cpe", "microsoft:edge_chromium", 90),
        ("microsoft", "microsoft edge (chromium-based)", 95),
    ]
    assert [c.module for c in found] == ["target_sw=windows;branch=1", "branch=1"]


def test_an_edition_narrows_only_the_name_that_it_shares() -> None:
    found = candidates(program("Mozilla Firefox ESR (x64 en-US)", "115.0.2", "Mozilla"))
    assert [(c.name, c.module) for c in found] == [
        ("mozilla:firefox", "sw_edition=esr;target_sw=windows"),
        ("mozilla:firefox_esr", "target_sw=windows"),
    ]


def test_unknown_software_says_that_it_has_no_product_code() -> None:
    for item in (program("Contoso Ledger", "1.0"), program("php-checks", "2.1"), program("Contoso Ledger", "")):
        assert candidates(item) == []
        assert "no product code" in reason_without(item)


def test_a_product_whose_version_says_nothing_is_not_assessed() -> None:
    item = program("Microsoft Office Professional Plus 2016", "16.0.4266.1001", "Microsoft Corporation")
    assert candidates(item) == []
    assert "microsoft-_-office" in reason_without(item)


def test_names_in_microsofts_advisories_follow_the_version_and_the_system() -> None:
    def named(*told: str, **more: str) -> set[str]:
        return {c.name for c in candidates(program(*told, **more)) if c.ecosystem == "microsoft"}

    runtime = named("Microsoft .NET Runtime - 8.0.6 (x64)", "64.24.7046", "Microsoft Corporation")
    assert runtime == {".net 8.0", ".net 8.0 installed on windows"}
    assert "powershell 7.5 installed on windows" in named("PowerShell 7-x64", "7.5.0.0", "Microsoft Corporation")
    assert named("PowerShell", "7.5.0", "", kind="macos_app") == {"powershell 7.5"}
    office = named("Microsoft Office LTSC Professional Plus 2021 - en-us", "16.0.14332.20447", "Microsoft Corporation")
    assert office == {f"microsoft office ltsc 2021 for {bits}-bit editions" for bits in (32, 64)}


def test_a_program_of_a_channel_is_not_assessed_before_a_source_names_a_build_of_it() -> None:
    found = candidates(program("Microsoft 365 Apps for enterprise - de-de", "16.0.17328.20162", "Microsoft"))
    apps = "microsoft 365 apps for enterprise for 64-bit systems"
    other = claim("generic", ecosystem="microsoft", name=apps, fixed="16.0.17425.20200")
    own = claim("generic", ecosystem="microsoft", name=apps, fixed="16.0.17328.20200")
    assert programs.reason_of_channel(found, {}).endswith("of microsoft-_-365_apps in its channel 16.0.17328")
    assert programs.reason_of_channel(found, {("microsoft", apps): [other]})
    assert programs.reason_of_channel(found, {("microsoft", apps): [other, own]}) == ""
    assert programs.reason_of_channel(candidates(program("VLC media player", "3.0.18")), {}) == ""


def test_a_guess_is_an_identity_of_less_confidence_and_none_when_no_source_names_it() -> None:
    found = candidates(program("Contoso Ledger", "1.0", "Contoso Ltd."))
    assert {c.confidence for c in found} == {60}
    assert programs.reason_unnamed(found) == "no product code is known for it"
    known = candidates(program("VLC media player", "3.0.18"))
    assert programs.reason_unnamed(known) == "no loaded source describes videolan-_-vlc_media_player"
    assert programs.reason_unnamed(candidates(software_version())) == ""
