"""Trackers: one folder a product; ``ALL`` is the one list that names them."""

from __future__ import annotations

from collections.abc import Mapping

from weakspot.remediation.trackers.azure_devops import AzureDevOps
from weakspot.remediation.trackers.base import Make
from weakspot.remediation.trackers.email import Email
from weakspot.remediation.trackers.github import GitHub
from weakspot.remediation.trackers.gitlab import GitLab
from weakspot.remediation.trackers.intune import Intune
from weakspot.remediation.trackers.jira import Jira
from weakspot.remediation.trackers.servicenow import ServiceNow
from weakspot.remediation.trackers.webhook import Webhook
from weakspot.runtime.outbound import Field

ALL: Mapping[str, Make] = {
    one.kind: one for one in (AzureDevOps, Email, GitHub, GitLab, Intune, Jira, ServiceNow, Webhook)
}
IS_READABLE: Mapping[str, bool] = {
    one.kind: one.is_readable for one in (AzureDevOps, Email, GitHub, GitLab, Intune, Jira, ServiceNow, Webhook)
}
FIELDS: Mapping[str, tuple[Field, ...]] = {
    one.kind: one.fields for one in (AzureDevOps, Email, GitHub, GitLab, Intune, Jira, ServiceNow, Webhook)
}
