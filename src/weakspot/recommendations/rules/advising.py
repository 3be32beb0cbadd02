"""From what is known of each version to one recommendation for the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyroaring import BitMap

from weakspot.recommendations.contracts import Advice, Product, Recommendation, RemediationType, Tag
from weakspot.recommendations.rules import naming, support
from weakspot.vocabulary.versions import key


def newest(scheme: str, texts: Iterable[str]) -> str | None:
    """The highest of some versions: the lowest one that has all the fixes that they name. None without any."""
    return max(texts, key=lambda text: (key(scheme, text), text), default=None)


def is_newer(scheme: str, text: str, than: str) -> bool:
    """Whether a version is above another in its scheme's order."""
    return key(scheme, text) > key(scheme, than)


def recommend(product: Product, advice: Sequence[Advice], today: str) -> Recommendation | None:
    """What to do about a product where these of its versions are installed; None: nothing can be done.

    One recommendation a product, whatever it has (spec/features.md 15, rule 4). Fresh-data rule (6.2): what has no fix
    is left out; only what is exploited without a fix asks for attention.
    """
    supports = [one.support for one in advice if one.support is not None]
    fixable = [one for one in advice if one.target is not None]
    over = [one for one in advice if one.support is not None and support.is_over(one.support, today)]
    tags = support.tags(supports, today) + _tags(advice)
    if fixable:
        return _moved(product, "OwningApp" if all(one.owner for one in fixable) else "Update", fixable, tags)
    if over and any(support.is_product_over(one, today) for one in supports):
        return _made(product, "Uninstall", over, {one.software_version_id: BitMap() for one in over}, {}, tags)
    upgradable = [one for one in over if one.support is not None and one.support.upgrade_to]
    if upgradable:
        return _upgraded(product, upgradable, tags)
    attention = [one for one in advice if one.zero_days]
    return _made(product, "AttentionRequired", attention, {}, {}, tags) if attention else None


def headline(recommendation: Recommendation, devices: Mapping[int, int]) -> str:
    """The target of most devices (software version -> number of them); empty where there is none."""
    totals: dict[str, int] = {}
    for version, target in recommendation.targets.items():
        totals[target] = totals.get(target, 0) + devices.get(version, 0)
    return max(sorted(totals), key=lambda target: totals[target], default="")


def _tags(advice: Sequence[Advice]) -> list[Tag]:
    found: list[Tag] = []
    if any(one.zero_days for one in advice):
        found.append("zero_day")
    if any(one.answered_zero_days for one in advice):
        found.append("zero_day_update")
    if any(one.is_waiting for one in advice):
        found.append("pending_restart")
    return found


def _moved(product: Product, kind: RemediationType, fixable: list[Advice], tags: list[Tag]) -> Recommendation:
    replaced = {one.software_version_id: one.remaining for one in fixable}
    return _made(product, kind, fixable, replaced, {i.software_version_id: i.target or "" for i in fixable}, tags)


def _upgraded(product: Product, over: list[Advice], tags: list[Tag]) -> Recommendation:
    targets = {i.software_version_id: i.support.upgrade_to or "" for i in over if i.support is not None}
    replaced = {one.software_version_id: one.upgrade_remaining for one in over}
    return _made(product, "Upgrade", over, replaced, targets, tags)


def _made(
    product: Product,
    kind: RemediationType,
    about: list[Advice],
    replaced: dict[int, BitMap],
    targets: dict[int, str],
    tags: list[Tag],
) -> Recommendation:
    if kind == "AttentionRequired":
        weaknesses = BitMap.union(BitMap(), *(one.zero_days for one in about))
    else:
        weaknesses = BitMap.union(BitMap(), *(one.open - replaced[one.software_version_id] for one in about))
    return Recommendation(
        product=product,
        remediation_type=kind,
        title=naming.title(kind, product.name, frozenset(targets.values()), frozenset(one.owner for one in about)),
        replaced=replaced,
        exposed=tuple(one.software_version_id for one in about),
        weaknesses=weaknesses,
        targets=targets,
        tags=tuple(tags),
    )
