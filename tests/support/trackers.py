"""Stand-ins for ticketing systems: the documented HTTP APIs of the products on loopback, with their faults.

Each keeps tickets in memory and can fail before or after it has acted ("answering twice"), limit with ``Retry-After``,
and be restarted at the same port with its tickets.
"""

from __future__ import annotations

import base64
import json
import re
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, Any]


class StandIn:
    """One product. ``fault(n)`` for the n-th request: "", "before" (500), "after" (acts, then drops), "limit" (429)."""

    secret: ClassVar[str] = "s3cret-of-the-stand-in"

    def __init__(self, fault: Callable[[int], str] = lambda _: "") -> None:
        self.fault = fault
        self.tickets: dict[str, dict[str, Any]] = {}
        self.notes: list[tuple[str, str]] = []
        self.requests = 0
        self.refused: list[str] = []
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the port of before."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                return

            def answer(self) -> None:
                stand_in.serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - the library calls them so

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections; tickets stay."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """One request."""
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        with self.lock:
            self.requests += 1
            fault = self.fault(self.requests)
            if fault == "before":
                return self._send(request, 500, {"message": "try later"})
            if fault == "limit":
                return self._send(request, 429, {"message": "slow down"}, {"retry-after": "1"})
            if not self.is_known(request.headers):
                self.refused.append(request.path)
                return self._send(request, 401, {"message": "who are you?"})
            parts = urlsplit(request.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, document = self.route(request.command, parts.path, query, body, request.headers)
            if fault == "after":
                request.close_connection = True
                request.connection.close()
                return None
        return self._send(request, status, document)

    def _send(self, request: Any, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        try:
            request.send_response(status)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(content)))
            for name, value in (headers or {}).items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            return

    def is_known(self, headers: Any) -> bool:
        """Whether the credentials are right."""
        raise NotImplementedError

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        """The API."""
        raise NotImplementedError

    def number(self) -> str:
        return str(len(self.tickets) + 1)


def basic(headers: Any) -> str:
    return base64.b64decode((headers.get("authorization") or "").removeprefix("Basic ")).decode()


class JiraStandIn(StandIn):
    """Jira REST API 2."""

    STATUS: ClassVar = {"11": ("To Do", "new"), "21": ("In Progress", "indeterminate"), "31": ("Done", "done")}

    def is_known(self, headers: Any) -> bool:
        return basic(headers) == f"bot@example.org:{self.secret}"

    def put(self, key: str, transition: str, resolution: str | None = None) -> dict[str, Any]:
        """Move an issue as a person would; returns the webhook's document."""
        issue = self.tickets[key]
        self._move(issue, transition, resolution)
        return {"webhookEvent": "jira:issue_updated", "issue": issue}

    def _move(self, issue: dict[str, Any], transition: str, resolution: str | None = None) -> None:
        name, category = self.STATUS[transition]
        issue["fields"]["status"] = {"name": name, "statusCategory": {"key": category}}
        issue["fields"]["resolution"] = {"name": resolution} if resolution else None

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        asked = json.loads(body) if body else {}
        if path == "/rest/api/2/search":
            label = re.search(r'labels = "([^"]+)"', asked["jql"])
            assert label
            return 200, {"issues": [one for one in self.tickets.values() if label[1] in one["fields"]["labels"]]}
        if path == "/rest/api/2/issue" and method == "POST":
            key = f"SEC-{self.number()}"
            self.tickets[key] = {"id": self.number(), "key": key, "fields": asked["fields"]}
            self._move(self.tickets[key], "11")
            return 201, {"id": "1", "key": key, "self": f"{self.url}/rest/api/2/issue/{key}"}
        key, _, rest = unquote(path.removeprefix("/rest/api/2/issue/")).partition("/")
        if key not in self.tickets:
            return 404, {"errorMessages": ["Issue does not exist"]}
        if rest == "comment":
            self.notes.append((key, asked["body"]))
            return 201, {"id": "1"}
        if rest == "transitions" and method == "GET":
            offered = [
                {"id": i, "name": n, "to": {"name": n, "statusCategory": {"key": c}}}
                for i, (n, c) in self.STATUS.items()
            ]
            return 200, {"transitions": offered}
        if rest == "transitions":
            self._move(self.tickets[key], asked["transition"]["id"])
            return 204, None
        return 200, self.tickets[key]


