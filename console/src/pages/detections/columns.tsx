import type { DetectionRow } from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { LevelMark } from "../../ui/risk";
import { changed } from "../../url/state";
import { DeviceLink } from "../devices/columns";

type DetectionSeverity = DetectionRow["severity"];

export const STATUSES: Record<DetectionRow["status"], string> = {
  new: "New",
  in_progress: "In progress",
  resolved: "Resolved",
  unknown: "Unknown",
};

export const CLASSIFICATIONS: Record<NonNullable<DetectionRow["classification"]>, string> = {
  true_positive: "True positive",
  false_positive: "False positive",
  informational: "Informational, expected activity",
};

/** Severity in the marks of weaknesses: the lowest two have no bars. */
export function DetectionSeverityMark({ severity }: { severity: DetectionSeverity }) {
  const isLow = severity === "Informational" || severity === "Unspecified";
  return <LevelMark level={isLow ? "None" : severity} label={severity} />;
}

const title: Column<DetectionRow> = {
  id: "title",
  label: "Detection",
  width: 260,
  cell: (row) => (
    <PageLink
      to="/detections"
      search={(state) => changed(state, { open: row.id, view: undefined })}
      title={row.title}
    >
      {row.title || row.id}
    </PageLink>
  ),
};

function hangsOn(row: DetectionRow): string {
  const all = [...row.weaknesses, ...row.software.map((one) => one.name)];
  return all.join(", ") || format.UNKNOWN;
}

export const detectionList: ListDefinition<DetectionRow> = {
  noun: ["detection", "detections"],
  columns: [
    title,
    {
      id: "severity",
      label: "Severity",
      width: 120,
      sort: "severity",
      isDescendingFirst: true,
      cell: (row) => <DetectionSeverityMark severity={row.severity} />,
    },
    { id: "status", label: "Status", width: 100, cell: (row) => STATUSES[row.status] },
    {
      id: "device",
      label: "Device",
      width: 150,
      cell: (row) => (row.device ? <DeviceLink device={row.device} /> : "Not known here"),
    },
    { id: "hangs_on", label: "Related to", width: 190, cell: hangsOn },
    { id: "product", label: "Reported by", width: 125, cell: (row) => row.product },
    {
      id: "last_at",
      label: "Last seen",
      width: 185,
      cell: (row) => format.time(row.last_at),
    },
    {
      id: "created_at",
      label: "Received",
      width: 185,
      sort: "created_at",
      isDescendingFirst: true,
      isOptional: true,
      cell: (row) => format.time(row.created_at),
    },
    {
      id: "updated_at",
      label: "Updated",
      width: 185,
      sort: "updated_at",
      isDescendingFirst: true,
      isOptional: true,
      cell: (row) => format.time(row.updated_at),
    },
    { id: "category", label: "Category", width: 130, isOptional: true, cell: (row) => row.category },
    {
      id: "techniques",
      label: "Techniques",
      width: 140,
      isOptional: true,
      cell: (row) => row.techniques.join(", ") || format.UNKNOWN,
    },
    {
      id: "times_seen",
      label: "Times seen",
      width: 100,
      isNumber: true,
      isOptional: true,
      cell: (row) => format.count(row.times_seen),
    },
    {
      id: "assigned_to",
      label: "Assigned to",
      width: 130,
      isOptional: true,
      cell: (row) => row.assigned_to || format.UNKNOWN,
    },
  ],
  filters: [
    {
      name: "state",
      label: "State",
      options: [
        { value: "", label: "All" },
        { value: "active", label: "Active" },
        { value: "inactive", label: "Closed" },
      ],
    },
    {
      name: "severity",
      label: "Severity",
      isMultiple: true,
      options: ["High", "Medium", "Low", "Informational", "Unspecified"].map((value) => ({
        value,
        label: value,
      })),
    },
    {
      name: "placed",
      label: "Device",
      options: [
        { value: "", label: "All" },
        { value: "yes", label: "Known here" },
        { value: "no", label: "Not known here" },
      ],
    },
    {
      name: "correlated",
      label: "Related",
      options: [
        { value: "", label: "All" },
        { value: "yes", label: "To a weakness or software" },
        { value: "no", label: "To nothing" },
      ],
    },
    { name: "weakness", label: "Weakness", options: [] },
    { name: "device", label: "Device", options: [] },
  ],
  searchLabel: "Search detections",
  defaultSort: "-created_at",
  rowKey: (row) => row.id,
  empty: "They come from the security products that already watch the devices.",
};

/** Detections on the page of a device. */
export const deviceDetectionList: ListDefinition<DetectionRow> = {
  ...detectionList,
  columns: detectionList.columns.filter((column) => column.id !== "device"),
  filters: detectionList.filters.filter(({ name }) => name !== "placed" && name !== "device"),
  empty: "No security product has reported anything about this device.",
};
