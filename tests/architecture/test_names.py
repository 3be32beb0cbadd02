"""Files and words are those of docs/GLOSSARY.md and docs/ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "weakspot"
CONTEXTS = ("access", "inventory", "intel", "matching", "scoring")
"""Contexts with tables of their own."""
SQL = re.compile(r"\b(?:sa|sqlalchemy)\.(?:select|insert|update|delete|text)\(|\.(?:insert|update|delete)\(\)\.")
MAY_HOLD_SQL = re.compile(r"(?:^|/)(?:\w*store|store/\w+|tables|migrations/.*|runtime/\w+)\.py$")
SQL_ELSEWHERE = {
    "inventory/enrolment.py": "one update of a token that nothing else does",
    "intel/service.py": "the check of a rebuild reads names of two tables at once",
    "intel/merging.py": "plans a merge over several tables at once",
    "intel/staging.py": "writes staged rows in bulk",
}
WORDS = {
    "host": "device", "hosts": "devices", "asset": "device", "assets": "devices", "endpoint": "device",
    "suppression": "exception", "misconfiguration": "check", "timestamp": "<what>_at",
}  # fmt: skip
WORDS_ALLOWED = {
    "host": ("runtime", "api", "cli", "app.py", "intel/sources", "inventory/protocols", "vocabulary"),
    "hosts": ("runtime", "api", "cli", "app.py", "inventory/protocols"),
    "asset": ("queries/defender",),
    "assets": ("queries/defender",),
    "endpoint": ("api",),
    "timestamp": ("runtime/logging.py", "runtime/tls.py", "intel/sources", "queries/defender"),
}
"""Where the word means what the network, a foreign format or a library means by it."""


def files() -> list[Path]:
    """All modules."""
    return sorted(path for path in SOURCE.rglob("*.py") if "migrations/versions" not in path.as_posix())


def short(path: Path) -> str:
    """Path below the package."""
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", files(), ids=short)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{short(path)}: begin with a docstring"


@pytest.mark.parametrize("path", [p for p in files() if not MAY_HOLD_SQL.search(short(p))], ids=short)
def test_sql_is_in_the_stores(path: Path) -> None:
    if SQL.search(path.read_text("utf-8")) and short(path).split("/")[0] in CONTEXTS:
        assert short(path) in SQL_ELSEWHERE, f"{short(path)}: move its SQL to a store"


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_facade_says_what_goes_in_and_out(context: str) -> None:
    told = ast.get_docstring(ast.parse((SOURCE / context / "__init__.py").read_text("utf-8"))) or ""
    for word in ("In:", "Out:", "Invariant"):
        assert word in told, f"{context}/__init__.py: its docstring lacks {word!r}"


def names_of(path: Path) -> Iterator[str]:
    """Names that a module defines: of functions, classes, arguments and fields."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_one_word_a_thing() -> None:
    wrong = []
    for path in files():
        for name in names_of(path):
            for word in set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower())) & WORDS.keys():
                if not short(path).startswith(WORDS_ALLOWED.get(word, ())):
                    wrong.append(f"{short(path)}: {name} (say {WORDS[word]})")
    assert wrong == []


def test_contracts_are_frozen() -> None:
    loose = []
    for path in files():
        if path.name != "contracts.py":
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and any("Struct" in ast.unparse(base) for base in node.bases):
                options = {k.arg: ast.unparse(k.value) for k in node.keywords}
                if options.get("frozen") != "True":
                    loose.append(f"{short(path)}: {node.name}")
    assert loose == []
