"""Build the console into the Python package: ``console/`` -> ``src/weakspot/console_dist``.

Standard library only, so that it runs before anything is installed. Packages are installed only when the lock
file changed and files are built only when a source changed, so a second run takes a moment. Node.js comes from
the PATH where it is new enough, otherwise from a wheel in this Python environment. With ``--dev`` the tools that
check and test the console are installed too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
BUILT = ROOT / "src" / "weakspot" / "console_dist"
STAMP = BUILT / ".stamp"
INSTALLED_STAMP = CONSOLE / "node_modules" / ".weakspot-installed"
LOCK = ROOT / "build" / "console.lock"
NODE_WHEEL = ROOT / "requirements-node.lock"

# As in console/package.json.
OLDEST_NODE = (20, 19)
OLDEST_NODE_22 = (22, 12)
TICK_SECONDS = 5.0
OUTPUT_LINES_SHOWN = 40


class BuildError(Exception):
    """A step failed; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Bring the built console up to date. 0 when it is, 1 with a reason on standard error."""
    if not set(arguments) <= {"--dev"}:
        print("usage: console_build.py [--dev]", file=sys.stderr)
        return 2
    try:
        LOCK.parent.mkdir(exist_ok=True)
        with LOCK.open("w") as lock:
            # `make up` and `make test` may run at the same time.
            fcntl.flock(lock, fcntl.LOCK_EX)
            build(has_dev_tools="--dev" in arguments)
    except BuildError as error:
        print(f"The console could not be built: {error}", file=sys.stderr)
        return 1
    return 0


def build(*, has_dev_tools: bool) -> None:
    """Install and build what is out of date. Raises BuildError."""
    sources = digest(source_files())
    is_built = read(STAMP) == sources and (BUILT / "index.html").is_file()
    if is_built and (not has_dev_tools or is_installed(has_dev_tools=True)):
        say("is up to date")
        return
    environment = environment_with_node()
    install(environment, has_dev_tools=has_dev_tools)
    if is_built:
        return
    say("building")
    run(["npm", "run", "--silent", "build"], environment, "a source in console/ does not compile")
    STAMP.write_text(sources)
    say(f"built into {BUILT.relative_to(ROOT)}")


def install(environment: dict[str, str], *, has_dev_tools: bool) -> None:
    """Install the locked packages unless exactly these are there."""
    if is_installed(has_dev_tools=has_dev_tools):
        return
    say("installing the locked packages (about a minute the first time)")
    command = ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    if not has_dev_tools:
        command.append("--omit=dev")
    run(command, environment, "the npm registry could not be reached, or package-lock.json does not fit package.json")
    INSTALLED_STAMP.write_text(installed_text(has_dev_tools=has_dev_tools))


def is_installed(*, has_dev_tools: bool) -> bool:
    """Whether the locked packages are there; those with the developer's tools serve for building too."""
    found = read(INSTALLED_STAMP)
    with_tools = installed_text(has_dev_tools=True)
    return found == with_tools or (not has_dev_tools and found == installed_text(has_dev_tools=False))


def installed_text(*, has_dev_tools: bool) -> str:
    """Text of the stamp for what the lock file names now."""
    locked = digest(CONSOLE / name for name in ("package.json", "package-lock.json", ".npmrc"))
    return f"{locked} {'all' if has_dev_tools else 'without developer tools'}"


def source_files() -> Iterator[Path]:
    """Everything that the built files depend on, in a fixed order; tests are none of it."""
    found: list[Path] = []
    for folder, folders, names in os.walk(CONSOLE):
        folders[:] = [name for name in folders if name != "node_modules"]
        found.extend(Path(folder, name) for name in names if ".test." not in name)
    return iter(sorted(found))


def digest(paths: Iterator[Path]) -> str:
    """One hash of the names and contents of files."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(CONSOLE).as_posix()} {content}\n".encode())
    return total.hexdigest()


def read(path: Path) -> str:
    """Text of a stamp; empty when there is none."""
    try:
        return path.read_text()
    except OSError:
        return ""


def environment_with_node() -> dict[str, str]:
    """Environment whose PATH leads to a Node.js that is new enough, installed from a wheel if need be."""
    if shutil.which("npm") and is_new_enough(shutil.which("node")):
        return dict(os.environ)
    folder = Path(sys.prefix) / "bin"
    if not is_new_enough(str(folder / "node")):
        say("installing Node.js from a wheel (none here that is new enough; 60 MB)")
        install_node()
    if not is_new_enough(str(folder / "node")):
        raise BuildError("Node.js 20.19 or newer is needed and its wheel does not run here; install Node.js by hand.")
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def install_node() -> None:
    """Install the locked wheel into this environment."""
    if sys.prefix == sys.base_prefix:
        raise BuildError("run it with the Python of the project's environment: make console")
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
    reason = "the Python package index could not be reached; install Node.js 20.19 or newer by hand"
    run([*command, "--require-hashes", "-r", str(NODE_WHEEL)], dict(os.environ), reason)


def is_new_enough(node: str | None) -> bool:
    """Whether this is a Node.js that the build tools run on."""
    if node is None:
        return False
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
        major, minor = (int(part) for part in answer.stdout.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return OLDEST_NODE <= (major, minor) < (21, 0) or (major, minor) >= OLDEST_NODE_22


def run(command: list[str], environment: dict[str, str], reason: str) -> None:
    """Run a command in console/, telling the time it takes. Raises BuildError with its last lines."""
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command, cwd=CONSOLE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except OSError as error:
        raise BuildError(f"{command[0]} could not be started: {error}") from error
    while True:
        try:
            output, _ = process.communicate(timeout=TICK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            say(f"... {time.monotonic() - started:.0f} s")
    if process.returncode != 0:
        last = "\n".join(output.splitlines()[-OUTPUT_LINES_SHOWN:])
        raise BuildError(f"`{' '.join(command)}` failed ({reason}).\n{last}")


def say(text: str) -> None:
    """One line of progress."""
    print(f"==> console: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
