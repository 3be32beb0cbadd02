import type { BluntingCheck } from "../../api/types";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";

const columns: Column<BluntingCheck>[] = [
  {
    id: "title",
    label: "Setting",
    width: 280,
    cell: (row) => (
      <PageLink to="/checks" search={{ open: row.id }} title={row.title}>
        {row.title}
      </PageLink>
    ),
  },
  { id: "techniques", label: "Techniques", width: 120, cell: (row) => row.techniques.join(", ") },
  {
    id: "weaknesses",
    label: "Weaknesses",
    width: 100,
    isNumber: true,
    cell: (row) => format.count(row.weaknesses),
  },
  {
    id: "risk_share",
    label: "Risk taken away",
    width: 130,
    isNumber: true,
    cell: (row) => format.share(row.risk_share),
  },
  {
    id: "failing",
    label: "Missing on",
    width: 95,
    isNumber: true,
    cell: (row) => format.count(row.failing_devices),
  },
  {
    id: "compliant",
    label: "Set on",
    width: 70,
    isNumber: true,
    cell: (row) => format.count(row.compliant_devices),
  },
  {
    id: "unknown",
    label: "Not known",
    width: 95,
    isNumber: true,
    cell: (row) => format.count(row.unknown_devices),
  },
];

/** Checks that blunt the attacks which use these weaknesses; devices are the exposed ones. */
export function BluntingChecks({ checks }: { checks: BluntingCheck[] }) {
  return (
    <Grid
      label="Settings that make these attacks harder"
      columns={columns}
      rows={checks}
      rowKey={(row) => row.id}
    />
  );
}
