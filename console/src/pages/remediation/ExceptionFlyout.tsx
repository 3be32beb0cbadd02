/** The exception that the address names under `open`: what it says, where it holds, ending it early. */
import { Button, Field, MessageBar, MessageBarBody, Text, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { exceptionDevicesQuery, exceptionGroupsPath, exceptionQuery } from "../../api/actQueries";
import { apiUrl, send } from "../../api/client";
import type { ExceptionRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import { ExportLink } from "../../ui/FilterBar";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { PageLink } from "../../ui/links";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { shortDeviceColumns } from "../devices/columns";
import { EXCEPTION_TYPES, exceptionStatus, JUSTIFICATIONS } from "./exceptionColumns";

const TABS = [
  { id: "details", label: "Details" },
  { id: "devices", label: "Devices" },
];
/** What an exception changes: counts and scores everywhere. */
export const EXCEPTION_TOPICS = [
  "exceptions",
  "recommendations",
  "checks",
  "weaknesses",
  "software",
  "devices",
  "dashboard",
  "plan",
];

export function ExceptionFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...exceptionQuery(id ?? ""), enabled: Boolean(state.open) });
  const tab = state.view === "devices" ? "devices" : "details";
  const row = query.data;
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={row?.title || row?.subject || "Exception"}
      subtitle={row && `${JUSTIFICATIONS[row.justification]} · ${exceptionStatus(row)}`}
      onClose={() => change({ open: undefined, view: undefined }, true)}
      actions={row && <SubjectLink row={row} />}
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "details" ? undefined : next })}
    >
      {id && tab === "devices" ? (
        <InnerList
          key={id}
          label="Devices"
          columns={shortDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => exceptionDevicesQuery(id, parameters)}
          defaultSort="-exposure_score"
          empty="It reaches no device in your scope now."
        />
      ) : (
        <Result query={query}>{(found) => <Details key={found.id} row={found} />}</Result>
      )}
    </Flyout>
  );
}

function SubjectLink({ row }: { row: ExceptionRow }) {
  if (row.subject_kind === "vulnerability") {
    return (
      <PageLink to="/weaknesses" search={{ open: row.subject }}>
        Open the weakness
      </PageLink>
    );
  }
  return (
    <PageLink to="/recommendations" search={{ open: row.subject }}>
      View related recommendation
    </PageLink>
  );
}

function Details({ row }: { row: ExceptionRow }) {
  const mayHandle = useMay("ActiveRemediation.ExceptionHandling");
  const isOpen = row.status === "Active" || row.status === "Suspended" || row.status === "Requested";
  return (
    <>
      {row.status === "Suspended" && (
        <MessageBar intent="info">
          <MessageBarBody>
            A global exception holds meanwhile. This one comes back when that ends.
          </MessageBarBody>
        </MessageBar>
      )}
      <Section title="Details">
        <Facts
          facts={[
            ["Status", exceptionStatus(row)],
            ["Type", EXCEPTION_TYPES[row.type]],
            ["Justification", JUSTIFICATIONS[row.justification]],
            ["Lowers the score", row.is_score_reducing ? "Yes, while it holds" : "No"],
            ["Devices", row.devices === null ? null : format.count(row.devices)],
            ["Created by", format.person(row.created_by)],
            ["Created on", format.time(row.created_at)],
            ["Decided by", row.decided_by && format.person(row.decided_by)],
            ["Decided on", row.decided_at && format.time(row.decided_at)],
            ["Note", row.note],
            ["Expires on", format.time(row.expires_at)],
            ["Ended on", row.ended_at && format.time(row.ended_at)],
            ["Ended by", row.ended_by && format.person(row.ended_by)],
            ["Tags", row.tags.join(", ")],
            ["Software", row.software.map((one) => one.name).join(", ")],
          ]}
        />
      </Section>
      <Section title="Justification context">
        <ForeignText text={row.context} />
      </Section>
      {row.groups.length > 0 && <Groups row={row} mayCancel={mayHandle && isOpen} />}
      {mayHandle && row.status === "Requested" && <Decision row={row} />}
      {mayHandle && isOpen && row.status !== "Requested" && <Cancellation row={row} />}
    </>
  );
}

function useCancellation(id: number) {
  return useChange(
    (group_id: number | null) => send("POST", `/exceptions/${id}/cancellation`, { group_id }),
    EXCEPTION_TOPICS,
  );
}

function Groups({ row, mayCancel }: { row: ExceptionRow; mayCancel: boolean }) {
  const cancel = useCancellation(row.id);
  return (
    <Section title="Device groups">
      <ExportLink address={apiUrl(exceptionGroupsPath(row.id), { format: "csv" })} />
      <Grid
        label="Device groups"
        rows={row.groups}
        rowKey={(group) => String(group.id)}
        columns={[
          { id: "name", label: "Device group", width: 260, cell: (group) => group.name },
          { id: "state", label: "State", width: 120, cell: (group) => (group.is_active ? "Holds" : "Ended") },
          {
            id: "end",
            label: "End early",
            width: 160,
            cell: (group) =>
              mayCancel &&
              group.is_active && (
                <Button
                  size="small"
                  disabledFocusable={cancel.isPending}
                  aria-label={`Cancel exception for ${group.name}`}
                  onClick={() => cancel.mutate(group.id)}
                >
                  Cancel exception
                </Button>
              ),
          },
        ]}
      />
      {cancel.error && <Text role="alert">{cancel.error.message}</Text>}
    </Section>
  );
}

function Cancellation({ row }: { row: ExceptionRow }) {
  const cancel = useCancellation(row.id);
  return (
    <Section title="End it early">
      <Form
        label="End it early"
        submitLabel={
          row.type === "device_group" ? "Cancel exception for all device groups" : "Cancel exception"
        }
        onSubmit={() => cancel.mutate(null)}
        change={cancel}
        isReady
      >
        <Text>The recommendation or weakness counts again at once.</Text>
      </Form>
    </Section>
  );
}

function Decision({ row }: { row: ExceptionRow }) {
  const [note, setNote] = useState("");
  const change = useChange(
    (decision: "approved" | "refused") =>
      send("POST", `/exceptions/${row.id}/decision`, { decision, note: note.trim() }),
    EXCEPTION_TOPICS,
  );
  return (
    <Section title="Approval">
      <Form
        label="Approval"
        submitLabel="Approve"
        onSubmit={() => change.mutate("approved")}
        change={change}
        isReady
        more={
          <Button disabledFocusable={change.isPending} onClick={() => change.mutate("refused")}>
            Refuse
          </Button>
        }
      >
        <Text>Somebody else than who asked decides.</Text>
        <Field label="Note">
          <Textarea value={note} maxLength={2000} onChange={(_, data) => setNote(data.value)} />
        </Field>
      </Form>
    </Section>
  );
}
