"""``Fleet``: the index as the rest of the product holds it. One writer applies batches, any number of threads read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.checking import differences
from weakspot.fleet.configuring import with_many
from weakspot.fleet.contracts import Batch, DeviceFacts, DevicePlatforms, DeviceValue, Ids, Int64s, Labels
from weakspot.fleet.counting import Ledger, Pause, no_pause
from weakspot.fleet.editing import Editor
from weakspot.fleet.lag import Lag
from weakspot.fleet.lately import Lately
from weakspot.fleet.raising import dress, strip
from weakspot.fleet.view import FleetView
from weakspot.inventory.contracts import FleetPlaces

Chunk = tuple[Int64s, Int64s]
"""Parallel arrays of device ids and software version (or setting value) ids."""


class Fleet:
    """The fleet index in memory; no database, so that the same class serves embedded, in a shard and in tests.

    Reads are answered from the newest view and are safe from any thread; ``view()`` pins one for several questions.
    ``apply`` and the other writing methods wait for each other. A batch is visible whole or, when it fails, not at all.
    """

    def __init__(self, *, bulk: int | None = None) -> None:
        self._view = FleetView()
        self._bulk = bulk
        self._writing = threading.Lock()
        self._published = threading.Condition()
        self._coming: Ledger | None = None
        self._pending: dict[int, int] = {}
        self.lag = Lag()
        """How long commits waited to be shown; noted by who follows them."""

    # writing ---------------------------------------------------------------------------------------------------------

    def apply(self, batch: Batch, *, pause: Pause = no_pause) -> FleetView:
        """Bring a batch into force and publish the new view. Idempotent. ``pause`` is called between pieces of work."""
        with self._writing:
            editor = Editor(self._view, coming=self._coming, bulk=self._bulk, pause=pause)
            try:
                editor.apply(batch)
                for vulnerability in batch.hazards:
                    self._pending.pop(vulnerability, None)
                return self._publish(editor.finish(batch.seq))
            except BaseException:
                # The coming sums may be half moved; whoever follows the changes folds them again.
                self._coming, self._pending = None, {}
                raise

    def build(
        self,
        *,
        seq: int,
        software: Mapping[int, int],
        facts: Sequence[DeviceFacts] = (),
        places: FleetPlaces | None = None,
        installations: Iterable[Chunk],
        matches: Mapping[int, Iterable[int]],
        hazards: Mapping[int, int],
        labels: Labels | None = None,
        detected: Mapping[int, Sequence[int]] | None = None,
        raised: Mapping[int, int] | None = None,
        settings: Iterable[Chunk] = (),
        platforms: DevicePlatforms | None = None,
        pause: Pause = no_pause,
    ) -> FleetView:
        """Replace everything. A device's pairs are in one chunk; a chunk of ten million needs 250 MB for a while."""
        with self._writing:
            self._coming, self._pending = None, {}
            editor = Editor(FleetView(), bulk=0, pause=pause)
            editor.apply(
                Batch(
                    software=software,
                    facts=facts,
                    places=places,
                    hazards=hazards,
                    labels=labels,
                    detected=detected or {},
                    raised=raised or {},
                    platforms=platforms,
                )
            )
            editor.view.settings = with_many(editor.view.settings, settings)
            for devices, versions in installations:
                editor.install_many(devices, versions)
            editor.set_matches(matches)
            made = editor.finish(seq)
            made.lately = Lately(seq)
            return self._publish(made)

    def replace(self, view: FleetView) -> None:
        """Put a view from a snapshot into force."""
        with self._writing:
            self._coming, self._pending = None, {}
            view.lately = Lately(view.facts_seq)
            self._publish(view)

    def begin_hazards(self, hazards: Mapping[int, int]) -> None:
        """Prepare a large change of hazards, to be folded by ``fold_hazards`` and put into force whole at its end.

        Batches applied meanwhile show at once, with the old hazards, and are taken into the coming sums as well.
        """
        with self._writing:
            if self._coming is None:
                self._coming = Ledger(self._view.hazard, self._view.sums, self._view.extras)
                self._coming.sums.contiguous(self._view.device_extent)
            self._pending.update(hazards)

    def fold_hazards(self, limit: int, *, pause: Pause = no_pause) -> bool:
        """Fold up to ``limit`` of the prepared hazards; True when none is left and the new sums are in force."""
        with self._writing:
            if self._coming is None:
                return True
            view = self._view
            slice_ids = sorted(islice(self._pending, limit))
            present = [one for one in slice_ids if view.carriers[one]]
            if present:
                values = np.array([self._pending[one] for one in present], np.int64)
                self._coming.fold(
                    np.array(present, np.int64),
                    values,
                    lambda one: view.carrying(view.carriers[one]),
                    view.device_extent,
                    pause,
                )
            for one in slice_ids:
                del self._pending[one]
            if self._pending:
                return False
            following = view.successor()
            # What detections raise was the difference to the old hazards.
            strip(self._coming, view.detection.of_device)
            dress(self._coming, view, view.detection, view.detection.of_device)
            following.extras = self._coming.extras
            following.hazard = self._coming.hazard
            following.sums = self._coming.sums.freeze()
            self._coming = None
            self._publish(following)
            return True

    def _publish(self, view: FleetView) -> FleetView:
        if self._coming is None:
            view.seq = view.facts_seq
        with self._published:
            self._view = view
            self._published.notify_all()
        return view

    # reading ---------------------------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """Last ``changes.seq`` that is in force."""
        return self._view.seq

    @property
    def is_folding(self) -> bool:
        """Whether a large change of hazards is under way and not yet in force."""
        return self._coming is not None

    def view(self) -> FleetView:
        """The newest version: immutable, consistent in itself."""
        return self._view

    def wait_for(self, seq: int, timeout_seconds: float, *, scores: bool = True) -> bool:
        """Wait until ``seq`` is in force; False when it is not after the timeout.

        scores: False to wait for devices and matches only, which do not wait for a large change of hazards.
        """
        with self._published:
            return self._published.wait_for(
                lambda: (self._view.seq if scores else self._view.facts_seq) >= seq, timeout_seconds
            )

    def scope_bitmap(self, scope: Scope) -> BitMap:
        """As ``FleetView.scope_bitmap``."""
        return self._view.scope_bitmap(scope)

    def devices_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_vulnerability``."""
        return self._view.devices_of_vulnerability(vulnerability_id, scope)

    def devices_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_software``."""
        return self._view.devices_of_software(software_id, scope)

    def exposed_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.exposed_of_software``."""
        return self._view.exposed_of_software(software_id, scope)

    def devices_of_version(self, software_version_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_version``."""
        return self._view.devices_of_version(software_version_id, scope)

    def vulnerability_counts(self, scope: Scope) -> tuple[Int64s, Int64s]:
        """As ``FleetView.vulnerability_counts``."""
        return self._view.vulnerability_counts(scope)

    def software_counts(self, scope: Scope) -> tuple[Int64s, Int64s, Int64s]:
        """As ``FleetView.software_counts``."""
        return self._view.software_counts(scope)

    def device_hazards(self, ids: BitMap | Sequence[int] | Ids | None, scope: Scope) -> tuple[Int64s, Int64s, Int64s]:
        """As ``FleetView.device_hazards``."""
        return self._view.device_hazards(ids, scope)

    def vulnerabilities_of_device(self, device_id: int) -> BitMap:
        """As ``FleetView.vulnerabilities_of_device``."""
        return self._view.vulnerabilities_of_device(device_id)

    def vulnerabilities_of_version(self, software_version_id: int) -> BitMap:
        """As ``FleetView.vulnerabilities_of_version``."""
        return self._view.vulnerabilities_of_version(software_version_id)

    def vulnerabilities_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.vulnerabilities_of_software``."""
        return self._view.vulnerabilities_of_software(software_id, scope)

    def versions_of_vulnerability(self, vulnerability_id: int) -> Ids:
        """As ``FleetView.versions_of_vulnerability``."""
        return self._view.versions_of_vulnerability(vulnerability_id)

    def versions_of_software(self, software_id: int) -> Ids:
        """As ``FleetView.versions_of_software``."""
        return self._view.versions_of_software(software_id)

    def vulnerability_hazard(self, vulnerability_id: int) -> int:
        """As ``FleetView.vulnerability_hazard``."""
        return self._view.vulnerability_hazard(vulnerability_id)

    def device_value(self, device_id: int) -> DeviceValue | None:
        """As ``FleetView.device_value``."""
        return self._view.device_value(device_id)

    def differences(self, other: Fleet, *, limit: int = 100) -> list[str]:
        """What differs from another index that should be equal, in sentences; see ``checking.differences``."""
        return differences(self._view, other._view, limit=limit)
