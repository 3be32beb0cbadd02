"""What is open on a Windows system, by its build and its updates.

A system is a product (``windows 10 version 21h2 for x64-based systems``) with its full build and the updates that it
says it has. Microsoft's claims name a product, and for each flaw the builds and the updates that fix it. The rules, for
each flaw, first that applies:

1. Since Windows 10 an update raises the build, so where a fixed build of the same branch is known the *build decides*,
   whatever the list of updates says: an update that is listed but waits for a restart fixes nothing yet.
2. Before Windows 10 the build is not kept by every kind of update. It can prove a fix, not the lack of one.
3. Otherwise a flaw is fixed when one of its updates is *in effect*: applied, or contained in one that is. A build puts
   all updates in effect that lead to it or to a lower build. An update is not in effect, though listed, when its build
   (or the build of one that it contains) is above the device's, when it waits for a restart, or when the device itself
   still asks for it.
4. An update whose chain contains one of a higher build is missing, whatever the list says or does not say.
5. Updates outside the system's chain are only for devices to which they apply (a recovery partition, say). Where the
   device lists what it still needs and does not ask for one, the flaw is kept with low confidence.

   The vendor's word on what replaces what has gaps. Since Windows 10 an update that fixes several flaws at once is one
   of the chain, so where none replaces it the next one of the chain does.
6. Without a full build and without a list nothing follows: under investigation, never counted.

Components of the system that have names of their own in the advisories (Internet Explorer, the old Edge, .NET
Framework) are judged with it: by its build, and by their own updates where the device says what it has or needs.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Candidate, ClaimOutcome, MatchStatus, Outcome, Verdict
from weakspot.matching.rules.supersedence import Supersedence
from weakspot.vocabulary import versions
from weakspot.vocabulary.ecosystems import WINDOWS
from weakspot.vocabulary.versions import windows as builds
from weakspot.vocabulary.windows import NOT_FIXES, UpdateSet, product_of, read_update_set, update_number

SYSTEM = "windows_build"
COMPONENT = "windows_component"
METHODS = frozenset({SYSTEM, COMPONENT})
SYSTEM_TYPE = "windows_os"
UPDATE_TYPE = "windows_update"
"""Types of inventory items that these rules read."""

CUMULATIVE_FROM = 5
"""Flaws of one system that an update must fix to be taken for one of its chain."""

BY_BUILD, BY_CHAIN, BY_LIST, BY_COMPONENT = 100, 95, 90, 80
WEAK, NO_FIX, UNCLEAR = 40, 40, 20

_key = functools.lru_cache(maxsize=65_536)(builds.key)
_branch_of = functools.lru_cache(maxsize=65_536)(builds.branch_of)
"""The same few thousand builds come again in every claim."""

_BUILD = re.compile(r"10\.0\.(\d{5})\.(\d+)")
_SISTERS = {
    build: family
    for family, of_family in enumerate(
        (("18362", "18363"), ("19041", "19042", "19043", "19044", "19045"), ("22621", "22631"), ("26100", "26200"))
    )
    for build in of_family
}
"""Branches that differ by a switch only: they get the same updates, with the same revision."""

_SMALL = frozenset({"for", "on", "and"})
_SPELLED = {".net": ".NET", "r2": "R2", "arm64-based": "ARM64-based"} | {
    f"{year}h{half}": f"{year}H{half}" for year in range(20, 40) for half in (1, 2)
}

_FRAMEWORKS = (
    "3.5", "3.5.1", "3.5 and 4.6.2", "3.5 and 4.6/4.6.2", "3.5 and 4.6.2/4.7/4.7.1/4.7.2", "3.5 and 4.7.1/4.7.2",
    "3.5 and 4.7.2", "3.5 and 4.8", "3.5 and 4.8.1", "4.5.2", "4.6", "4.6/4.6.1", "4.6/4.6.1/4.6.2",
    "4.6/4.6.1/4.6.2/4.7", "4.6/4.6.1/4.6.2/4.7/4.7.1", "4.6/4.6.1/4.6.2/4.7/4.7.1/4.7.2", "4.6.2",
    "4.6.2/4.7/4.7.1/4.7.2", "4.7/4.7.1/4.7.2", "4.7.1/4.7.2", "4.7.2", "4.8", "4.8.1",
)  # fmt: skip
_COMPONENTS = (
    "internet explorer 9", "internet explorer 10", "internet explorer 11", "microsoft edge (edgehtml-based)",
    "adobe flash player", *(f"microsoft .net framework {version}" for version in _FRAMEWORKS),
)  # fmt: skip


class Fix(msgspec.Struct, frozen=True):
    """One way in which the vendor fixes a flaw: an update, a build of the device's branch, or both."""

    update: str
    build: str


