/** The remediation activity that the address names under `open`. */
import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { activityDevicesQuery, activityQuery } from "../../api/actQueries";
import type { ActivityDetail, ActivityRow, ActivityTicket } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import { FilesMenu, type ServerFile } from "../../ui/FilesMenu";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { ExternalLink, PageLink } from "../../ui/links";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { CompleteButton } from "./CompleteButton";
import { activityDeviceColumns, DueText, MITIGATIONS, OPTIONS, Progress } from "./activityColumns";

const TABS = [
  { id: "details", label: "Details" },
  { id: "devices", label: "Devices" },
];

export function ActivityFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...activityQuery(id ?? ""), enabled: Boolean(state.open) });
  const tab = state.view === "devices" ? "devices" : "details";
  const activity = query.data?.activity;
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={activity?.title ?? "Remediation activity"}
      subtitle={activity && `${OPTIONS[activity.remediation_type]} · ${activity.status}`}
      onClose={() => change({ open: undefined, view: undefined }, true)}
      actions={activity && <Actions activity={activity} />}
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "details" ? undefined : next })}
    >
      {id && tab === "devices" ? (
        <InnerList
          key={id}
          label="Devices"
          columns={activityDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => activityDevicesQuery(id, parameters)}
          defaultSort="progress"
          empty="It was made for no device in your scope."
        />
      ) : (
        <Result query={query}>{(detail) => <Details detail={detail} />}</Result>
      )}
    </Flyout>
  );
}

const FILES = {
  ansible_inventory: "Ansible inventory",
  ansible_playbook: "Ansible playbook",
  shell: "Shell script (apt, dnf)",
  powershell: "PowerShell script (winget)",
  csv: "List of devices (CSV)",
};

function filesOf(path: string): ServerFile[] {
  return Object.entries(FILES).map(([format, label]) => ({
    label,
    path: `${path}/files`,
    parameters: { format },
  }));
}

function Actions({ activity }: { activity: ActivityRow }) {
  const mayHandle = useMay("ActiveRemediation.RemediationHandling");
  const path = `/remediation/activities/${encodeURIComponent(activity.id)}`;
  return (
    <>
      {mayHandle && activity.status === "Active" && <CompleteButton activity={activity} />}
      <PageLink to="/recommendations" search={{ open: activity.recommendation_id }}>
        View related recommendation
      </PageLink>
      {mayHandle && <FilesMenu label="Files for those who do it" files={filesOf(path)} />}
    </>
  );
}

function Details({ detail }: { detail: ActivityDetail }) {
  const { activity, tickets } = detail;
  return (
    <>
      {activity.reopened > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Opened again {format.counted(activity.reopened, "time")}: devices showed the weakness again.
          </MessageBarBody>
        </MessageBar>
      )}
      {detail.description && (
        <Section title="Description">
          <ForeignText text={detail.description} />
        </Section>
      )}
      <Section title="Details">
        <Facts
          facts={[
            ["Progress", <Progress key="progress" activity={activity} />],
            ["Status", `${activity.status} since ${format.time(activity.status_changed_on)}`],
            ["Recommended version", activity.recommended_version],
            ["Predicted impact", `${format.points(activity.predicted_impact)} points`],
            ["Due on", activity.due_on && <DueText key="due" activity={activity} />],
            ["Because", activity.due_reason],
            ["Priority", activity.priority],
            ["Device groups", activity.groups.join(", ")],
            ["Mitigation", activity.mitigation === "None" ? null : MITIGATIONS[activity.mitigation]],
            ["Created by", format.person(activity.created_by)],
            ["Created on", format.time(activity.created_on)],
            ["Completed by", activity.completed_by],
            ["Completed on", activity.completed_on && format.time(activity.completed_on)],
          ]}
        />
      </Section>
      {activity.notes && (
        <Section title="Notes">
          <ForeignText text={activity.notes} />
        </Section>
      )}
      {tickets.length > 0 && (
        <Section title="Tickets">
          <Grid
            label="Tickets"
            columns={ticketColumns}
            rows={tickets}
            rowKey={(ticket) => String(ticket.id)}
          />
        </Section>
      )}
    </>
  );
}

/** What a tracker has not acknowledged yet, with the reason. */
function waitingText(ticket: ActivityTicket): string {
  if (ticket.waiting === 0) return format.UNKNOWN;
  return [format.counted(ticket.waiting, "message"), ticket.failure].filter(Boolean).join(": ");
}

const ticketColumns: Column<ActivityTicket>[] = [
  {
    id: "ticket",
    label: "Ticket",
    width: 150,
    cell: (ticket) =>
      ticket.url ? (
        <ExternalLink address={ticket.url}>{ticket.remote_id ?? ticket.tracker}</ExternalLink>
      ) : (
        (ticket.remote_id ?? "Not opened yet")
      ),
  },
  { id: "tracker", label: "Tracker", width: 120, cell: (ticket) => ticket.tracker },
  { id: "group", label: "Device group", width: 130, cell: (ticket) => ticket.group_name },
  { id: "state", label: "State", width: 90, cell: (ticket) => ticket.state },
  { id: "note", label: "Note", width: 160, cell: (ticket) => ticket.note || format.UNKNOWN },
  { id: "waiting", label: "Waiting", width: 160, cell: waitingText },
];
