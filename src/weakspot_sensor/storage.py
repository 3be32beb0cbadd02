"""The state folder: private to its owner, used by one sensor at a time, every write whole and durable."""

from __future__ import annotations

import os
import stat
import sys

from weakspot_sensor import limits
from weakspot_sensor.errors import SettingsError

_TEMPORARY = ".part"
_LOCK = "lock"
# Windows has none of the first two, and needs its own against translated line ends.
_PRIVATE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def default_folder() -> str:
    """`WEAKSPOT_SENSOR_STATE`, or the usual place for root or for another user."""
    chosen = os.environ.get("WEAKSPOT_SENSOR_STATE", "")
    if chosen:
        return chosen
    if sys.platform == "win32":
        return os.path.join(os.environ.get("ProgramData", "C:\\ProgramData"), "Weakspot Sensor")
    if os.geteuid() == 0:
        return "/var/lib/weakspot-sensor"
    base = os.environ.get("XDG_STATE_HOME", "") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "weakspot-sensor")


class Storage:
    """Named byte strings below one folder; a name may have one folder in it ("spool/...")."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)
        self._lock = -1

    def open(self) -> None:
        """Create the folder and take it for this process. Raises SettingsError when that is not possible."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            self._check_owner()
            os.chmod(self.folder, 0o700)
            self._lock = os.open(os.path.join(self.folder, _LOCK), os.O_RDWR | os.O_CREAT | _PRIVATE, 0o600)
        except OSError as error:
            raise SettingsError("the state folder {} cannot be used: {}".format(self.folder, error)) from error
        try:
            _take(self._lock)
        except OSError as error:
            self.close()
            text = "another sensor uses the state folder {}; stop it or give another folder with --state"
            raise SettingsError(text.format(self.folder)) from error
        self._clean()

    def __enter__(self) -> Storage:
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _check_owner(self) -> None:
        # A folder of somebody else could feed this sensor another key or server.
        facts = os.lstat(self.folder)
        own = not hasattr(os, "geteuid") or facts.st_uid == os.geteuid()
        if not stat.S_ISDIR(facts.st_mode) or not own:
            raise SettingsError("the state folder {} does not belong to this user".format(self.folder))

    def _clean(self) -> None:
        """Remove what writes left behind that did not end."""
        for folder in ("", "spool", os.path.join("spool", "refused")):
            for name in self.names(folder, every=True):
                if name.endswith(_TEMPORARY):
                    self.remove(os.path.join(folder, name))

    def read(self, name: str) -> bytes | None:
        """None when there is no such file, or none that can be read whole within the bounds."""
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                data = file.read(limits.STATE_BYTES + 1)
        except OSError:
            return None
        return data if len(data) <= limits.STATE_BYTES else None

    def size(self, name: str) -> int:
        try:
            return os.stat(os.path.join(self.folder, name)).st_size
        except OSError:
            return 0

    def write(self, name: str, data: bytes, durable: bool = True) -> None:
        """Replace the file as a whole: after a crash it holds the old or the new bytes. Raises OSError."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        temporary = path + _TEMPORARY
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _PRIVATE, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
        if durable:
            _sync_folder(os.path.dirname(path))

    def remove(self, name: str) -> None:
        """Remove the file if it is there. Raises OSError when it is and cannot be removed."""
        path = os.path.join(self.folder, name)
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        _sync_folder(os.path.dirname(path))

    def names(self, folder: str, every: bool = False) -> list[str]:
        """Sorted names of the files in a folder of the state, without unfinished ones unless `every`."""
        path = os.path.join(self.folder, folder)
        try:
            found = sorted(entry.name for entry in os.scandir(path) if entry.is_file(follow_symlinks=False))
        except OSError:
            return []
        return [name for name in found if every or not name.endswith(_TEMPORARY)]


def _take(handle: int) -> None:
    """Lock the file for this process until it ends. Raises OSError when another one has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync_folder(path: str) -> None:
    if sys.platform == "win32":
        return  # a folder cannot be opened there; its file system keeps a journal of names
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
