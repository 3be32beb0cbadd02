"""A real server with a small world in it, and a real browser in front.

The world is made up: three advisories of an organisation's own, and devices that report through the sensors'
API. Nothing is faked between the browser and the database.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.world import ADVISORIES, EXPLOITED, Device, Visit
from tests.support.server import ServerProcess, running

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
BUILT = ROOT / "src" / "weakspot" / "console_dist" / "index.html"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    """The distribution's browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and say what is missing."""
    here = Path(__file__).parent
    reasons = []
    if chromium() is None:
        reasons.append("no chromium: apt-get install -y chromium")
    if not BUILT.is_file():
        reasons.append("the console is not built: make console")
    if not AXE.is_file():
        reasons.append("the console's developer tools are not installed: make console-dev")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(300))
            if reasons:
                item.add_marker(pytest.mark.skip(reason="; ".join(reasons)))


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror folder with the organisation's own advisories; tests may add to it."""
    folder = tmp_path_factory.mktemp("mirror")
    (folder / "own").mkdir()
    for advisory in ADVISORIES:
        (folder / "own" / f"{advisory['id']}.json").write_text(json.dumps(advisory))
    (folder / "kev").mkdir()
    (folder / "kev" / "known_exploited_vulnerabilities.json").write_text(json.dumps(EXPLOITED))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Iterator[ServerProcess]:
    """A server that knows the advisories."""
    with running(tmp_path_factory.mktemp("data") / "weakspot") as process:
        outcomes = process.sync(mirror)
        assert {outcome["status"] for outcome in outcomes} == {"succeeded"}, outcomes
        yield process


# Not for the session: the browser's event loop must not run in tests that have loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    environment: dict[str, Any] = {**os.environ, "TZ": "America/New_York"}
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=chromium(), headless=True, args=list(CHROMIUM_FLAGS), env=environment
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile with one page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def axe() -> str:
    """Source of the accessibility checks."""
    return AXE.read_text("utf-8")


@pytest.fixture
def visit(page: Page, server: ServerProcess, axe: str) -> Iterator[Visit]:
    """A signed-in administrator on the dashboard. Fails in the end for anything that the browser complained of."""
    signed_in = Visit(page, axe)
    signed_in.sign_in(server.sign_in_url())
    yield signed_in
    assert signed_in.complaints == []


@pytest.fixture(scope="module")
def web01(server: ServerProcess) -> Device:
    """A device that has every weakness of the world."""
    device = Device(server, "web01")
    device.report(("examplessl", "3.0.1-1"), ("exampled", "1.4-2"), ("harmless", "1.0"))
    return device
