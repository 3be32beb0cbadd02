"""Certificates of the fleet (spec/features.md 4, 17.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import EVERYTHING, EnrolledDevice, Scope, World, dpkg
from weakspot.inventory import detail_store
from weakspot.inventory.detail_contracts import Certificate, DeviceDetails
from weakspot.inventory.rules import certificates as rules
from weakspot.queries import certificates
from weakspot.queries.base import ListQuery
from weakspot.queries.certificate_columns import held
from weakspot.runtime.clock import DAY, to_iso
from weakspot.runtime.errors import BadQuery, NotFound


class Fleet:
    """web and mail are servers, desk is in the office, quiet tells no certificates."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers, self.office = world.group("Servers"), world.group("Office")
        self.web, self.mail = world.enrol("web", group=self.servers), world.enrol("mail", group=self.servers)
        self.desk, self.quiet = world.enrol("desk", group=self.office), world.enrol("quiet", group=self.office)
        for one in (self.web, self.mail, self.desk, self.quiet):
            world.report(one, dpkg("bash", "5.2-1"))
        self.root = self.certificate("root", 4000, issuer="CN=root", signature="sha1-rsa")
        self.tell(self.web, self.root, self.certificate("web", 20), self.certificate("old", -3, key_bits=1024))
        self.tell(self.mail, self.root, self.certificate("mail", 45), self.certificate("web", 20))
        untold = Certificate(sha256="f" * 64, subject="CN=untold")
        self.tell(self.desk, self.root, self.certificate("desk", 75), untold)

    def certificate(self, name: str, days: float, **fields: Any) -> Certificate:
        """One that ends in so many days."""
        now = self.world.clock.at
        told = {
            "sha256": name.encode().hex().rjust(64, "0"),
            "subject": f"CN={name}",
            "issuer": "CN=authority",
            "not_before": to_iso(now - 400 * DAY),
            "not_after": to_iso(now + int(days * DAY)),
            "key_type": "rsa",
            "key_bits": 2048,
            "signature": "sha256-rsa",
        }
        return Certificate(**(told | fields))

    def tell(self, device: EnrolledDevice, *told: Certificate) -> None:
        """What a device reports."""
        now, details = self.world.clock.at, DeviceDetails(certificates=told)
        self.world.database.write(lambda conn: detail_store.record(conn, device.id, details, now))

    def names(self, scope: Scope = EVERYTHING, **asked: Any) -> list[str]:
        """Common names of the list."""
        filters = {name: asked.pop(name) for name in list(asked) if name not in ("search", "sort")}
        with self.world.read() as read:
            page = certificates.page(read, scope, ListQuery(filters=filters, **asked))
        return [row.subject.removeprefix("CN=") for row in page.items]


FILTERED: list[tuple[dict[str, Any], list[str]]] = [
    ({"status": ("expired",)}, ["old"]),
    ({"status": ("expiring_soon",)}, ["web", "mail"]),
    ({"status": ("current", "not_reported")}, ["desk", "root", "untold"]),
    ({"due": ("90",)}, ["web", "mail", "desk"]),
    ({"due": ("30",)}, ["web"]),
    ({"self_signed": ("yes",)}, ["root"]),
    ({"self_signed": ("not_reported",)}, ["untold"]),
    ({"key_size": ("short",)}, ["old"]),
    ({"key_size": ("not_reported",)}, ["untold"]),
    ({"signature": ("weak",)}, ["root"]),
    ({"signature": ("valid",), "key_size": ("valid",)}, ["web", "mail", "desk"]),
    ({"risky": ("yes",)}, ["old", "web", "mail", "root"]),
    ({"risky": ("no",)}, ["desk", "untold"]),
    ({"search": "AUTHORITY"}, ["old", "web", "mail", "desk"]),
    ({"search": "authority", "status": ("expired",)}, ["old"]),
]


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def test_the_card_counts_what_expires_in_the_scope(fleet: Fleet) -> None:
    # 4: "Counts: already expired, due in 30, 60, 90 days."
    with fleet.world.read() as read:
        whole = certificates.summary(read, EVERYTHING)
        office = certificates.summary(read, Scope(frozenset([fleet.office])))
        nothing = certificates.summary(read, Scope(frozenset()))
    assert (whole.expired, whole.due_in_30_days, whole.due_in_60_days, whole.due_in_90_days) == (1, 1, 2, 3)
    assert (whole.devices, whole.devices_reporting, whole.certificates, whole.expiry_not_reported) == (4, 3, 6, 1)
    assert (office.expired, office.due_in_60_days, office.due_in_90_days) == (0, 0, 1)
    assert (office.devices, office.devices_reporting, office.certificates) == (2, 1, 3)
    assert (nothing.devices, nothing.certificates, nothing.risky) == (0, 0, 0)


