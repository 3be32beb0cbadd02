import { Badge, makeStyles, ProgressBar, tokens } from "@fluentui/react-components";

import type { ActivityDevice, ActivityRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { changed } from "../../url/state";
import { DeviceLink } from "../devices/columns";

export const OPTIONS: Record<ActivityRow["remediation_type"], string> = {
  Update: "Software update",
  Upgrade: "Software upgrade",
  Uninstall: "Software uninstall",
  ConfigurationChange: "Configuration change",
  OwningApp: "Owning app",
  AttentionRequired: "Attention required",
};

export const MITIGATIONS: Record<ActivityRow["mitigation"], string> = {
  None: "None",
  Block: "Block",
  Warn: "Warn",
};

export const DUE: Record<ActivityRow["due"], string> = {
  none: "No due date",
  on_time: "On time",
  due_soon: "Due soon",
  overdue: "Overdue",
};

const useStyles = makeStyles({
  progress: {
    display: "grid",
    gridTemplateColumns: "1fr auto",
    columnGap: tokens.spacingHorizontalS,
    alignItems: "center",
  },
});

/** Fixed of target devices as a bar and as numbers; none where there is nothing to measure. */
export function Progress({ activity }: { activity: ActivityRow }) {
  const styles = useStyles();
  const { target_devices: target, fixed_devices: fixed } = activity;
  if (target === null || fixed === null) return format.UNKNOWN;
  return (
    <span className={styles.progress}>
      <ProgressBar
        value={target === 0 ? 1 : fixed / target}
        aria-label={`Progress of ${activity.title}: ${fixed} of ${target} devices`}
      />
      <span>
        {format.count(fixed)} / {format.count(target)}
      </span>
    </span>
  );
}

export function DueText({ activity }: { activity: ActivityRow }) {
  if (activity.due_on === null) return format.UNKNOWN;
  const isLate = activity.due === "overdue" || activity.due === "due_soon";
  return (
    <>
      {format.date(activity.due_on)}{" "}
      {isLate && (
        <Badge appearance="outline" size="small" color={activity.due === "overdue" ? "danger" : "warning"}>
          {DUE[activity.due]}
        </Badge>
      )}
    </>
  );
}

const title: Column<ActivityRow> = {
  id: "title",
  label: "Remediation activity",
  width: 260,
  sort: "title",
  cell: (row) => (
    <PageLink
      to="/remediation"
      search={(state) => changed(state, { tab: undefined, open: row.id, view: undefined })}
      title={row.title}
    >
      {row.title}
    </PageLink>
  ),
};
const progress: Column<ActivityRow> = {
  id: "progress",
  label: "Progress",
  width: 150,
  sort: "progress",
  isDescendingFirst: true,
  cell: (row) => <Progress activity={row} />,
};
const due: Column<ActivityRow> = {
  id: "due_on",
  label: "Due on",
  width: 160,
  sort: "due_on",
  cell: (row) => <DueText activity={row} />,
};
const priority: Column<ActivityRow> = {
  id: "priority",
  label: "Priority",
  width: 80,
  sort: "priority",
  isDescendingFirst: true,
  cell: (row) => row.priority,
};

/** Activities on the dashboard. */
export const cardActivityColumns: Column<ActivityRow>[] = [
  {
    ...title,
    width: 155,
    cell: (row) => (
      <PageLink to="/remediation" search={{ open: row.id }} title={row.title}>
        {row.title}
      </PageLink>
    ),
  },
  { ...progress, width: 100 },
  { ...due, width: 100 },
];

export const activityList: ListDefinition<ActivityRow> = {
  noun: ["activity", "activities"],
  columns: [
    title,
    { id: "component", label: "Related component", width: 160, cell: (row) => row.related_component },
    {
      id: "type",
      label: "Remediation type",
      width: 145,
      cell: (row) => OPTIONS[row.remediation_type],
    },
    progress,
    {
      id: "status",
      label: "Status",
      width: 95,
      sort: "status",
      cell: (row) => row.status,
    },
    {
      id: "ticket",
      label: "Ticket status",
      width: 105,
      cell: (row) => row.ticket_state ?? format.UNKNOWN,
    },
    due,
    priority,
    {
      id: "created_on",
      label: "Created on",
      width: 110,
      sort: "created_on",
      isDescendingFirst: true,
      cell: (row) => format.date(row.created_on),
    },
    {
      id: "created_by",
      label: "Created by",
      width: 120,
      isOptional: true,
      cell: (row) => format.person(row.created_by),
    },
    {
      id: "completed_by",
      label: "Completed by",
      width: 150,
      isOptional: true,
      cell: (row) => row.completed_by ?? format.UNKNOWN,
    },
    {
      id: "groups",
      label: "Device groups",
      width: 160,
      isOptional: true,
      cell: (row) => row.groups.join(", "),
    },
    {
      id: "mitigation",
      label: "Mitigation",
      width: 100,
      isOptional: true,
      cell: (row) => MITIGATIONS[row.mitigation],
    },
    {
      id: "impact",
      label: "Predicted impact",
      width: 130,
      isNumber: true,
      isOptional: true,
      cell: (row) => format.points(row.predicted_impact),
    },
  ],
  filters: [
    {
      name: "status",
      label: "Status",
      isMultiple: true,
      options: [
        { value: "Active", label: "Active" },
        { value: "Completed", label: "Completed" },
      ],
    },
    { name: "remediation", label: "Remediation type", isMultiple: true, options: optionsOf(OPTIONS) },
    { name: "mitigation", label: "Mitigation", isMultiple: true, options: optionsOf(MITIGATIONS) },
    { name: "due", label: "Due", isMultiple: true, options: optionsOf(DUE) },
    {
      name: "priority",
      label: "Priority",
      isMultiple: true,
      options: ["High", "Medium", "Low"].map((value) => ({ value, label: value })),
    },
    { name: "recommendation", label: "Recommendation", options: [] },
  ],
  searchLabel: "Search activities",
  defaultSort: "-created_on",
  rowKey: (row) => row.id,
  empty: "They are made from a recommendation, or from a plan.",
};

export const activityDeviceColumns: Column<ActivityDevice>[] = [
  { id: "name", label: "Device name", width: 240, sort: "name", cell: (row) => <DeviceLink device={row} /> },
  { id: "group", label: "Device group", width: 200, cell: (row) => row.group_name },
  {
    id: "progress",
    label: "Shows the fix",
    width: 130,
    sort: "progress",
    cell: (row) => (row.progress === "fixed" ? "Yes" : "Not yet"),
  },
];
