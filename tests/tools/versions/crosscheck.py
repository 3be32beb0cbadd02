"""Compare a scheme with its ecosystem's own tool on generated pairs.

    python -m tests.tools.versions.crosscheck SCHEME [--pairs N] [--seed N] [--real FILE] [--write FILE]

`--real FILE`: real versions, one a line, to start half of the pairs from. `--write FILE`: keep the tool's verdicts
as a table (`A OP B`). Exit status 1 where a verdict differs. A pair that either side refuses is only counted: what
each scheme takes beyond its tool is documented in docs/version-schemes.md.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.tools.versions.generate import pairs
from tests.tools.versions.pairwise import PAIRWISE
from tests.tools.versions.references import REFERENCES, debian_support
from weakspot.vocabulary.versions import compare


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scheme", choices=sorted({*REFERENCES, *PAIRWISE}))
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--bulk", action="store_true", help="dpkg: ask python-debian instead of the program")
    return parser.parse_args()


def main() -> int:
    """Run the check; see the module."""
    options = _arguments()
    scheme = options.scheme
    real = tuple(options.real.read_text().split()) if options.real else ()
    asked = list(pairs(scheme, options.pairs, options.seed, real))
    if scheme in REFERENCES:
        if reason := REFERENCES[scheme].missing():
            print(reason)
            return 2
        answers = (debian_support if options.bulk else REFERENCES[scheme].verdicts)(asked)
    else:
        answers = PAIRWISE[scheme](asked)
    counts: Counter[str] = Counter()
    kept: list[str] = []
    for (a, b), theirs in zip(asked, answers, strict=True):
        ours = str(compare(scheme, a, b))
        kind = "same" if ours == theirs else "wrong"
        if ours != theirs and "?" in (ours, theirs):
            kind = "only we refuse" if ours == "?" else "only the tool refuses"
        counts[kind] += 1
        if theirs != "?" and kind == "same":
            kept.append(f"{a} {theirs} {b}")
        if kind in ("wrong", "only we refuse") and counts[kind] <= 20:
            print(f"{kind}: {a} {theirs} {b}, ours {ours}")
    print(scheme, len(asked), "pairs:", dict(counts))
    if options.write:
        tool = REFERENCES[scheme].tool if scheme in REFERENCES else "tests/tools/versions/pairwise.py"
        head = f"# Verdicts of {tool}; pairs by tests/tools/versions/generate.py, seed {options.seed}."
        options.write.write_text("\n".join((head, *dict.fromkeys(kept))) + "\n")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