def test_the_list_shows_what_ends_first_and_what_is_not_reported_last(fleet: Fleet) -> None:
    # 17.3: "List: subject/name, expiration date, key size, issuer, number of instances."
    assert fleet.names() == ["old", "web", "mail", "desk", "root", "untold"]
    assert fleet.names(sort="-not_after")[-1] == "untold"
    assert fleet.names(sort="-devices")[:2] == ["root", "web"]
    assert fleet.names(sort="subject")[0] == "desk"
    assert fleet.names(sort="key_bits")[0] == "old"
    assert fleet.names(Scope(frozenset([fleet.office]))) == ["desk", "root", "untold"]
    with fleet.world.read() as read:
        row = certificates.page(read, EVERYTHING, ListQuery(search="cn=root")).items[0]
    assert (row.subject, row.issuer, row.key_bits, row.devices) == ("CN=root", "CN=root", 2048, 3)


def test_filters(fleet: Fleet) -> None:
    # 17.3: "certificate status (expired, expiring soon, future-dated, current), self-signed, key size, signature hash"
    for asked, found in FILTERED:
        assert fleet.names(**asked) == found, asked


def test_what_is_not_reported_is_never_weak(fleet: Fleet) -> None:
    with fleet.world.read() as read:
        (row,) = certificates.page(read, EVERYTHING, ListQuery(search="untold")).items
    assert (row.status, row.not_after, row.key_type, row.key_bits, row.signature) == ("not_reported",) + (None,) * 4
    assert (row.is_short_key, row.is_weak_signature, row.is_self_signed) == (None, None, None)


def test_devices_of_one_certificate_are_those_of_the_scope(fleet: Fleet) -> None:
    with fleet.world.read() as read:
        by_name = {row.subject: row.id for row in certificates.page(read, EVERYTHING, ListQuery()).items}
        office = Scope(frozenset([fleet.office]))
        root = by_name["CN=root"]
        assert certificates.detail(read, EVERYTHING, root).devices == 3
        assert certificates.detail(read, office, root).devices == 1
        page = certificates.devices(read, office, root, ListQuery())
        assert [row.name for row in page.items] == ["desk"]
        found = certificates.devices(read, EVERYTHING, root, ListQuery(search="mai"))
        assert [row.name for row in found.items] == ["mail"]
        with pytest.raises(NotFound):
            certificates.detail(read, office, by_name["CN=mail"])
        with pytest.raises(NotFound):
            certificates.devices(read, EVERYTHING, 999_999, ListQuery())


def test_a_change_is_followed_and_equals_a_fresh_reading(fleet: Fleet) -> None:
    assert "old" in fleet.names()
    fleet.tell(fleet.web, fleet.certificate("new", 10), fleet.root)
    fleet.tell(fleet.desk)
    assert fleet.names() == ["new", "web", "mail", "root"]
    with fleet.world.read() as read:
        followed = held(read)
        fresh = type(followed)().followed(read.conn, followed.revision)
        here = {one.sha256: devices for one, devices in zip(followed.columns.listed, followed.devices, strict=True)}
        anew = {one.sha256: devices for one, devices in zip(fresh.columns.listed, fresh.devices, strict=True)}
        assert {name: devices for name, devices in here.items() if devices} == anew
        assert followed.telling == fresh.telling
        assert certificates.summary(read, EVERYTHING).devices_reporting == 3, "none is an answer"


def test_a_device_that_does_not_count_has_no_instances(fleet: Fleet) -> None:
    fleet.world.decide(fleet.desk, is_excluded=True, exclusion_reason="other", group_id=fleet.office)
    assert "desk" not in fleet.names()


def test_all_statuses_at_once_are_those_of_each(fleet: Fleet) -> None:
    ahead = {"not_before": to_iso(fleet.world.clock.at + DAY)}
    fleet.tell(fleet.mail, fleet.certificate("later", 300, **ahead), fleet.certificate("edge", 60))
    with fleet.world.read() as read:
        columns = held(read).columns
    codes = columns.statuses(fleet.world.clock.at).tolist()
    assert [rules.STATUSES[code] for code in codes] == [
        rules.status(one.not_before, one.not_after, fleet.world.clock.at) for one in columns.listed
    ]
    assert fleet.names(status=("future_dated",)) == ["later"]


def test_other_words_are_refused(fleet: Fleet) -> None:
    with fleet.world.read() as read, pytest.raises(BadQuery):
        certificates.page(read, EVERYTHING, ListQuery(filters={"due": ("31",)}))
