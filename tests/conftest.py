"""What holds for every test: only loopback, property tests without a clock, and reasons for what is skipped."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_socket

from tests.support import databases, postgres

ROOT = Path(__file__).parent.parent
REAL_DATA = Path(os.environ.get("WEAKSPOT_TEST_DATA", ROOT.parent / "shared" / "data"))
"""Real intelligence and inventories; not in the repository, never copied into it."""

# A busy machine makes one example slow; that is no defect. In CI the same examples run every time.
hypothesis.settings.register_profile("here", deadline=None, database=None)
# Fewer examples and always the same ones: new ones are found by whoever runs the tests by hand, and by test-full.
hypothesis.settings.register_profile("ci", deadline=None, database=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the network for each test, and skip what needs something that is not here."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    if item.get_closest_marker("real_data") and not REAL_DATA.is_dir():
        pytest.skip(f"the real data is not at {REAL_DATA}; set WEAKSPOT_TEST_DATA to the folder that holds it")
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("installs and removes a Debian package: run the tests as root")


def pytest_runtest_teardown() -> None:
    """Open the network again for what runs between tests."""
    pytest_socket._remove_restrictions()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data; for tests marked ``real_data``."""
    return REAL_DATA


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """PostgreSQL in a temporary folder, one for each process of tests."""
    if postgres.programs() is None:
        pytest.skip(postgres.MISSING)
    cluster = postgres.Cluster()
    yield cluster
    cluster.close()


def _dialect(request: pytest.FixtureRequest) -> Iterator[str]:
    before = databases.made()
    is_postgresql = request.param == "postgresql"
    databases.choose(request.getfixturevalue("postgres_cluster") if is_postgresql else None)
    yield request.param
    databases.forget_new(before)
    databases.choose(None)


_LONG_SECONDS = 900
_ALWAYS_ON_POSTGRESQL = (
    "unit/runtime/",
    "unit/workflows/",
    "unit/matching/",
    "unit/inventory/test_service.py",
    "unit/intel/test_staging.py",
    "integration/postgres/",
)
"""Where every run takes both databases; of the other tests the long set does."""


_LONG_FILES_FIRST = (
    "integration/",
    "journeys/",
    "contract/",
    "unit/workflows/",
    "unit/api/",
    "unit/inventory/",
    "unit/runtime/",
)
"""Files are given to processes one by one: with the long ones last, one process would wait for the other's."""


def _turn(path: str) -> int:
    """When a file's tests run: the lower, the earlier."""
    found = (turn for turn, folder in enumerate(_LONG_FILES_FIRST) if path.startswith(folder))
    return next(found, len(_LONG_FILES_FIRST))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through all modules and tests again and again: a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most tests on PostgreSQL to the long set, and give that set's tests time: they start many processes."""
    here = Path(__file__).parent
    items.sort(key=lambda item: _turn(item.path.relative_to(here).as_posix()))
    for item in items:
        if item.get_closest_marker("postgresql") is not None:
            path = item.path.relative_to(here).as_posix()
            if not path.startswith(_ALWAYS_ON_POSTGRESQL):
                item.add_marker(pytest.mark.full)
        if item.get_closest_marker("full") is not None and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(_LONG_SECONDS))


_ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
_LATER_ON_POSTGRESQL = pytest.param("postgresql", marks=(pytest.mark.postgresql, pytest.mark.full))
dialect = pytest.fixture(_dialect, params=("sqlite", _ON_POSTGRESQL), name="dialect")
later_dialect = pytest.fixture(_dialect, params=("sqlite", _LATER_ON_POSTGRESQL), name="later_dialect")
module_dialect = pytest.fixture(
    _dialect, params=("sqlite", _LATER_ON_POSTGRESQL), scope="module", name="module_dialect"
)
package_dialect = pytest.fixture(
    _dialect, params=("sqlite", _LATER_ON_POSTGRESQL), scope="package", name="package_dialect"
)
