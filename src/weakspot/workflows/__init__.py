"""Use cases that span contexts, one unit of work each.

In: what the edges (api, cli, jobs) were asked to do. Out: the same, done whole or not at all, with its ``changes``
rows in the
same transaction. A step is called through its context's facade, left to right; contexts never call each other to the
right.
"""

from weakspot.workflows.activity import sweep_activity
from weakspot.workflows.agents import AgentContacts, age_sources, may_enrol, record_agent_inventory, remove_source
from weakspot.workflows.apply_knowledge import SyncOutcome, apply_knowledge, mirror_knowledge, starter_knowledge
from weakspot.workflows.assess import AssessedFinding, Assessment, Assessor, assess
from weakspot.workflows.bundles import BundleOutcome, bundle_feeds, feeds_folder, import_feeds
from weakspot.workflows.check import CheckOutcome, check, rebuild
from weakspot.workflows.corrections import decide_correction, decide_feedback, give_feedback, propose_correction
from weakspot.workflows.correlating import correlation_reaction
from weakspot.workflows.detection_pulls import (
    DetectionPuller,
    PullTrial,
    add_detection_pull,
    remove_detection_pull,
    switch_detection_pull,
    try_detection_pull,
)
from weakspot.workflows.detections import (
    DetectionsTaken,
    decide_detection,
    put_detection_mapping,
    record_detections,
    remove_detection_mapping,
    resolve_again,
)
from weakspot.workflows.devices import Heartbeats, enrol_device, record_report
from weakspot.workflows.exceptions import (
    cancel_exception,
    decide_exception,
    expire_exceptions,
    request_exceptions,
    set_exception_policy,
)
from weakspot.workflows.feeds import sync_feeds
from weakspot.workflows.notices import (
    add_notice_channel,
    put_notice_rule,
    remove_notice_channel,
    remove_notice_rule,
    send_notices,
    try_notice_rule,
)
from weakspot.workflows.osquery import OsqueryNodes
from weakspot.workflows.own_advisories import OwnAdvisories, OwnOutcome
from weakspot.workflows.remediation import (
    complete_activity,
    delete_old_activities,
    request_activities,
    set_sla_rules,
    state_mitigated,
    withdraw_mitigated,
)
from weakspot.workflows.scans import Scanner
from weakspot.workflows.scores import record_scores
from weakspot.workflows.services import Services
from weakspot.workflows.trackers import add_tracker, hear_tracker, remove_tracker, switch_tracker
from weakspot.workflows.uploads import (
    Uploaded,
    UploadFailure,
    UploadOutcome,
    upload_devices,
    upload_for_device,
)
from weakspot.workflows.vex_documents import VexDocuments, VexOutcome

__all__ = [
    "AgentContacts", "AssessedFinding", "Assessment", "Assessor", "BundleOutcome", "CheckOutcome",
    "DetectionPuller", "DetectionsTaken", "Heartbeats", "OsqueryNodes", "OwnAdvisories", "OwnOutcome",
    "PullTrial", "Scanner", "Services", "SyncOutcome", "UploadFailure", "UploadOutcome", "Uploaded", "VexDocuments",
    "VexOutcome", "add_detection_pull", "add_notice_channel", "add_tracker", "age_sources", "apply_knowledge",
    "assess", "bundle_feeds", "cancel_exception", "check", "complete_activity", "correlation_reaction",
    "decide_correction", "decide_detection", "decide_exception", "decide_feedback", "delete_old_activities",
    "enrol_device", "expire_exceptions", "feeds_folder", "give_feedback", "hear_tracker", "import_feeds", "may_enrol",
    "mirror_knowledge",
    "propose_correction", "put_detection_mapping", "put_notice_rule", "rebuild", "record_agent_inventory",
    "record_detections", "record_report", "record_scores", "remove_detection_mapping", "remove_detection_pull",
    "remove_notice_channel", "remove_notice_rule", "remove_source", "remove_tracker", "request_activities",
    "request_exceptions", "resolve_again", "send_notices", "set_exception_policy", "set_sla_rules",
    "starter_knowledge", "state_mitigated", "sweep_activity", "switch_detection_pull", "switch_tracker", "sync_feeds",
    "try_detection_pull", "try_notice_rule", "upload_devices", "upload_for_device", "withdraw_mitigated",
]  # fmt: skip
