"""Pure decisions of the intelligence: names, ranges, aliases, merging."""
