/** What people wish for or find wrong, for those who may decide about it. */
import { Button } from "@fluentui/react-components";

import { feedbackQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import type { FeedbackDecision, FeedbackRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { ListView, type ListDefinition } from "../../ui/ListView";
import { Failed } from "../../ui/states";
import { FEEDBACK_KINDS, FEEDBACK_STATES, subjectPage } from "./feedback";

const list: ListDefinition<FeedbackRow> = {
  noun: ["report", "reports"],
  columns: [
    {
      id: "subject",
      label: "About",
      width: 230,
      sort: "subject",
      cell: (row) => <PageLink {...subjectPage(row)}>{row.subject}</PageLink>,
    },
    { id: "kind", label: "What is said", width: 230, sort: "kind", cell: (row) => FEEDBACK_KINDS[row.kind] },
    { id: "text", label: "In their words", width: 260, cell: (row) => row.text || format.UNKNOWN },
    { id: "author", label: "Reported by", width: 120, cell: (row) => format.person(row.author) },
    {
      id: "created_at",
      label: "Reported",
      width: 110,
      sort: "created_at",
      isDescendingFirst: true,
      cell: (row) => format.date(row.created_at),
    },
    { id: "state", label: "State", width: 90, sort: "state", cell: (row) => FEEDBACK_STATES[row.state] },
  ],
  filters: [
    {
      name: "state",
      label: "State",
      options: [{ value: "", label: "All" }, ...optionsOf(FEEDBACK_STATES)],
    },
    {
      name: "kind",
      label: "What is said",
      options: [{ value: "", label: "All" }, ...optionsOf(FEEDBACK_KINDS)],
    },
  ],
  searchLabel: "Search reports",
  defaultSort: "-created_at",
  rowKey: (row) => String(row.id),
  empty: "They come from the panels of weaknesses, software and recommendations.",
};

export function FeedbackTab() {
  const decision = useChange(
    (asked: FeedbackDecision) => send<FeedbackRow>("POST", "/feedback/decisions", asked),
    ["feedback"],
  );
  const decide = (row: FeedbackRow, decided: FeedbackDecision["decision"], label: string) => (
    <Button
      size="small"
      disabledFocusable={decision.isPending}
      aria-label={`${label}: ${row.subject}`}
      onClick={() => decision.mutate({ id: row.id, decision: decided, note: "" })}
    >
      {label}
    </Button>
  );
  const manage = {
    id: "decision",
    label: "Decision",
    width: 150,
    cell: (row: FeedbackRow) =>
      row.state === "open" ? (
        <>
          {decide(row, "done", "Done")} {decide(row, "refused", "Refuse")}
        </>
      ) : (
        format.person(row.decided_by)
      ),
  };
  return (
    <>
      {decision.error && <Failed error={decision.error} />}
      <ListView list={{ ...list, columns: [...list.columns, manage] }} query={feedbackQuery} />
    </>
  );
}
