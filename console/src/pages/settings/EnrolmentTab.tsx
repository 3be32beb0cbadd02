/** How devices come in: tokens for sensors, and sensors that ask to take over a known device. */
import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { enrolmentRequestsQuery } from "../../api/settingsQueries";
import type {
  EnrolmentDecision,
  EnrolmentRequestRow,
  EnrolmentTokenRequest,
  EnrolmentTokenRow,
} from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { Secret } from "../../ui/Secret";
import { Empty, Failed, Result } from "../../ui/states";

const DECISIONS = { approved: "Approve", rejected: "Reject", separate: "A device of its own" } as const;

const useStyles = makeStyles({
  buttons: { display: "flex", columnGap: tokens.spacingHorizontalS },
  new: { display: "grid", rowGap: tokens.spacingVerticalM, maxWidth: "640px" },
});

export function EnrolmentTab() {
  const styles = useStyles();
  const query = useQuery(enrolmentRequestsQuery());
  const decide = useChange(
    (asked: EnrolmentDecision) => send("POST", "/admin/enrolment-requests", asked),
    ["devices", "groups", "dashboard"],
  );
  const manage: Column<EnrolmentRequestRow> = {
    id: "decide",
    label: "Decide",
    width: 330,
    cell: (row) => (
      <span className={styles.buttons}>
        {(["approved", "rejected", "separate"] as const).map((decision) => (
          <Button
            key={decision}
            size="small"
            disabledFocusable={decide.isPending}
            aria-label={`${DECISIONS[decision]}: ${row.asking_name} for ${row.device_name}`}
            onClick={() => decide.mutate({ id: row.id, decision })}
          >
            {DECISIONS[decision]}
          </Button>
        ))}
      </span>
    ),
  };
  return (
    <>
      <Section level={2} title="Requests to take over a device">
        <Text>
          A sensor without its old key says that it is a device that is already known. Nothing is taken over
          until somebody approves.
        </Text>
        {decide.error && <Failed error={decide.error} />}
        <Result query={query} lines={3}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="Nobody waits for an approval" />
            ) : (
              <Grid
                label="Requests to take over a device"
                columns={[...columns, manage]}
                rows={rows}
                rowKey={(row) => String(row.id)}
              />
            )
          }
        </Result>
      </Section>
      <Section level={2} title="Enrol new devices">
        <NewToken />
      </Section>
    </>
  );
}

const columns: Column<EnrolmentRequestRow>[] = [
  {
    id: "device",
    label: "Device",
    width: 190,
    cell: (row) => (
      <PageLink to="/devices/$deviceId" params={{ deviceId: row.device_id }}>
        {row.device_name}
      </PageLink>
    ),
  },
  { id: "asking", label: "Asked by", width: 190, cell: (row) => row.asking_name },
  { id: "at", label: "Asked", width: 185, cell: (row) => format.time(row.requested_at) },
];

function NewToken() {
  const styles = useStyles();
  const [name, setName] = useState("devices");
  const [uses, setUses] = useState("1");
  const [days, setDays] = useState("1");
  const change = useChange(
    (asked: EnrolmentTokenRequest) => send<EnrolmentTokenRow>("POST", "/admin/enrolment-tokens", asked),
    [],
  );
  const made = change.data;
  if (made) {
    return (
      <div className={styles.new}>
        <Secret
          label="Enrolment token"
          value={made.token}
          note={`It enrols ${format.counted(made.uses, "device")} until ${format.time(made.expires_at)}.`}
        />
        <Facts
          isCode
          facts={[
            ["Server", window.location.origin],
            ["Fingerprint", made.server_fingerprint],
          ]}
        />
        <div>
          <Button onClick={() => change.reset()}>Make another</Button>
        </div>
      </div>
    );
  }
  return (
    <Form
      label="Enrolment token"
      submitLabel="Make an enrolment token"
      change={change}
      isReady={name.trim() !== "" && isWhole(uses, 1_000_000) && isWhole(days, 366)}
      onSubmit={() => change.mutate({ name: name.trim(), uses: Number(uses), days: Number(days) })}
    >
      <Text>Sensors enrol with a token; each gets a key of its own for it.</Text>
      <Field label="Name" hint="What it is for; it is in the audit log." required>
        <Input value={name} maxLength={100} autoComplete="off" onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="How many devices">
        <Input
          type="number"
          min={1}
          max={1_000_000}
          value={uses}
          onChange={(_, { value }) => setUses(value)}
        />
      </Field>
      <Field label="Days it works" hint="1 to 366.">
        <Input type="number" min={1} max={366} value={days} onChange={(_, { value }) => setDays(value)} />
      </Field>
    </Form>
  );
}

function isWhole(text: string, most: number): boolean {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= most;
}
