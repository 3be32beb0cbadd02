/** Corrections: reports of inaccuracies, for those who may decide about them. */
import { Button, Field, Text, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { inaccuraciesQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import type { InaccuracyDecision, InaccuracyRow } from "../../api/types";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { OpenWeakness } from "../weaknesses/columns";
import { FeedbackTab } from "./FeedbackTab";
import { inaccuracyList, STATE_WORDS, STATUS_WORDS, versionsText } from "./columns";

const TABS = [
  { id: "corrections", label: "Corrections of findings" },
  { id: "feedback", label: "Wishes and other reports" },
] as const;

export function CorrectionsPage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Corrections" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "feedback" ? <FeedbackTab /> : <Inaccuracies />}
    </PageFrame>
  );
}

function Inaccuracies() {
  const { change } = useUrl();
  return (
    <>
      <ListView
        list={inaccuracyList}
        query={inaccuraciesQuery}
        onOpen={(row) => change({ open: String(row.id) }, true)}
      />
      <CorrectionFlyout />
    </>
  );
}

const ALL = { page: 1, page_size: 1000 };

function CorrectionFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...inaccuraciesQuery(ALL), enabled: Boolean(state.open) });
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={`Correction ${id ?? ""}`}
      onClose={() => change({ open: undefined }, true)}
    >
      <Result query={query}>
        {(page) => {
          const row = page.items.find((one) => String(one.id) === id);
          return row ? <Correction key={row.id} row={row} /> : <Empty title="There is no such correction" />;
        }}
      </Result>
    </Flyout>
  );
}

function Correction({ row }: { row: InaccuracyRow }) {
  return (
    <>
      <Section title="What is said">
        <Facts
          facts={[
            ["Weakness", <OpenWeakness key="weakness" name={row.vulnerability} />],
            ["Software", `${row.name} in ${row.ecosystem}`],
            ["Versions", versionsText(row)],
            ["What is true", STATUS_WORDS[row.status] ?? row.status],
            ["Reported by", format.person(row.author)],
            ["Reported", format.time(row.created_at)],
            ["State", STATE_WORDS[row.state] ?? row.state],
            ["Decided by", row.decided_by && format.person(row.decided_by)],
            ["Decided", row.decided_at && format.time(row.decided_at)],
            ["Note", row.note],
            ["Replaces", row.replaces_id === null ? null : `Correction ${row.replaces_id}`],
          ]}
        />
      </Section>
      <Section title="Reason">
        <ForeignText text={row.reason} />
      </Section>
      <Decision row={row} />
    </>
  );
}

function Decision({ row }: { row: InaccuracyRow }) {
  const [note, setNote] = useState("");
  const change = useChange(
    (asked: InaccuracyDecision) => send<InaccuracyRow>("POST", "/inaccuracies/decisions", asked),
    ["inaccuracies", "weaknesses", "devices", "software", "dashboard", "recommendations"],
  );
  const decide = (decision: InaccuracyDecision["decision"]) =>
    change.mutate({ id: row.id, decision, note: note.trim() });
  if (row.state === "refused" || row.state === "withdrawn") return null;
  const isNew = row.state === "proposed";
  return (
    <Section title="Decision">
      <Text>
        {isNew
          ? "Approved, it decides before every other source for the versions that it names."
          : "Withdrawn, what the sources say is in force again."}
      </Text>
      <Form
        label="Decision"
        submitLabel={isNew ? "Approve" : "Withdraw"}
        onSubmit={() => decide(isNew ? "approved" : "withdrawn")}
        change={change}
        isReady
        more={
          isNew && (
            <Button disabledFocusable={change.isPending} onClick={() => decide("refused")}>
              Refuse
            </Button>
          )
        }
      >
        <Field label="Note">
          <Textarea value={note} maxLength={2000} onChange={(_, data) => setNote(data.value)} />
        </Field>
      </Form>
    </Section>
  );
}
