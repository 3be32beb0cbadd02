"""The one tree of errors.

::

    WeakspotError                 500  internal            something is wrong on our side
    ├── InputError                400  bad-input           the caller must change the request
    │   ├── InvalidField          422  invalid-field       one field is named
    │   ├── TooLarge              413  too-large           over a byte or item limit
    │   ├── UnsupportedEncoding   415  unsupported-encoding
    │   ├── BadQuery              400  bad-query           a filter, sort or page option
    │   └── MethodNotAllowed      405  method-not-allowed  the path exists, the method does not
    ├── AccessError               401  unauthenticated     no or no valid credentials
    │   ├── Forbidden             403  forbidden           known caller, missing permission
    │   └── HostNotAllowed        421  host-not-allowed    Host header not on the allow-list
    ├── NotFound                  404  not-found
    ├── Conflict                  409  conflict
    │   ├── ResyncRequired        409  resync-required     send a full report
    │   ├── ReportSuperseded      409  report-superseded   a newer report was accepted
    │   └── DeviceKnown           409  device-known        hardware ids belong to a known device
    ├── RateLimited               429  rate-limited
    └── Unavailable               503  unavailable         try again later
        └── SourceUnavailable     503  source-unavailable  a feed did not answer

Each has an HTTP status, a stable ``slug`` (the last part of the problem type, RFC 9457) and a ``detail``
sentence that tells the reader what to do next. ``field`` names the part of the input that is at fault, where
there is one.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

PROBLEM_TYPE_BASE = "https://weakspot.example/problems/"


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """RFC 9457 problem details: the one error shape of every answer that is not a success."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    field: str | None = None


class WeakspotError(Exception):
    """Base of all errors that are meant to be told to somebody."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, field: str | None = None, retry_after_seconds: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.retry_after_seconds = retry_after_seconds

    def problem(self, instance: str | None = None) -> ProblemDetails:
        """The error as an RFC 9457 document; ``instance`` is the id of the request."""
        return ProblemDetails(
            type=PROBLEM_TYPE_BASE + self.slug,
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            field=self.field,
        )


class InputError(WeakspotError):
    """The request cannot be understood."""

    status, slug, title = 400, "bad-input", "Bad input"


class InvalidField(InputError):
    """One named field has a value that is not allowed."""

    status, slug, title = 422, "invalid-field", "Invalid field"


class TooLarge(InputError):
    """Over a limit of bytes, items or depth; the detail gives the limit."""

    status, slug, title = 413, "too-large", "Too large"


class UnsupportedEncoding(InputError):
    """A media type or content encoding that is not accepted here."""

    status, slug, title = 415, "unsupported-encoding", "Unsupported encoding"


class BadQuery(InputError):
    """A filter, sort or page option that cannot be used; the detail lists what can."""

    status, slug, title = 400, "bad-query", "Bad query"


class MethodNotAllowed(InputError):
    """The path exists, the method does not; ``allow`` lists those that do."""

    status, slug, title = 405, "method-not-allowed", "Method not allowed"

    def __init__(self, detail: str, *, allow: str = "") -> None:
        super().__init__(detail)
        self.allow = allow


class AccessError(WeakspotError):
    """No credentials, or none that are valid now."""

    status, slug, title = 401, "unauthenticated", "Not signed in"


class Forbidden(AccessError):
    """The caller is known and may not do this."""

    status, slug, title = 403, "forbidden", "Not allowed"


class HostNotAllowed(AccessError):
    """The Host header names a host that this server does not answer for (DNS rebinding)."""

    status, slug, title = 421, "host-not-allowed", "Host not allowed"


class NotFound(WeakspotError):
    """No such thing, or none that the caller may see."""

    status, slug, title = 404, "not-found", "Not found"


class Conflict(WeakspotError):
    """The request does not fit the present state."""

    status, slug, title = 409, "conflict", "Conflict"


class ResyncRequired(Conflict):
    """A delta does not start from the inventory that is stored; a full report is needed."""

    slug, title = "resync-required", "Full report required"


class ReportSuperseded(Conflict):
    """A report with a higher sequence was accepted already; this one can be dropped."""

    slug, title = "report-superseded", "Report superseded"


class DeviceKnown(Conflict):
    """The hardware ids belong to a known device: its old key or an approval is needed."""

    slug, title = "device-known", "Device known"


class RateLimited(WeakspotError):
    """Too many requests; ``retry_after_seconds`` says when to come back."""

    status, slug, title = 429, "rate-limited", "Too many requests"


class Unavailable(WeakspotError):
    """Not possible now; the same request may succeed later."""

    status, slug, title = 503, "unavailable", "Unavailable"


class SourceUnavailable(Unavailable):
    """A feed could not be fetched or read; the last good copy stays in use."""

    slug, title = "source-unavailable", "Source unavailable"
