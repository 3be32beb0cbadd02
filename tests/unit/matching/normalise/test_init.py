"""weakspot.matching.normalise: the built-in catalogue and the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from weakspot.matching import normalise
from weakspot.runtime.errors import InputError
from weakspot.vocabulary import versions


@pytest.fixture
def own_rules(tmp_path: Path) -> Iterator[Path]:
    """A folder for rules of the user's own, which are taken away again."""
    yield tmp_path
    normalise.use_folder(None)


def told(name: str, version: str, publisher: str = "", kind: str = "windows_program") -> tuple[str, str] | None:
    found = normalise.identify(name, publisher, version, kind)
    return None if found is None else (found.identities[0], found.version)


@pytest.mark.parametrize(
    ("name", "version", "publisher", "product", "compared"),
    [
        ("Mozilla Firefox (x64 en-US)", "115.0.2", "Mozilla", "mozilla:firefox", "115.0.2"),
        ("7-Zip 19.00 (x64)", "19.00", "Igor Pavlov", "7-zip:7-zip", "19.00"),
        ("Java 8 Update 202 (64-bit)", "8.0.2020.8", "Oracle Corporation", "oracle:jre", "1.8.0 update202"),
        ("Java SE Development Kit 8 Update 181", "8.0.1810.13", "Oracle", "oracle:jdk", "1.8.0 update181"),
        ("Microsoft .NET Runtime - 6.0.6 (x64)", "48.27.42327", "Microsoft Corporation", "microsoft:.net", "6.0.6"),
        ("Python 3.10.6 (64-bit)", "3.10.6150.0", "Python Software Foundation", "python:python", "3.10.6"),
        ("Adobe Acrobat Reader DC - Deutsch", "21.001.20135", "Adobe", "adobe:acrobat_reader_dc", "21.001.20135"),
        ("Adobe Reader XI (11.0.23) - Français", "11.0.23", "Adobe", "adobe:acrobat_reader", "11.0.23"),
        ("Adobe Acrobat DC (64-bit)", "22.001.20169", "Adobe", "adobe:acrobat_dc", "22.001.20169"),
        ("PuTTY release 0.76 (64-bit)", "0.76.0.0", "Simon Tatham", "putty:putty", "0.76.0.0"),
        ("Notepad++ (64-bit x64)", "8.4.1", "Notepad++ Team", "notepad-plus-plus:notepad++", "8.4.1"),
        ("IntelliJ IDEA 2023.1.2", "231.9011.34", "JetBrains s.r.o.", "jetbrains:intellij_idea", "2023.1.2"),
        ("Visual Studio Community 2022", "17.2.5", "Microsoft", "microsoft:visual_studio_2022", "17.2.5"),
        ("WinRAR 6.02 (64-bit)", "6.02.0", "win.rar GmbH", "rarlab:winrar", "6.02.0"),
        ("OpenSSL 1.1.1k Light (64-bit)", "", "OpenSSL Win64 Installer Team", "openssl:openssl", "1.1.1k"),
    ],
)
def test_common_programs_are_known(name: str, version: str, publisher: str, product: str, compared: str) -> None:
    assert told(name, version, publisher) == (product, compared)


@pytest.mark.parametrize(
    "name",
    [
        "php-checks", "Mozilla Firefox Language Pack", "Mozilla Maintenance Service", "Google Update Helper",
        "Microsoft Edge WebView2 Runtime", "Microsoft Edge Update",
        "Microsoft Visual C++ 2015-2022 Redistributable (x64)",
        "Python Launcher", "Python 3.10.6 Documentation (64-bit)", "Microsoft .NET Host FX Resolver - 6.0.6 (x64)",
        "Microsoft Teams Meeting Add-in for Microsoft Office", "Oracle VM VirtualBox Guest Additions 7.0.20",
        "PowerShell Universal", "MATLAB Runtime", "Java Auto Updater", "Git Credential Manager", "VLC Skins",
        "Microsoft Visual Studio Code Insiders (User)", "Zoom Outlook Plugin", "Wireshark SDK", "Node.js Tools",
        "Windows SDK", "Docker Desktop Extension", "Notepad++ Plugins", "Google Chrome Frame",
    ],
)  # fmt: skip
def test_what_merely_contains_a_products_name_is_not_that_product(name: str) -> None:
    assert told(name, "1.0") is None


def test_another_publishers_program_of_the_same_name_is_not_the_product() -> None:
    found = normalise.identify("Signal", "Acme Traffic Lights", "1.0", "windows_program")
    assert found is None or found.method == normalise.METHOD


def test_each_catalogued_version_is_one_that_can_be_compared() -> None:
    for name, version in (("Java 8 Update 202", ""), ("Zoom", "5.10.4 (5035)"), ("Google Chrome", "111.0.5563.65")):
        found = told(name, version)
        assert found is not None
        assert versions.is_comparable(versions.key("generic", found[1]))


def test_a_server_whose_updates_leave_its_version_in_the_registry_compares_with_nothing() -> None:
    assert told("SQL Server 2019 Database Engine Services", "15.0.2000.5") == ("microsoft:sql_server_2019", "")
    found = told("Microsoft SQL Server 2019 LocalDB ", "15.0.4153.1")
    assert found == ("microsoft:sql_server_2019", "15.0.4153.1")


def test_the_catalogue_covers_what_is_common() -> None:
    assert normalise.catalogue().size >= 250


def test_the_users_own_rules_win_and_can_be_taken_away(own_rules: Path) -> None:
    (own_rules / "own.yaml").write_text("- {product: own:git, names: [git, contoso ledger]}\n", encoding="utf-8")
    normalise.use_folder(own_rules)
    assert told("Contoso Ledger", "1.0") == ("own:git", "1.0")
    assert told("Git", "2.40.0") == ("own:git", "2.40.0")
    normalise.use_folder(None)
    assert told("Git", "2.40.0") == ("git-scm:git", "2.40.0")
    normalise.use_folder(own_rules / "absent")
    assert told("Git", "2.40.0") == ("git-scm:git", "2.40.0")


def test_a_wrong_rule_of_the_users_is_refused_and_changes_nothing(own_rules: Path) -> None:
    (own_rules / "own.yaml").write_text("- {product: wrong, names: [git]}\n", encoding="utf-8")
    with pytest.raises(InputError):
        normalise.use_folder(own_rules)
    assert told("Git", "2.40.0") == ("git-scm:git", "2.40.0")


def test_the_platform_follows_from_the_type() -> None:
    assert normalise.platform_of_type("windows_program") == "windows"
    assert normalise.platform_of_type("macos_app") == "macos"
    assert normalise.platform_of_type("program") == ""
