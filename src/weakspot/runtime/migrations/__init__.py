"""Alembic revisions: one file a schema change, never edited once released (docs/how-to/change-the-schema.md)."""
