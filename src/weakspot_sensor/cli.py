"""Commands of `weakspot-sensor`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import sys
import time
import uuid
from typing import Any, List, NoReturn, Optional

import weakspot_sensor
from weakspot_sensor import agent, delivery, enrolment, limits, reports, storage, transport
from weakspot_sensor.backoff import CAP_SECONDS, Backoff
from weakspot_sensor.collect import Body, collect
from weakspot_sensor.errors import SensorError, SettingsError, UnreachableError
from weakspot_sensor.files import Root
from weakspot_sensor.journal import Journal
from weakspot_sensor.processes import looker
from weakspot_sensor.storage import Storage
from weakspot_sensor.usage import SAMPLE_SECONDS, Usage
from weakspot_sensor.watch import Watcher

_TOKEN_VARIABLE = "WEAKSPOT_SENSOR_TOKEN"  # noqa: S105 - the name, not the token
_FULLS = 3

log = logging.getLogger("weakspot_sensor")


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command; the exit status (docs/sensor.md lists them)."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=options.log_level.upper(),
        format="weakspot-sensor: %(levelname)s: %(message)s",
    )
    try:
        status: int = options.command(options)
    except SensorError as error:
        log.error("%s", error)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--state", metavar="DIR", help="state folder (default: " + storage.default_folder() + ")")
    levels = ("debug", "info", "warning", "error")
    shared.add_argument("--log-level", choices=levels, default="info", help="how much to write to stderr")
    parser = argparse.ArgumentParser(prog="weakspot-sensor", description=(weakspot_sensor.__doc__ or "").split("\n")[0])
    parser.add_argument("--version", action="version", version=weakspot_sensor.__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, function: Any, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[shared], help=text, description=text)
        command.set_defaults(command=function)
        return command

    command = add("enrol", _enrol, "exchange an enrolment token for this device's own key")
    command.add_argument("--server", metavar="URL", required=True, help="https://name[:port] of the server")
    command.add_argument("--token", help="the token; - reads it from standard input, default: $" + _TOKEN_VARIABLE)
    command.add_argument("--ca-file", metavar="FILE", help="certificate (PEM) of the server's own authority")
    command.add_argument("--fingerprint", metavar="SHA256", help="SHA-256 of the server's certificate")
    command.add_argument("--wait", metavar="SECONDS", type=float, default=600.0, help="how long to wait for approval")

    command = add("once", _once, "collect, send, exit")
    command.add_argument("--full", action="store_true", help="send everything even if the server should have it")

    command = add("run", _run, "report changes as they happen, until stopped")
    command.add_argument("--heartbeat", metavar="SECONDS", type=_seconds, default=agent.HEARTBEAT_SECONDS)
    command.add_argument("--full-every", metavar="SECONDS", type=_seconds, default=agent.FULL_SECONDS)
    command.add_argument("--longest-wait", metavar="SECONDS", type=_seconds, default=CAP_SECONDS)
    command.add_argument("--sample", metavar="SECONDS", type=_seconds, default=SAMPLE_SECONDS)
    command.add_argument("--no-usage", action="store_true", help="do not look at which programs run")
    command.add_argument("--poll", action="store_true", help="look for changes instead of being notified")

    command = add("show", _show, "print the inventory of this device as a report; needs no server")
    command.add_argument("--output", metavar="FILE", help="write to a file instead")
    command.add_argument("--root", metavar="DIR", default="/", help="read the system below this folder")

    add("status", _status, "tell what this sensor is and what waits to be sent")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 1.0 <= value <= 31 * 86400.0:
        raise argparse.ArgumentTypeError("give 1 to 2678400 seconds")
    return value


def _storage(options: argparse.Namespace) -> Storage:
    return Storage(options.state or storage.default_folder())


def _journal(folder: Storage) -> Journal:
    return Journal(folder, time.time, lambda: str(uuid.uuid4()))


def _enrol(options: argparse.Namespace) -> int:
    given = options.token or os.environ.get(_TOKEN_VARIABLE, "")
    from_input = given == "-"
    token = (sys.stdin.readline(4 * limits.TEXT_CHARACTERS) if from_input else given).strip()
    if not token:
        raise SettingsError("give the enrolment token with --token or in $" + _TOKEN_VARIABLE)
    server = transport.check_server(options.server, _authority(options.ca_file), options.fingerprint or "")
    with _storage(options) as folder:
        known = enrolment.load(folder)
        device = collect()["device"]
        backoff = Backoff(random.random)
        proposed = enrolment.proposed_key(folder)
        identity = enrolment.enrol(server, token, device, known, options.wait, backoff, proposed)
        if known is None or (known.device_id, known.server.url) != (identity.device_id, server.url):
            _journal(folder).reset()
        enrolment.save(folder, identity)
        enrolment.forget_proposed(folder)
    print("enrolled at {} as device {}".format(server.url, identity.device_id))
    return 0


def _authority(path: Optional[str]) -> str:
    if not path:
        return ""
    try:
        return Root().read(os.path.abspath(path), limits.MANIFEST_BYTES).decode("ascii")
    except (OSError, ValueError) as error:
        raise SettingsError("the authority's certificate cannot be read: {}".format(error)) from error


def _identity(folder: Storage) -> enrolment.Identity:
    identity = enrolment.load(folder)
    if identity is None:
        raise SettingsError(
            "this device is not enrolled: run weakspot-sensor enrol first (state: " + folder.folder + ")"
        )
    return identity


def _once(options: argparse.Namespace) -> int:
    with _storage(options) as folder:
        identity = _identity(folder)
        journal = _journal(folder)
        client = transport.Client(identity.server, identity.device_key)
        body = _collection(journal).refresh()
        journal.record(body, options.full)
        if not journal.waiting and not delivery.heartbeat(journal, client):
            print("nothing has changed; the server has inventory " + body["digest"])
            return 0
        outcome = _deliver(journal, client, body)
    if not outcome.delivered:
        raise UnreachableError("{}; {} report(s) wait in the spool".format(outcome.reason, journal.waiting))
    print("delivered; the server has inventory " + body["digest"])
    return 0


def _deliver(journal: Journal, client: transport.Client, body: Body) -> delivery.Outcome:
    """Deliver, with the full reports that the server asks for."""
    outcome = delivery.Outcome(False, True, None, "")
    for _ in range(_FULLS):
        if journal.needs_full:
            journal.record(body, full=True)
        outcome = delivery.deliver(journal, client)
        if not outcome.needs_full:
            break
    return outcome


def _collection(journal: Journal) -> agent.Collection:
    earlier = journal.head.inventory.values() if journal.head is not None else ()
    return agent.Collection(Root(), earlier)


def _run(options: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with _storage(options) as folder:
        identity = _identity(folder)
        journal = _journal(folder)
        log.info("device %s reports to %s", identity.device_id, identity.server.url)
        timing = agent.Timing(options.heartbeat, options.full_every, options.longest_wait, options.sample)
        client = transport.Client(identity.server, identity.device_key)
        watcher = Watcher(Root(), notify=not options.poll)
        usage = None if options.no_usage else Usage(Root(), folder, looker(), time.time)
        agent.Agent(_collection(journal), journal, client, watcher, timing, usage=usage).run()
    return 0


def _stop(_number: int, _frame: Any) -> NoReturn:
    # Every file of the state is whole at every moment, so the sensor may end wherever it is.
    raise SystemExit(0)


def _show(options: argparse.Namespace) -> int:
    document = reports.full(collect(options.root), 1, str(uuid.uuid4()), time.time())
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if not options.output:
        sys.stdout.write(text)
        return 0
    try:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError("{} cannot be written: {}".format(options.output, error)) from error
    return 0


def _status(options: argparse.Namespace) -> int:
    """Reads only, so that it works beside a running sensor."""
    folder = _storage(options)
    identity = enrolment.load(folder)
    if identity is None:
        print("not enrolled (state: {})".format(folder.folder))
        return 1
    waiting = [name for name in folder.names("spool") if name.endswith(".json.gz")]
    confirmed = reports.decode(folder.read("confirmed.json.gz")) or {}
    print("server:    " + identity.server.url)
    print("device:    " + identity.device_id)
    print(
        "confirmed: report {}, {} items, digest {}".format(
            confirmed.get("sequence", 0), len(confirmed.get("software", [])), confirmed.get("digest", "none")
        )
    )
    print("waiting:   {} report(s)".format(len(waiting)))
    print("refused:   {} report(s)".format(len(folder.names("spool/refused")) // 2))
    return 0
