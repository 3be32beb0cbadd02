from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import processes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_this_process_is_seen_once() -> None:
    found = processes.looker()(frozenset())
    assert "python" in found[os.getpid()][0]
    assert processes.looker()(frozenset((os.getpid(),)))[os.getpid()] == []


def test_java_names_its_archives_and_nothing_else(tmp_path: Path) -> None:
    words = "java\0-Dpassword=hidden\0-cp\0/opt/a.jar:/opt/b.jar:lib/c.jar\0-jar\0/opt/d.war\0/etc/secret\0"
    root = make_root(tmp_path, {"/proc/7/cmdline": words, "/proc/8/cmdline": words, "/proc/meminfo": ""})
    (tmp_path / "proc/7/exe").symlink_to("/usr/lib/jvm/bin/java")
    (tmp_path / "proc/8/exe").symlink_to("/usr/bin/tool (deleted)")
    found = processes.look_proc(frozenset(), root)
    assert found == {7: ["/usr/lib/jvm/bin/java", "/opt/a.jar", "/opt/b.jar", "/opt/d.war"], 8: ["/usr/bin/tool"]}


def test_ps() -> None:
    text = "    1 /sbin/launchd\n  501 /Applications/My App.app/Contents/MacOS/My App\n  502 login\n 9 /x\nPID\n"
    assert processes.parse_ps(text, frozenset((9,))) == {
        1: ["/sbin/launchd"],
        501: ["/Applications/My App.app/Contents/MacOS/My App"],
        502: [],
        9: [],
    }


def test_places_on_windows() -> None:
    assert processes.windows_path('"C:\\Program Files\\7-Zip\\7zFM.exe"') == "C:/Program Files/7-Zip/7zFM.exe"