class OpenFlaw(msgspec.Struct, frozen=True):
    """A flaw that is not fixed here, with the claims about it and the updates that would fix it."""

    vulnerability_id: int
    status: MatchStatus
    confidence: int
    fixes: tuple[Fix, ...]
    claims: tuple[Claim, ...]
    candidate: Candidate


def candidates(software_version_id: int, name: str, version: str, architecture: str, updates: str) -> list[Candidate]:
    """The system's own identity and those of its components; empty when the edition cannot be told.

    updates: ``UpdateSet.to_text``. It travels in ``Candidate.module``.
    """
    product = product_of(name, version, architecture)
    if not product:
        return []
    ecosystem = WINDOWS if product.startswith("windows") else "microsoft"
    system = Candidate(software_version_id, ecosystem, product, version, SYSTEM, BY_BUILD, updates)
    parts = [
        Candidate(software_version_id, "microsoft", f"{component} on {product}", version, COMPONENT, 80, updates)
        for component in _COMPONENTS
    ]
    return [system, *parts]


def _bridges(cumulative: frozenset[str], graph: Supersedence) -> Iterator[tuple[str, str]]:
    """(update, replaced) where no update of the chain replaces one though there are later ones: the next one does."""
    ordered = sorted(cumulative, key=lambda kb: (len(kb), kb))
    replaced = {older for kb in ordered for older in graph.contained(kb) if older != kb}
    for update, after in itertools.pairwise(ordered):
        if update not in replaced:
            yield after, update


class System:
    """One device's system: what is in effect on it, given all claims about it."""

    def __init__(self, version: str, updates: UpdateSet, claims: Sequence[Claim], graph: Supersedence) -> None:
        self.version = version
        self.updates = updates
        self.stated = graph
        """The vendor's word on what replaces what. ``graph`` is that with the gaps in this system's chain closed."""
        self.branch = _branch_of(version)
        self.key = _key(version) if self.branch is not None else b""
        self.is_cumulative = version.strip().startswith("10.") and self.branch is not None
        self.cumulative = self._cumulative(claims)
        self.graph = graph = graph.extended(_bridges(self.cumulative, graph))
        self.build_of = self._builds(claims)
        self.chain = graph.all_contained(self.build_of.keys() | self.cumulative)
        reached = {kb for kb, build in self.build_of.items() if _key(build) <= self.key}
        self.reached = graph.all_contained(reached)
        """Updates that the build proves; a chain corrects a single build that the vendor misprinted."""
        self._above = self.build_of.keys() - self.reached if self.is_cumulative else frozenset[str]()
        self.in_effect = self._in_effect()
        listed = updates.applied | updates.pending
        self.waiting = graph.all_contained(listed - self.in_effect) - self.in_effect

    def fixed_build(self, claim: Claim) -> str:
        """The build of this branch from which on the claim does not hold; empty where none is known."""
        return self._own_build(claim) or self.build_of.get(update_number(claim.module), "")

    def is_above(self, update: str) -> bool:
        """Whether the update leads to a higher build than the device's, so that it cannot be in effect."""
        return update not in self.reached and not self._above.isdisjoint(self.graph.contained(update))

    def is_separate(self, update: str) -> bool:
        """Whether the update is no part of the chain that raises the build."""
        if not self.chain:
            return False
        return update not in self.chain and self.chain.isdisjoint(self.graph.contained(update))

    def is_offered(self, updates: Iterable[str]) -> bool:
        """Whether the device asks for one of these or for one that replaces it."""
        wanted = set(updates)
        return any(not wanted.isdisjoint(self.graph.contained(offered)) for offered in self.updates.offered)

    def _cumulative(self, claims: Sequence[Claim]) -> frozenset[str]:
        if not self.version.strip().startswith("10."):
            return frozenset()
        fixes: defaultdict[str, set[int]] = defaultdict(set)
        for claim in claims:
            fixes[update_number(claim.module)].add(claim.vulnerability_id)
        return frozenset(kb for kb, fixed in fixes.items() if kb and len(fixed) >= CUMULATIVE_FROM)

    def _builds(self, claims: Sequence[Claim]) -> dict[str, str]:
        """Update -> the lowest build of this branch that it leads to.

        Advisories sometimes print the build of a sister branch, which gets the same update with the same revision. That
        is taken for updates that are linked with one whose build is certain.
        """
        certain = self._lowest((claim, self._own_build(claim)) for claim in claims)
        chain = self.graph.all_contained(certain)
        sisters = self._lowest((claim, self._sister_build(claim)) for claim in claims)
        linked = {
            update: build
            for update, build in sisters.items()
            if update in chain or not chain.isdisjoint(self.graph.contained(update))
        }
        return linked | certain

    def _lowest(self, found: Iterable[tuple[Claim, str]]) -> dict[str, str]:
        lowest: dict[str, str] = {}
        for claim, build in found:
            if build and (update := update_number(claim.module)):
                known = lowest.get(update)
                if known is None or _key(build) < _key(known):
                    lowest[update] = build
        return lowest

    def _own_build(self, claim: Claim) -> str:
        if claim.fixed is None or self.branch is None or _branch_of(claim.fixed) != self.branch:
            return ""
        return claim.fixed

    def _sister_build(self, claim: Claim) -> str:
        match = _BUILD.fullmatch(claim.fixed or "")
        own = _BUILD.fullmatch(self.version.strip())
        if match is None or own is None or match[1] == own[1]:
            return ""
        family = _SISTERS.get(own[1])
        return f"10.0.{own[1]}.{match[2]}" if family is not None and family == _SISTERS.get(match[1]) else ""

    def _in_effect(self) -> frozenset[str]:
        refused = self.updates.pending | self.updates.offered
        listed = {update for update in self.updates.applied - refused if not self.is_above(update)}
        return self.graph.all_contained(listed) | self.reached


