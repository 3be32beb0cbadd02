"""Pure decisions of the inventory: identity, digests, differences. No clock, no database, no network."""
