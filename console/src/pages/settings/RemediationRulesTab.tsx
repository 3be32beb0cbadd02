/** How long remediation may take, and who agrees to exceptions. */
import { Button, Input, Select, Switch, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { exceptionPolicyQuery, slaQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import type { ExceptionPolicy, SlaRule, SlaRules } from "../../api/types";
import { useMay } from "../../app/access";
import { Section } from "../../ui/Facts";
import { Done, Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { Empty, Failed, Result } from "../../ui/states";

export function RemediationRulesTab() {
  const sla = useQuery(slaQuery());
  const policy = useQuery(exceptionPolicyQuery());
  return (
    <>
      <Section level={2} title="Due dates">
        <Result query={sla}>{(found) => <DueDates key={JSON.stringify(found)} saved={found} />}</Result>
      </Section>
      <Section level={2} title="Exceptions">
        <Result query={policy} lines={2}>
          {(found) => <Policy policy={found} />}
        </Result>
      </Section>
    </>
  );
}

const ANY = "";
const MOST_RULES = 100;
const SEVERITIES = ["Critical", "High", "Medium", "Low"];
const EXPLOITS = { known_exploited: "Known to be exploited", public: "An exploit is public" };
const VALUES = ["High", "Normal", "Low"];

function DueDates({ saved }: { saved: SlaRules }) {
  const mayManage = useMay("ManageSecurity");
  const [rules, setRules] = useState<SlaRule[]>(saved.rules);
  const change = useChange((asked: SlaRules) => send("PUT", "/remediation/sla", asked), ["remediation"]);
  const put = (at: number, changes: Partial<SlaRule>) =>
    setRules(rules.map((rule, index) => (index === at ? { ...rule, ...changes } : rule)));
  const columns = editColumns(put, (at) => setRules(rules.filter((_, index) => index !== at)));
  const rows = rules.map((rule, at) => ({ rule, at }));
  const areDaysRight = rules.every(({ days }) => Number.isInteger(days) && days >= 0 && days <= 3650);
  const grid =
    rows.length === 0 ? (
      <Empty title="Nothing has a due date by itself" />
    ) : (
      <Grid
        label="Due dates"
        columns={mayManage ? columns : readColumns}
        rows={rows}
        rowKey={({ at }) => String(at)}
      />
    );
  if (!mayManage) return grid;
  return (
    <>
      <Text>The earliest date of all rules that hold counts. A date chosen in a request comes first.</Text>
      {grid}
      {change.isSuccess && <Done>Saved. New activities follow it.</Done>}
      <Form
        label="Due dates"
        submitLabel="Save"
        change={change}
        isReady={areDaysRight}
        onSubmit={() => change.mutate({ rules })}
        more={
          <Button
            disabledFocusable={rules.length >= MOST_RULES}
            onClick={() => setRules([...rules, NEW_RULE])}
          >
            Add a rule
          </Button>
        }
      >
        {null}
      </Form>
    </>
  );
}

const NEW_RULE: SlaRule = {
  severity: null,
  exploit: null,
  device_value: null,
  days: 30,
  is_catalogue_date: false,
};

interface Row {
  rule: SlaRule;
  at: number;
}

const readColumns: Column<Row>[] = [
  { id: "severity", label: "Severity", width: 140, cell: ({ rule }) => rule.severity ?? "Any" },
  {
    id: "exploit",
    label: "Exploitation",
    width: 200,
    cell: ({ rule }) => (rule.exploit ? EXPLOITS[rule.exploit] : "Any"),
  },
  { id: "value", label: "Device value", width: 140, cell: ({ rule }) => rule.device_value ?? "Any" },
  {
    id: "days",
    label: "Due within",
    width: 200,
    cell: ({ rule }) => (rule.is_catalogue_date ? "The catalogue's own date" : `${rule.days} days`),
  },
];

function editColumns(
  put: (at: number, changes: Partial<SlaRule>) => void,
  remove: (at: number) => void,
): Column<Row>[] {
  return [
    {
      id: "severity",
      label: "Severity",
      width: 150,
      cell: ({ rule, at }) => (
        <Choice
          label={`Severity of rule ${at + 1}`}
          value={rule.severity ?? ANY}
          options={SEVERITIES.map((one) => [one, one])}
          onValue={(value) => put(at, { severity: (value || null) as SlaRule["severity"] })}
        />
      ),
    },
    {
      id: "exploit",
      label: "Exploitation",
      width: 210,
      cell: ({ rule, at }) => (
        <Choice
          label={`Exploitation of rule ${at + 1}`}
          value={rule.exploit ?? ANY}
          options={Object.entries(EXPLOITS)}
          onValue={(value) => put(at, { exploit: (value || null) as SlaRule["exploit"] })}
        />
      ),
    },
    {
      id: "value",
      label: "Device value",
      width: 140,
      cell: ({ rule, at }) => (
        <Choice
          label={`Device value of rule ${at + 1}`}
          value={rule.device_value ?? ANY}
          options={VALUES.map((one) => [one, one])}
          onValue={(value) => put(at, { device_value: (value || null) as SlaRule["device_value"] })}
        />
      ),
    },
    {
      id: "days",
      label: "Days",
      width: 100,
      cell: ({ rule, at }) => (
        <Input
          size="small"
          type="number"
          min={0}
          max={3650}
          aria-label={`Days of rule ${at + 1}`}
          value={String(rule.days)}
          onChange={(_, { value }) => put(at, { days: Number(value) })}
        />
      ),
    },
    {
      id: "catalogue",
      label: "Or the catalogue's own date",
      width: 200,
      cell: ({ rule, at }) => (
        <Switch
          aria-label={`Catalogue's date in rule ${at + 1}`}
          checked={rule.is_catalogue_date ?? false}
          onChange={(_, { checked }) => put(at, { is_catalogue_date: checked })}
        />
      ),
    },
    {
      id: "remove",
      label: "Manage",
      width: 100,
      cell: ({ at }) => (
        <Button size="small" aria-label={`Remove rule ${at + 1}`} onClick={() => remove(at)}>
          Remove
        </Button>
      ),
    },
  ];
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onValue: (value: string) => void;
}

function Choice({ label, value, options, onValue }: ChoiceProps) {
  return (
    <Select size="small" aria-label={label} value={value} onChange={(_, data) => onValue(data.value)}>
      <option value={ANY}>Any</option>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </Select>
  );
}

function Policy({ policy }: { policy: ExceptionPolicy }) {
  const mayManage = useMay("ManageSecurity");
  const change = useChange(
    (asked: ExceptionPolicy) => send("PUT", "/exceptions/policy", asked),
    ["exceptions"],
  );
  return (
    <>
      {change.error && <Failed error={change.error} />}
      <Switch
        label="Two people must agree: who asks for an exception cannot approve it"
        checked={policy.is_four_eyes}
        disabled={!mayManage || change.isPending}
        onChange={(_, { checked }) => change.mutate({ is_four_eyes: checked })}
      />
    </>
  );
}