def open_flaws(
    group: Sequence[Candidate], claims: Mapping[tuple[str, str], Sequence[Claim]], graph: Supersedence
) -> tuple[System, list[OpenFlaw]]:
    """What is open on one system. ``group``: its candidates (``candidates``), the system's own first."""
    own = claims.get((group[0].ecosystem, group[0].name), ())
    system = System(group[0].version, read_update_set(group[0].module), own, graph)
    found: dict[int, OpenFlaw] = {}
    for candidate in group:
        by_flaw: dict[int, list[Claim]] = defaultdict(list)
        for claim in claims.get((candidate.ecosystem, candidate.name), ()):
            by_flaw[claim.vulnerability_id].append(claim)
        for vulnerability_id, about in by_flaw.items():
            flaw = _judge(system, candidate, vulnerability_id, about)
            if flaw is not None and _confidence(found.get(vulnerability_id)) < flaw.confidence:
                found[vulnerability_id] = flaw
    return system, list(found.values())


def verdicts(
    candidates_of_system: Iterable[Candidate],
    claims: Mapping[tuple[str, str], Sequence[Claim]],
    graph: Supersedence,
) -> Iterator[Verdict]:
    """One verdict for each flaw that is open, or that nothing can be said about, on one system."""
    group = sorted(candidates_of_system, key=lambda c: (c.method != SYSTEM, c.name))
    system, flaws = open_flaws(group, claims, graph)
    for flaw in flaws:
        deciding = _deciding(system, flaw)
        yield Verdict(
            software_version_id=flaw.candidate.software_version_id,
            vulnerability_id=flaw.vulnerability_id,
            fixed_version=_fixed_version(flaw.fixes),
            status=flaw.status,
            source=deciding.source,
            method=flaw.candidate.method,
            confidence=flaw.confidence,
            evidence=tuple(dict.fromkeys(_outcome(system, flaw, claim) for claim in flaw.claims)),
        )


def _confidence(flaw: OpenFlaw | None) -> int:
    return 0 if flaw is None else flaw.confidence


