"""How much of a weakness's risk an alternate mitigation takes away while there is no fix."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RISK_TAKEN: Mapping[str, float] = MappingProxyType({"workaround": 0.75, "mitigation": 0.5, "configuration": 0.25})
"""Kind -> share (0-1) of the weakness's hazard. A workaround closes the way in that its publisher knows, but can be
undone and no inventory shows it; a mitigating factor makes an attack harder and no more; a setting that blunts an
ATT&CK technique is not even about this weakness. Conventions, not measurements: nobody
publishes how often any of them is got around. What is to be done anyway (a vendor's fix, an authority's order to apply
it) takes nothing away by itself."""


def share_taken(kind: str, hazard: int, whole: int) -> float:
    """Share (0-1) of a recommendation's whole hazard that mitigating one of its weaknesses takes away."""
    return RISK_TAKEN.get(kind, 0.0) * hazard / whole if whole > 0 else 0.0
