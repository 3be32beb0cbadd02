"""Which devices a baseline profile is for, and what each of its checks says of them. Derived, never stored.

Every distinct value of a setting is judged once; a profile without thresholds of its own shares the states of the
checks. Devices under an exception of a check's recommendation are not assessed by it (spec/features.md 17.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot import posture, recommendations
from weakspot.inventory import settings
from weakspot.posture import Check, baselines
from weakspot.posture.baselines import Baseline, Configuration, Profile
from weakspot.queries.baseline_contracts import Compliance
from weakspot.queries.checks import CheckReader
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import NotFound


class Assessed(msgspec.Struct, frozen=True):
    """One check of a profile, as the profile asks it, over the profile's devices. The caller's own bitmaps.

    compliant, failing and unknown are disjoint and together ``applicable``; exempt devices are in none of them.
    """

    check: Check
    is_customised: bool
    applicable: BitMap
    compliant: BitMap
    failing: BitMap
    unknown: BitMap
    """They do not tell the setting, or not in a way that can be compared."""
    exempt: BitMap


class Standing(msgspec.Struct, frozen=True):
    """The devices of a profile by how they stand to all of it, and its checks by id."""

    baseline: Baseline
    devices: BitMap
    compliant: BitMap
    failing: BitMap
    assessed: Mapping[str, Assessed]
    missing: tuple[str, ...]

    @property
    def unknown(self) -> BitMap:
        """Devices that fail nothing that is known of them."""
        return self.devices - self.compliant - self.failing

    def of_device(self, device_id: int) -> Compliance:
        """How one of its devices stands."""
        if device_id in self.failing:
            return "non_compliant"
        return "compliant" if device_id in self.compliant else "unknown"


class BaselineReader:
    """The profiles of one scope at one moment."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.checks = CheckReader(lens)

    @cached_property
    def all(self) -> list[Baseline]:
        """The profiles that are for some device group of the scope, by name."""
        return [one for one in baselines.baselines(self.lens.conn) if self._is_seen(one)]

    def one(self, baseline_id: str) -> Standing:
        """Where devices stand to one of them. Raises NotFound."""
        found = baselines.baseline(self.lens.conn, baseline_id)
        if not self._is_seen(found):
            raise NotFound("There is no such baseline profile for device groups that you may see.")
        return self.standing(found)

    def _is_seen(self, baseline: Baseline) -> bool:
        groups = baseline.profile.groups
        return groups is None or any(self.lens.scope.includes(one) for one in groups)

    def enabled(self) -> list[Standing]:
        """Where devices stand to the profiles that are enabled."""
        return [self.standing(one) for one in self.all if one.profile.is_enabled]

    def standing(self, baseline: Baseline) -> Standing:
        """Where the devices of the scope stand to one profile; a disabled one has none."""
        devices = self.devices_of(baseline.profile) if baseline.profile.is_enabled else BitMap()
        known = {
            one.check_id: self._assessed(one, devices)
            for one in baseline.profile.configurations
            if one.check_id in self.checks.states
        }
        failing = BitMap.union(BitMap(), *(one.failing for one in known.values()))
        unknown = BitMap.union(BitMap(), *(one.unknown for one in known.values()))
        missing = tuple(one.check_id for one in baseline.profile.configurations if one.check_id not in known)
        return Standing(baseline, devices, devices - failing - unknown, failing, known, missing)

    def devices_of(self, profile: Profile) -> BitMap:
        """Counted devices of the scope that a profile is for."""
        view = self.lens.view
        found = view.platforms.get(profile.platform, BitMap()) & self.lens.counted
        if profile.groups is not None:
            found &= view.population.members_of(list(profile.groups))
        if profile.tags:
            found &= BitMap.union(BitMap(), *(view.labels.get(("tag", one), BitMap()) for one in profile.tags))
        return found & self._of_system(profile) if profile.distribution or profile.os_version else found

    def _of_system(self, profile: Profile) -> BitMap:
        columns = self.lens.device_columns()
        wanted = [
            (not profile.distribution or distribution.lower() == profile.distribution)
            and version.startswith(profile.os_version)
            for _, distribution, version in columns.systems
        ]
        return BitMap(columns.ids[np.array(wanted, np.bool_)[columns.system]])

    def _assessed(self, configuration: Configuration, devices: BitMap) -> Assessed:
        state = self.checks.states[configuration.check_id]
        applicable, compliant, failing = state.applicable, state.compliant, state.non_compliant
        is_customised = baselines.is_customised(configuration, state.check)
        if is_customised:
            applicable, compliant, failing = self._judged(configuration, devices)
        ident = recommendations.check_recommendation_id(configuration.check_id)
        found = self.lens.exceptions
        exempt = found.reached(found.of_recommendation(ident)) & devices & applicable
        here = (devices & applicable) - exempt
        compliant, failing = compliant & here, failing & here
        asked = baselines.asked(configuration, state.check)
        return Assessed(asked, is_customised, here, compliant, failing, here - compliant - failing, exempt)

    def _judged(self, configuration: Configuration, devices: BitMap) -> tuple[BitMap, BitMap, BitMap]:
        """(applicable, compliant, failing) by a threshold of the profile's own."""
        known = self.checks.evaluation.values[configuration.check_id]
        ids = known.compliant | known.non_compliant | known.not_applicable | known.unknown
        check = baselines.asked(configuration, self.checks.states[configuration.check_id].check)
        found: dict[str, list[int]] = {}
        for one, value in settings.values(self.lens.conn, ids).items():
            found.setdefault(posture.evaluate(check, value.value), []).append(one)
        with_values = self.lens.view.devices_with_settings
        return (
            devices - with_values(sorted(found.get("not_applicable", ()))),
            with_values(sorted(found.get("compliant", ()))),
            with_values(sorted(found.get("non_compliant", ()))),
        )