class ServiceNowStandIn(StandIn):
    """ServiceNow Table API."""

    def is_known(self, headers: Any) -> bool:
        return basic(headers) == f"bot:{self.secret}"

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        sys_id = path.removeprefix("/api/now/table/incident").strip("/")
        if method == "POST":
            sys_id = f"{int(self.number()):032x}"
            self.tickets[sys_id] = {"sys_id": sys_id, "number": f"INC{self.number()}", "state": "1", **json.loads(body)}
            return 201, {"result": self.tickets[sys_id]}
        if not sys_id:
            _, _, wanted = query["sysparm_query"].partition("=")
            return 200, {"result": [one for one in self.tickets.values() if one["correlation_id"] == wanted]}
        if sys_id not in self.tickets:
            return 404, {"error": {"message": "No Record found"}}
        if method == "PATCH":
            changes = json.loads(body)
            self.notes += [(sys_id, changes[name]) for name in ("work_notes", "close_notes") if name in changes]
            self.tickets[sys_id].update(changes)
        return 200, {"result": self.tickets[sys_id]}


class GitHubStandIn(StandIn):
    """GitHub Issues."""

    def is_known(self, headers: Any) -> bool:
        return headers.get("authorization") == f"Bearer {self.secret}"

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        assert headers.get("x-github-api-version") == "2022-11-28"
        number, _, rest = path.removeprefix("/repos/acme/fixes/issues").strip("/").partition("/")
        asked = json.loads(body) if body else {}
        if method == "POST" and not number:
            number = self.number()
            issue = {
                "number": int(number), "html_url": f"https://github.example/{number}", "state": "open",
                "state_reason": None, "assignees": [], "title": asked["title"], "body": asked["body"],
                "labels": [{"name": one} for one in asked["labels"]],
            }  # fmt: skip
            self.tickets[number] = issue
            return 201, issue
        if not number:
            wanted = query["labels"]
            return 200, [one for one in self.tickets.values() if wanted in [each["name"] for each in one["labels"]]]
        if number not in self.tickets:
            return 404, {"message": "Not Found"}
        if rest == "comments":
            self.notes.append((number, asked["body"]))
            return 201, {}
        if method == "PATCH":
            self.tickets[number].update(asked)
        return 200, self.tickets[number]


class GitLabStandIn(StandIn):
    """GitLab issues."""

    def is_known(self, headers: Any) -> bool:
        return headers.get("private-token") == self.secret

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        assert path.startswith("/api/v4/projects/acme%2Ffixes/issues")
        iid, _, rest = path.removeprefix("/api/v4/projects/acme%2Ffixes/issues").strip("/").partition("/")
        asked = json.loads(body) if body else {}
        if method == "POST" and not iid:
            iid = self.number()
            labels = asked.pop("labels").split(",")
            self.tickets[iid] = {"iid": int(iid), "web_url": f"https://gitlab.example/{iid}", "state": "opened",
                                 "assignees": [], "labels": labels, **asked}  # fmt: skip
            return 201, self.tickets[iid]
        if not iid:
            return 200, [one for one in self.tickets.values() if query["labels"] in one["labels"]]
        if iid not in self.tickets:
            return 404, {"message": "404 Not found"}
        if rest == "notes":
            self.notes.append((iid, asked["body"]))
            return 201, {}
        if method == "PUT":
            self.tickets[iid]["state"] = {"close": "closed", "reopen": "opened"}[asked["state_event"]]
        return 200, self.tickets[iid]


