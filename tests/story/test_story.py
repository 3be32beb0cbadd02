"""The story on the small fleet; ``make story`` tells it of a real host as well."""

from __future__ import annotations

from pathlib import Path

from tests.story import devices
from tests.story.story import server, tell


def test_the_story_is_told_to_its_end(tmp_path: Path) -> None:
    lines: list[str] = []
    with server(tmp_path, lines.append) as telling:
        tell(telling, devices.by_hand())
    assert len([one for one in lines if not one.startswith("  ")]) == 9
    assert "at the top after" in lines[1] or lines[2].startswith("  above it stands")
    assert lines[-1].startswith("the timeline tells it")
