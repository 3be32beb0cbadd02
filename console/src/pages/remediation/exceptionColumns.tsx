import type { ExceptionRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { changed } from "../../url/state";

export const JUSTIFICATIONS: Record<ExceptionRow["justification"], string> = {
  third_party_control: "Third party control",
  alternate_mitigation: "Alternate mitigation",
  risk_accepted: "Risk accepted",
  planned_remediation: "Planned remediation (grace)",
  no_patch: "CVE with no patch",
};

export const EXCEPTION_TYPES: Record<ExceptionRow["type"], string> = {
  global: "Global",
  device_group: "Device group",
  tag: "Tag",
  device: "Device",
  software: "Software",
};

const STATUSES: Record<ExceptionRow["status"], string> = {
  Requested: "To be approved",
  Active: "Active",
  Suspended: "Suspended",
  Expired: "Expired",
  Cancelled: "Cancelled",
  Refused: "Refused",
};

/** Status in words; a suspended one gives way to a global one and comes back. */
export function exceptionStatus(row: ExceptionRow): string {
  return STATUSES[row.status];
}

export const exceptionList: ListDefinition<ExceptionRow> = {
  noun: ["exception", "exceptions"],
  columns: [
    {
      id: "subject",
      label: "Recommendation or weakness",
      width: 280,
      sort: "subject",
      cell: (row) => (
        <PageLink
          to="/remediation"
          search={(state) => changed(state, { open: String(row.id), view: undefined })}
          title={row.title}
        >
          {row.title || row.subject}
        </PageLink>
      ),
    },
    { id: "type", label: "Type", width: 110, cell: (row) => EXCEPTION_TYPES[row.type] },
    {
      id: "justification",
      label: "Justification",
      width: 190,
      cell: (row) => JUSTIFICATIONS[row.justification],
    },
    { id: "status", label: "Status", width: 120, sort: "status", cell: exceptionStatus },
    {
      id: "devices",
      label: "Devices",
      width: 80,
      isNumber: true,
      cell: (row) => format.count(row.devices),
    },
    { id: "created_by", label: "Created by", width: 120, cell: (row) => format.person(row.created_by) },
    {
      id: "created_at",
      label: "Created on",
      width: 110,
      sort: "created_at",
      isDescendingFirst: true,
      cell: (row) => format.date(row.created_at),
    },
    {
      id: "expires_at",
      label: "Expires on",
      width: 110,
      sort: "expires_at",
      cell: (row) => format.date(row.expires_at),
    },
    {
      id: "decided_by",
      label: "Approved by",
      width: 120,
      isOptional: true,
      cell: (row) => format.person(row.decided_by),
    },
    { id: "context", label: "Context", width: 260, isOptional: true, cell: (row) => row.context },
  ],
  filters: [
    { name: "justification", label: "Justification", isMultiple: true, options: optionsOf(JUSTIFICATIONS) },
    { name: "type", label: "Type", isMultiple: true, options: optionsOf(EXCEPTION_TYPES) },
    { name: "status", label: "Status", isMultiple: true, options: optionsOf(STATUSES) },
    {
      name: "subject",
      label: "About",
      isMultiple: true,
      options: [
        { value: "recommendation", label: "Recommendations" },
        { value: "vulnerability", label: "Weaknesses" },
      ],
    },
  ],
  searchLabel: "Search exceptions",
  defaultSort: "-created_at",
  rowKey: (row) => String(row.id),
  empty: "They are made from a recommendation or a weakness.",
};