class AzureDevOpsStandIn(StandIn):
    """Azure DevOps work items."""

    def is_known(self, headers: Any) -> bool:
        return basic(headers) == f":{self.secret}"

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        assert query["api-version"] == "7.1"
        rest = unquote(path).removeprefix("/acme/fixes/_apis/wit/")
        if rest == "wiql":
            tag = re.search(r"CONTAINS '([^']+)'", json.loads(body)["query"])
            assert tag
            found = [i for i, one in self.tickets.items() if tag[1] in one["fields"]["System.Tags"]]
            return 200, {"workItems": [{"id": int(one)} for one in found]}
        number = rest.removeprefix("workitems/")
        if method != "GET":
            assert headers.get("content-type") == "application/json-patch+json"
            fields = {one["path"].removeprefix("/fields/"): one["value"] for one in json.loads(body)}
            if number == "$Task":
                number = self.number()
                self.tickets[number] = {"id": int(number), "fields": {"System.State": "New"}}
            elif "System.History" in fields:
                self.notes.append((number, fields["System.History"]))
            self.tickets[number]["fields"].update(fields)
        return (200, self.tickets[number]) if number in self.tickets else (404, {"message": "gone"})


class IntuneStandIn(StandIn):
    """Graph: security tasks, with sign-in."""

    PATH: ClassVar = "/beta/deviceAppManagement/deviceAppManagementTasks"

    def is_known(self, headers: Any) -> bool:
        return headers.get("authorization") in (None, "Bearer graph-token")

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        if path == "/tenant-1/oauth2/v2.0/token":
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if given["client_secret"] != self.secret or given["grant_type"] != "client_credentials":
                return 401, {"error": "invalid_client"}
            return 200, {"access_token": "graph-token", "expires_in": 3599, "token_type": "Bearer"}
        if headers.get("authorization") is None:
            return 401, {"error": {"code": "InvalidAuthenticationToken"}}
        number, _, rest = path.removeprefix(self.PATH).strip("/").partition("/")
        if method == "POST" and not number:
            number = self.number()
            self.tickets[number] = {"id": number, **json.loads(body)}
            return 201, self.tickets[number]
        if not number:
            start = int(query.get("$skip", 0))
            some = list(self.tickets.values())[start : start + 2]
            more = start + 2 < len(self.tickets)
            link = {"@odata.nextLink": f"{self.url}{self.PATH}?$skip={start + 2}"} if more else {}
            return 200, {"value": some, **link}
        if number not in self.tickets:
            return 404, {"error": {"code": "ResourceNotFound"}}
        if rest == "updateStatus":
            asked = json.loads(body)
            self.tickets[number]["status"] = asked["status"]
            self.notes.append((number, asked["note"]))
            return 204, None
        return 200, self.tickets[number]


class WebhookStandIn(StandIn):
    """Somebody's own receiver, which knows idempotency keys."""

    def __init__(self, fault: Callable[[int], str] = lambda _: "") -> None:
        self.seen: set[str] = set()
        super().__init__(fault)

    def is_known(self, headers: Any) -> bool:
        return True

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        from weakspot.remediation.trackers.base import verify_hmac

        verify_hmac(self.secret, body, headers.get("x-weakspot-signature", ""))
        told, once = json.loads(body), headers["idempotency-key"]
        if once not in self.seen:
            self.seen.add(once)
            if told["action"] == "create":
                self.tickets[told["id"]] = {"state": "Pending", **told["ticket"]}
            else:
                self.notes.append((told["id"], told["text"]))
                self.tickets[told["id"]]["state"] = {"close": "Completed", "reopen": "Pending"}.get(
                    told["action"], self.tickets[told["id"]]["state"]
                )
        return 200, {"id": told["id"], "url": "https://own.example/1", "state": self.tickets[told["id"]]["state"]}


class MailStandIn:
    """A mail server (RFC 5321); ``replies`` are sent in place of 250 to the next messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.replies: list[str] = []
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self) -> None:
                self.say("220 stand-in")
                while line := self.rfile.readline().decode().strip():
                    verb = line.split(" ")[0].upper()
                    if verb == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (one := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                            lines.append(one)
                        reply = stand_in.replies.pop(0) if stand_in.replies else "250 taken"
                        if reply.startswith("250"):
                            stand_in.messages.append("\n".join(lines))
                        self.say(reply)
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
