"""The checks that there are: ``checks/<area>/*.yaml``, and a folder of the organisation's own in the same format."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import yaml

from weakspot.posture import rules
from weakspot.posture.contracts import Check
from weakspot.runtime.errors import InputError

FOLDER = "checks"
"""Folder of own checks below the data folder."""
MAX_FILE_BYTES = 1_000_000
MAX_FILES = 200
MAX_CHECKS = 2_000
_BUILT_IN = Path(__file__).parent / "checks"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_own_folder: Path | None = None


def use_folder(folder: Path | None) -> None:
    """Take the organisation's own checks from this folder too (None: no longer). Raises InputError for a wrong one.

    To be called by what starts a process, before anything is evaluated.
    """
    global _own_folder
    joined(_read_folder(_BUILT_IN, is_own=False), _own(folder))  # a wrong check is told here, not when one is asked for
    _own_folder = folder
    checks.cache_clear()


@functools.cache
def checks() -> Mapping[str, Check]:
    """All checks by id, in order of ids: the built-in ones and the organisation's own, which replace those of their id.

    Raises InputError for a file that is no catalogue.
    """
    return MappingProxyType(joined(_read_folder(_BUILT_IN, is_own=False), _own(_own_folder)))


def joined(built_in: Iterator[Check], own: Iterator[Check]) -> dict[str, Check]:
    """Both by id. Raises InputError where one of them names an id twice, or there are too many."""
    found: dict[str, Check] = {}
    for some in (built_in, own):
        seen: set[str] = set()
        for check in some:
            if check.id in seen:
                raise InputError(f"The check {check.id} is there twice; give one of them another id.")
            seen.add(check.id)
            found[check.id] = check
            if len(found) > MAX_CHECKS:
                raise InputError(f"There are over {MAX_CHECKS:,} checks; take some files out of the folder.")
    return dict(sorted(found.items()))


def read_file(path: Path, *, is_own: bool) -> Iterator[Check]:
    """Checks of one file. Raises InputError with the file and the place of a fault."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{path.name} is over {MAX_FILE_BYTES:,} bytes and is not read as checks.")
    try:
        items = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or []  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path.name} is not the YAML that a list of checks needs: {error}.") from error
    if not isinstance(items, list) or len(items) > MAX_CHECKS:
        raise InputError(f"{path.name} must be a list of at most {MAX_CHECKS:,} checks.")
    for number, item in enumerate(items, 1):
        try:
            check = msgspec.convert(item, Check)
        except (msgspec.ValidationError, RecursionError) as error:
            raise InputError(f"{path.name}, check {number}: {error}.") from error
        if problem := rules.problem_of(check):
            raise InputError(f"{path.name}, {check.id}: {problem}.")
        yield msgspec.structs.replace(check, is_own=is_own)


def _own(folder: Path | None) -> Iterator[Check]:
    return iter(()) if folder is None or not folder.is_dir() else _read_folder(folder, is_own=True)


def _read_folder(folder: Path, *, is_own: bool) -> Iterator[Check]:
    paths = sorted(folder.rglob("*.yaml"))
    if len(paths) > MAX_FILES:
        raise InputError(f"{folder.name} holds over {MAX_FILES} files; join some of them.")
    for path in paths:
        yield from read_file(path, is_own=is_own)
