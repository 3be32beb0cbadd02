"""What every context stands on: database, changes, errors, clock, settings. Knows nothing of any context."""
