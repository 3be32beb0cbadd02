"""Routes of the compatible API (being written)."""

ROUTES = ()
