"""The SSH side: the key that an address shows, then the commands one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import asyncssh
import msgspec

MAX_OUTPUT = 64 * 1024 * 1024
CONNECT_SECONDS = 15.0
COMMAND_SECONDS = 120.0
_CHUNK = 1 << 16


class Unreachable(Exception):
    """Nobody answered, or not by SSH."""


class LoginRefused(Exception):
    """The credentials were refused."""


class KeyChanged(Exception):
    """The address showed another key than the one by which it is known."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to log in. Either ``password`` or ``private_key``."""

    username: str
    port: int
    password: str = ""
    private_key: str = ""
    passphrase: str = ""

    def __repr__(self) -> str:
        return f"Access(username={self.username!r}, port={self.port})"


class Answers(msgspec.Struct, frozen=True):
    """Output by command; ``cut``: commands whose output was too long or took too long."""

    outputs: dict[str, str]
    cut: tuple[str, ...]


async def key_of(address: str, port: int) -> tuple[str, str]:
    """(public key in OpenSSH form, fingerprint) that an address shows; nothing is sent to it. Raises Unreachable."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            key = await asyncssh.get_server_host_key(address, port, config=None)
    except (OSError, TimeoutError, asyncssh.Error, ValueError) as error:
        raise Unreachable(_reason(error)) from error
    if key is None:
        raise Unreachable("it shows no key")
    return key.export_public_key("openssh").decode().strip(), key.get_fingerprint()


async def ask(address: str, access: Access, known_key: str, commands: Mapping[str, str]) -> Answers:
    """Run the commands. known_key: the only key that is accepted; credentials go to nobody else.

    Raises Unreachable, KeyChanged, LoginRefused.
    """
    outputs: dict[str, str] = {}
    cut: list[str] = []
    left = MAX_OUTPUT
    async with _connected(address, access, known_key) as connection:
        for name, command in commands.items():
            try:
                async with asyncio.timeout(COMMAND_SECONDS):
                    data, is_whole = await _run(connection, command, left)
            except TimeoutError:
                cut.append(name)
                continue
            except asyncssh.Error as error:
                raise Unreachable(_reason(error)) from error
            left -= len(data)
            outputs[name] = data.decode("utf-8", "replace")
            if not is_whole:
                cut.append(name)
    return Answers(outputs, tuple(cut))


@contextlib.asynccontextmanager
async def _connected(address: str, access: Access, known_key: str) -> AsyncIterator[asyncssh.SSHClientConnection]:
    key = asyncssh.import_public_key(known_key)
    try:
        own = [asyncssh.import_private_key(access.private_key, access.passphrase or None)] if access.private_key else []
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise LoginRefused(f"the private key cannot be used ({error})") from None
    try:
        async with asyncio.timeout(2 * CONNECT_SECONDS):
            connection = await asyncssh.connect(
                address, access.port, username=access.username, password=access.password or None, client_keys=own,
                known_hosts=([key], [], []), server_host_key_algs=_algorithms(key), config=None, agent_path=None,
                agent_forwarding=False, x509_trusted_certs=None, gss_host=None, compression_algs=None,
                connect_timeout=CONNECT_SECONDS, login_timeout=CONNECT_SECONDS,
            )  # fmt: skip
    except asyncssh.PermissionDenied:
        raise LoginRefused("the user name or the credentials were refused") from None
    except asyncssh.HostKeyNotVerifiable:
        raise KeyChanged("it shows another key than before") from None
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise Unreachable(_reason(error)) from error
    try:
        yield connection
    finally:
        connection.close()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                await connection.wait_closed()


async def _run(connection: asyncssh.SSHClientConnection, command: str, limit: int) -> tuple[bytes, bool]:
    """Output of one command, at most ``limit`` bytes of it, and whether that is all."""
    process = await connection.create_process(
        command, encoding=None, stdin=asyncssh.DEVNULL, stderr=asyncssh.DEVNULL, request_pty=False
    )
    parts: list[bytes] = []
    size = 0
    try:
        while chunk := await process.stdout.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                return b"".join(parts), False
            parts.append(chunk)
    finally:
        process.close()
    return b"".join(parts), True


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """Signatures that this kind of key makes, so that the server shows this one of its keys."""
    return [name.decode() for name in key.sig_algorithms]


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = str(error).strip() or type(error).__name__
    return "".join(c for c in text if c.isprintable())[:200]
