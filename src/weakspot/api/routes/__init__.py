"""The routes of our own API, one module a page; ``ALL`` is the one list that names them."""

from weakspot.api.routes import admin, dashboard, devices, events, session, software, weaknesses

ALL = (
    *session.ROUTES,
    *dashboard.ROUTES,
    *weaknesses.ROUTES,
    *software.ROUTES,
    *devices.ROUTES,
    *events.ROUTES,
    *admin.ROUTES,
)
