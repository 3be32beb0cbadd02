"""Pure decisions: due dates, progress, states of tickets. No database, no clock."""
