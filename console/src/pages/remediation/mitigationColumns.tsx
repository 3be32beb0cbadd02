import { makeStyles, ProgressBar, tokens } from "@fluentui/react-components";

import type { MitigationRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { OpenWeakness } from "../weaknesses/columns";

export const MITIGATION_KINDS: Record<MitigationRow["kind"], string> = {
  mitigation: "Mitigation",
  required_action: "Required action",
  workaround: "Workaround",
};

const STATES: Record<MitigationRow["state"], string> = {
  applied: "Applied",
  over: "No longer needed",
  withdrawn: "Taken back",
};

const useStyles = makeStyles({
  progress: {
    display: "grid",
    gridTemplateColumns: "1fr auto",
    columnGap: tokens.spacingHorizontalS,
    alignItems: "center",
  },
});

/** Of the devices of its group that are exposed now, those that the statement holds for. */
function Reach({ row }: { row: MitigationRow }) {
  const styles = useStyles();
  if (row.state !== "applied") return format.UNKNOWN;
  const text = `${format.count(row.devices)} / ${format.count(row.group_devices)}`;
  return (
    <span className={styles.progress}>
      <ProgressBar
        value={row.group_devices === 0 ? 0 : row.devices / row.group_devices}
        aria-label={`Reach in ${row.group_name}: ${text} exposed devices`}
      />
      <span>{text}</span>
    </span>
  );
}

export const mitigationList: ListDefinition<MitigationRow> = {
  noun: ["mitigation", "mitigations"],
  columns: [
    {
      id: "title",
      label: "Recommendation",
      width: 230,
      sort: "title",
      cell: (row) =>
        row.title ? (
          <PageLink
            to="/recommendations"
            search={{ open: row.recommendation_id, view: "mitigations" }}
            title={row.title}
          >
            {row.title}
          </PageLink>
        ) : (
          "Nothing is recommended any more"
        ),
    },
    {
      id: "weakness",
      label: "Weakness",
      width: 150,
      sort: "weakness",
      cell: (row) => <OpenWeakness name={row.weakness} />,
    },
    { id: "kind", label: "Kind", width: 125, cell: (row) => MITIGATION_KINDS[row.kind] },
    {
      id: "text",
      label: "What is done",
      width: 220,
      isOptional: true,
      cell: (row) => row.text || format.UNKNOWN,
    },
    { id: "group", label: "Device group", width: 120, sort: "group", cell: (row) => row.group_name },
    {
      id: "devices",
      label: "Exposed devices",
      width: 135,
      sort: "devices",
      isDescendingFirst: true,
      cell: (row) => <Reach row={row} />,
    },
    { id: "state", label: "State", width: 130, cell: (row) => STATES[row.state] },
    { id: "evidence", label: "How it is known", width: 180, cell: (row) => row.evidence },
    { id: "stated_by", label: "Said by", width: 110, cell: (row) => row.stated_by },
    {
      id: "stated_at",
      label: "Said on",
      width: 110,
      sort: "stated_at",
      isDescendingFirst: true,
      cell: (row) => format.date(row.stated_at),
    },
    {
      id: "withdrawn",
      label: "Taken back",
      width: 190,
      isOptional: true,
      cell: (row) =>
        row.withdrawn_at ? `${row.withdrawn_by ?? ""}, ${format.date(row.withdrawn_at)}` : format.UNKNOWN,
    },
  ],
  filters: [
    { name: "state", label: "State", isMultiple: true, options: optionsOf(STATES) },
    { name: "kind", label: "Kind", isMultiple: true, options: optionsOf(MITIGATION_KINDS) },
    { name: "recommendation", label: "Recommendation", options: [] },
  ],
  searchLabel: "Search mitigations",
  defaultSort: "-stated_at",
  rowKey: (row) => String(row.id),
  empty: "Open a recommendation and its alternate mitigations to say that one is applied.",
};
