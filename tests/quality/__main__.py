"""``make quality``: print the scores; ``--write`` keeps them as those that may not fall any more."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.quality.scoring import cases, run, scores

KEPT = Path(__file__).parent / "scores.json"


def main() -> int:
    """Exit status 1 when a score fell."""
    outcomes = [outcome for path in cases() for outcome in run(path)]
    found = {name: score.as_data() for name, score in scores(outcomes).items()}
    print(f"{'ecosystem':16} {'cases':>6} {'TP':>4} {'FP':>4} {'FN':>4} {'precision':>10} {'recall':>8} {'F1':>7}")
    for name, score in found.items():
        number = len({o.case for o in outcomes if name in ("all", o.ecosystem)})
        print(
            f"{name:16} {number:>6} {score['true_positives']:>4} {score['false_positives']:>4} "
            f"{score['false_negatives']:>4} {score['precision']:>10.4f} {score['recall']:>8.4f} {score['f1']:>7.4f}"
        )
    for outcome in outcomes:
        if outcome.is_expected != outcome.is_found:
            print(f"{'missed' if outcome.is_expected else 'wrongly found'}: {outcome.case}: {outcome.pair}")
    if "--write" in sys.argv:
        KEPT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    fallen = [name for name, score in kept.items() if found.get(name, {"f1": 0.0})["f1"] < score["f1"]]
    for name in fallen:
        print(f"{name}: F1 fell below {kept[name]['f1']}")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
