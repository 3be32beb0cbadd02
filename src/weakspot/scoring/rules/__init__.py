"""Pure decisions of the scoring: facts to hazards, hazards to scores. No clock, no database, no network."""
