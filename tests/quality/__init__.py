"""The quality gate: labelled cases, checked by hand, and how well the matching does on them (docs/matching.md)."""
