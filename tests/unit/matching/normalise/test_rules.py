"""weakspot.matching.normalise.rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from weakspot.matching.normalise.rules import MAX_FILE_BYTES, read_file
from weakspot.runtime.errors import InputError


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "- {product: contoso:ledger, names: [contoso ledger, 'ledger {n}'], by: [contoso]}\n")
    (rule,) = read_file(path)
    assert (rule.product, rule.names, rule.by) == ("contoso:ledger", ("contoso ledger", "ledger {n}"), ("contoso",))


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    assert list(read_file(written(tmp_path, "# nothing yet\n"))) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- {product: ledger, names: [ledger]}", "rule 1: 'ledger' is not vendor:product"),
        ("- {product: a:b, names: [Ledger]}", "lower case"),
        ("- {product: a:b, names: []}", "needs a name"),
        ("- {product: a:b, names: ['x {y}']}", "a place other than"),
        ("- {product: a:b, names: [x], colour: red}", "unknown field"),
        ("- {product: a:b, names: [x], confidence: 101}", "confidence is 1-100"),
        ("product: a:b", "must be a list"),
        ("- [", "is not the YAML"),
        ("- !!python/object/apply:os.system ['true']", "is not the YAML"),
        ("- {product: a:b, names: [x], on: [windows]}", "rule 1"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InputError, match=r"own\.yaml") as caught:
        list(read_file(written(tmp_path, text)))
    assert fault in str(caught.value.detail)


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InputError, match="not read as a catalogue"):
        list(read_file(path))
