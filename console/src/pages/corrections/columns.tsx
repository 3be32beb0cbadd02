import type { InaccuracyRow } from "../../api/types";
import * as format from "../../ui/format";
import type { ListDefinition } from "../../ui/ListView";
import { PageLink } from "../../ui/links";
import { changed } from "../../url/state";

export const STATUS_WORDS: Record<string, string> = {
  not_affected: "The software is not affected",
  fixed: "The weakness is fixed in it",
  affected: "The software is affected",
  wont_fix: "It is affected and will not be fixed",
  under_investigation: "It is not known yet",
};

export const STATE_WORDS: Record<string, string> = {
  proposed: "To be decided",
  approved: "In force",
  refused: "Refused",
  withdrawn: "Withdrawn",
};

/** The versions that a correction speaks about, as a sentence's part. */
export function versionsText(row: InaccuracyRow): string {
  const isFromStart = row.introduced === "0";
  if (row.end_version === null) return isFromStart ? "Every version" : `From ${row.introduced}`;
  if (row.introduced === row.end_version) return `Only ${row.introduced}`;
  const end = row.end_kind === "fixed" ? `before ${row.end_version}` : `up to ${row.end_version}`;
  return isFromStart ? format.words(end) : `From ${row.introduced}, ${end}`;
}

export const inaccuracyList: ListDefinition<InaccuracyRow> = {
  noun: ["correction", "corrections"],
  columns: [
    {
      id: "vulnerability",
      label: "Weakness",
      width: 160,
      sort: "vulnerability",
      cell: (row) => (
        <PageLink to="/corrections" search={(state) => changed(state, { open: String(row.id) })}>
          {row.vulnerability}
        </PageLink>
      ),
    },
    { id: "name", label: "Software", width: 170, sort: "name", cell: (row) => row.name },
    { id: "ecosystem", label: "Looked up in", width: 130, sort: "ecosystem", cell: (row) => row.ecosystem },
    { id: "versions", label: "Versions", width: 180, cell: versionsText },
    {
      id: "status",
      label: "What is said",
      width: 230,
      cell: (row) => STATUS_WORDS[row.status] ?? row.status,
    },
    {
      id: "state",
      label: "State",
      width: 120,
      sort: "state",
      cell: (row) => STATE_WORDS[row.state] ?? row.state,
    },
    {
      id: "author",
      label: "Reported by",
      width: 120,
      sort: "author",
      cell: (row) => format.person(row.author),
    },
    {
      id: "created_at",
      label: "Reported",
      width: 185,
      sort: "created_at",
      isDescendingFirst: true,
      cell: (row) => format.time(row.created_at),
    },
    {
      id: "decided_by",
      label: "Decided by",
      width: 120,
      isOptional: true,
      cell: (row) => format.person(row.decided_by),
    },
    {
      id: "decided_at",
      label: "Decided",
      width: 185,
      isOptional: true,
      cell: (row) => format.time(row.decided_at),
    },
  ],
  filters: [
    {
      name: "state",
      label: "State",
      options: [
        { value: "", label: "All" },
        ...Object.entries(STATE_WORDS).map(([value, label]) => ({ value, label })),
      ],
    },
  ],
  searchLabel: "Search corrections",
  defaultSort: "-created_at",
  rowKey: (row) => String(row.id),
  empty: "Reports of inaccuracies appear here. They are made where a weakness or software is shown.",
};
