"""Pure decisions: names, targets, types and support. No database, no clock."""
