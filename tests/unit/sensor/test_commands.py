from __future__ import annotations

import pytest

from weakspot_sensor import commands, limits


def test_output_comes_back_in_the_plain_locale() -> None:
    assert commands.run(["env"]).count(b"LC_ALL=C\n") == 1
    assert commands.find("no-such-program-here") is None


def test_failures_say_which_program_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(commands.CommandError, match="no-such-program-here is not installed"):
        commands.run(["no-such-program-here"])
    with pytest.raises(commands.CommandError, match="false ended with status 1"):
        commands.run(["false"])
    assert commands.run(["false"], accept_failure=True) == b""
    monkeypatch.setattr(limits, "COMMAND_SECONDS", 0.05)
    with pytest.raises(commands.CommandError, match="longer than"):
        commands.run(["sleep", "30"])
    monkeypatch.setattr(limits, "COMMAND_SECONDS", 30.0)
    monkeypatch.setattr(limits, "COMMAND_BYTES", 100)
    with pytest.raises(commands.CommandError, match="wrote too much"):
        commands.run(["yes"])
