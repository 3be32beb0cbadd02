"""Pure decisions of the matching: identities, range tests, precedence. No clock, no database, no network."""
