"""The routes of our own API, one module a page; ``ALL`` is the one list that names them."""

from weakspot.api.routes import (
    admin,
    corrections,
    dashboard,
    detections,
    devices,
    events,
    exceptions,
    metrics,
    own_advisories,
    plan,
    recommendations,
    remediation,
    session,
    software,
    uploads,
    weaknesses,
)

ALL = (
    *session.ROUTES,
    *dashboard.ROUTES,
    *weaknesses.ROUTES,
    *software.ROUTES,
    *recommendations.ROUTES,
    *plan.ROUTES,
    *devices.ROUTES,
    *uploads.ROUTES,
    *detections.ROUTES,
    *exceptions.ROUTES,
    *remediation.ROUTES,
    *events.ROUTES,
    *metrics.ROUTES,
    *corrections.ROUTES,
    *own_advisories.ROUTES,
    *admin.ROUTES,
)
