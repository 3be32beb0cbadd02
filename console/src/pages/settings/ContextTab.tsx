/** Business context: rules that propose value and criticality of devices, and people whose devices matter more. */
import { Button, Field, Switch, Text, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { contextRulesQuery, highValueUsersQuery } from "../../api/settingsQueries";
import type { ContextDecision, ContextRuleRow, HighValueUser } from "../../api/types";
import { useMay } from "../../app/access";
import { Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Done, Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { Empty, Failed, Result } from "../../ui/states";
import { usersOf, usersText } from "./users";

const TOPICS = ["devices", "groups", "dashboard", "software", "weaknesses", "recommendations", "plan"];

export function ContextTab() {
  const mayManage = useMay("ManageSecurity");
  const rules = useQuery(contextRulesQuery());
  const decide = useChange(
    (asked: Omit<ContextDecision, "devices">) =>
      send("POST", "/business-context/decisions", { ...asked, devices: null } satisfies ContextDecision),
    TOPICS,
  );
  const manage = manageColumns(decide.isPending, (rule, decision) =>
    decide.mutate({ rule: rule.name, decision }),
  );
  return (
    <>
      <Section level={2} title="Rules">
        <Text>A rule proposes; automatic ones are in force at once, others wait for somebody to accept.</Text>
        {decide.error && <Failed error={decide.error} />}
        <Result query={rules}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="There are no rules" />
            ) : (
              <Grid
                label="Rules of business context"
                columns={mayManage ? [...columns, ...manage] : columns}
                rows={rows}
                rowKey={(rule) => rule.name}
              />
            )
          }
        </Result>
      </Section>
      {mayManage && <HighValueUsers />}
    </>
  );
}

const number = (
  id: "found" | "in_force" | "proposed" | "dismissed",
  label: string,
): Column<ContextRuleRow> => ({
  id,
  label,
  width: 78,
  isNumber: true,
  cell: (rule) => format.count(rule[id]),
});

const columns: Column<ContextRuleRow>[] = [
  { id: "title", label: "Rule", width: 180, cell: (rule) => <span title={rule.reason}>{rule.title}</span> },
  {
    id: "proposes",
    label: "Proposes",
    width: 165,
    cell: (rule) =>
      [
        rule.device_value && `value ${rule.device_value}`,
        rule.criticality && `criticality ${rule.criticality}`,
      ]
        .filter(Boolean)
        .join(", ") || format.UNKNOWN,
  },
  number("found", "Found"),
  number("in_force", "In force"),
  number("proposed", "Proposed"),
  number("dismissed", "Dismissed"),
];

function manageColumns(
  isPending: boolean,
  onDecide: (rule: ContextRuleRow, decision: ContextDecision["decision"]) => void,
): Column<ContextRuleRow>[] {
  return [
    {
      id: "automatic",
      label: "Automatic",
      width: 85,
      cell: (rule) => (
        <Switch
          aria-label={`Automatic: ${rule.title}`}
          checked={rule.is_automatic}
          disabled={isPending}
          onChange={(_, { checked }) => onDecide(rule, checked ? "automatic" : "manual")}
        />
      ),
    },
    {
      id: "decide",
      label: "All proposed",
      width: 175,
      cell: (rule) =>
        rule.proposed > 0 && (
          <>
            <Button
              size="small"
              disabledFocusable={isPending}
              aria-label={`Accept ${rule.title}`}
              onClick={() => onDecide(rule, "accept")}
            >
              Accept
            </Button>{" "}
            <Button
              size="small"
              disabledFocusable={isPending}
              aria-label={`Dismiss ${rule.title}`}
              onClick={() => onDecide(rule, "dismiss")}
            >
              Dismiss
            </Button>
          </>
        ),
    },
  ];
}

function HighValueUsers() {
  const query = useQuery(highValueUsersQuery());
  return (
    <Section level={2} title="High-value users">
      <Result query={query} lines={3}>
        {(users) => <UsersForm key={JSON.stringify(users)} users={users} />}
      </Result>
    </Section>
  );
}

function UsersForm({ users }: { users: HighValueUser[] }) {
  const [text, setText] = useState(() => usersText(users));
  const change = useChange(
    (asked: HighValueUser[]) => send("PUT", "/business-context/high-value-users", { users: asked }),
    TOPICS,
  );
  return (
    <Form
      label="High-value users"
      submitLabel="Save"
      change={change}
      isReady
      onSubmit={() => change.mutate(usersOf(text))}
    >
      {change.isSuccess && <Done>Saved.</Done>}
      <Field label="One a line: name = why" hint="Devices on which they sign in matter more.">
        <Textarea value={text} rows={6} resize="vertical" onChange={(_, { value }) => setText(value)} />
      </Field>
    </Form>
  );
}
