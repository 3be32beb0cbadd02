"""weakspot.matching.normalise.guess."""

from __future__ import annotations

import pytest

from weakspot.matching.normalise.guess import MAX_GUESSES, guesses


def test_name_and_publisher_together_give_identities() -> None:
    assert guesses("Contoso Ledger 2.1 (64-bit)", "Contoso Ltd.", "2.1.0") == [
        "contoso:ledger",
        "contoso:contoso_ledger",
    ]
    assert guesses("Wireshark", "The Wireshark developer community", "4.0")[0] == "wireshark:wireshark"


@pytest.mark.parametrize(
    ("name", "publisher", "version"),
    [
        ("Contoso Ledger", "", "1.0"),
        ("Contoso Ledger", "Contoso", ""),
        ("Contoso Ledger Language Pack", "Contoso", "1.0"),
        ("Contoso Ledger for Excel", "Contoso", "1.0"),
        ("Contoso Ledger Plug-in", "Contoso", "1.0"),
        ("Contoso Ledger SDK", "Contoso", "1.0"),
        ("Contoso Update Helper", "Contoso", "1.0"),
        ("Google 日本語入力", "Google LLC", "2.28"),
        ("LM", "Contoso", "1.0"),
        ("Contoso: Ledger", "Contoso", "1.0"),
        ("Contoso Ledger", "Inc.", "1.0"),
    ],
)
def test_nothing_is_guessed_from_less(name: str, publisher: str, version: str) -> None:
    assert guesses(name, publisher, version) == []


def test_the_number_of_guesses_is_bounded() -> None:
    assert len(guesses("alpha beta gamma", "alpha beta gamma delta epsilon", "1")) <= MAX_GUESSES