def _judge(system: System, candidate: Candidate, vulnerability_id: int, claims: Sequence[Claim]) -> OpenFlaw | None:
    affecting = [c for c in claims if c.status not in ("not_affected", "fixed")]
    if len(affecting) < len(claims) and not affecting:
        return None
    fixes = tuple(dict.fromkeys(Fix(update_number(c.module), system.fixed_build(c)) for c in affecting))
    verdict = _status(system, candidate, tuple(fix for fix in fixes if fix.update not in NOT_FIXES))
    if verdict is None:
        return None
    status, confidence = verdict
    return OpenFlaw(vulnerability_id, status, confidence, fixes, tuple(affecting), candidate)


def _status(system: System, candidate: Candidate, fixes: Sequence[Fix]) -> tuple[MatchStatus, int] | None:
    in_branch = [fix.build for fix in fixes if fix.build]
    if any(_key(build) <= system.key for build in in_branch):
        return None
    updates = {fix.update for fix in fixes if fix.update}
    if updates & system.reached:
        return None
    state: MatchStatus = "pending_restart" if updates & system.waiting else "affected"
    if in_branch and system.is_cumulative:
        return state, BY_BUILD
    if updates & system.in_effect:
        return None
    if not updates:
        return "under_investigation", NO_FIX
    if any(system.is_above(update) for update in updates):
        return state, BY_CHAIN
    if not system.updates.is_known:
        return "under_investigation", UNCLEAR
    return state, _confidence_of_list(system, candidate, updates)


def _confidence_of_list(system: System, candidate: Candidate, updates: set[str]) -> int:
    """How sure it is that an update which the device does not list is missing."""
    if system.is_offered(updates):
        return BY_LIST
    is_separate = all(system.is_separate(update) for update in updates)
    if candidate.method == COMPONENT:
        # That a component is there at all is known only from its updates.
        return WEAK if is_separate or not system.chain else BY_COMPONENT
    return WEAK if is_separate and system.updates.tells_offered else BY_LIST


def _fixed_version(fixes: Sequence[Fix]) -> str | None:
    """The lowest build that fixes it, else the update's name."""
    in_branch = [fix.build for fix in fixes if fix.build]
    if in_branch:
        return min(in_branch, key=_key)
    named = sorted({fix.update for fix in fixes if fix.update}, key=lambda kb: (len(kb), kb))
    return f"KB{named[-1]}" if named else None


def _deciding(system: System, flaw: OpenFlaw) -> Claim:
    return min(flaw.claims, key=lambda c: (not system.fixed_build(c), not c.module, c.source, c.record_id, c.module))


def _outcome(system: System, flaw: OpenFlaw, claim: Claim) -> ClaimOutcome:
    outcome: Outcome = "not_comparable" if flaw.status == "under_investigation" else "affected"
    return ClaimOutcome(
        advisory_id=claim.advisory_id,
        source=claim.source,
        record_id=claim.record_id,
        relation=claim.relation,
        ecosystem=claim.ecosystem,
        name=claim.name,
        version=system.version,
        introduced=claim.introduced,
        fixed=claim.fixed,
        end_kind=claim.end_kind,
        status=claim.status,
        outcome=outcome,
        module=claim.module,
        note=_note(system, flaw, update_number(claim.module)),
    )


def _note(system: System, flaw: OpenFlaw, update: str) -> str:
    if flaw.status == "under_investigation":
        return "the device reports neither its full build nor its updates" if flaw.fixes else "no update is named"
    if update and update in system.waiting:
        return f"KB{update} is installed, or contained in an installed update, but not in effect: restart the device"
    if update and system.is_offered((update,)):
        return "the device itself lists this update, or one that replaces it, as missing"
    if flaw.confidence == WEAK:
        return "the device does not ask for this update; it may not apply to it"
    return ""


def is_assessable(candidate: Candidate) -> bool:
    """Whether something follows for a system: from its full build, or from the updates that it names."""
    if candidate.method == COMPONENT or read_update_set(candidate.module).is_known:
        return True
    return versions.is_comparable(versions.key("windows", candidate.version))


def display_name(product: str) -> str:
    """A product's name as people read it: ``windows server 2022`` -> ``Windows Server 2022``."""
    return " ".join(_SPELLED.get(word) or _capital(word) for word in product.split())


def _capital(word: str) -> str:
    return word if word in _SMALL or any(c.isdigit() for c in word) else word.capitalize()
