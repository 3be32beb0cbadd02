/** One notification rule. */
import { Field, Input, Radio, RadioGroup, Select, Switch, Textarea } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { ChannelRow, NotificationRule, NotificationRuleRow } from "../../api/types";
import { Form, useChange } from "../../ui/Form";
import { GroupsChoice } from "../../ui/GroupsChoice";
import { Checks } from "../../ui/pickers";
import { addressesOf, EVENTS, newRule, REPORTS } from "./notification";

interface NotificationFormProps {
  saved: NotificationRuleRow | undefined;
  channels: ChannelRow[];
  onDone: () => void;
}

export function NotificationForm({ saved, channels, onDone }: NotificationFormProps) {
  const [rule, setRule] = useState(() => saved?.rule ?? newRule(channels[0]?.id ?? 0));
  const [recipients, setRecipients] = useState(() => (rule.recipients ?? []).join("\n"));
  const change = useChange(
    (asked: NotificationRule) =>
      saved
        ? send("PUT", `/notifications/rules/${saved.id}`, asked)
        : send("POST", "/notifications/rules", asked),
    ["notifications"],
    onDone,
  );
  const put = (changes: Partial<NotificationRule>) => setRule({ ...rule, ...changes });
  const isMail = channels.find((one) => one.id === rule.channel_id)?.kind === "email";
  const asked = { ...rule, name: rule.name.trim(), recipients: isMail ? addressesOf(recipients) : [] };
  const tellsSomething = rule.report !== null || (rule.events ?? []).length > 0;
  return (
    <Form
      label="Notification rule"
      submitLabel="Save"
      change={change}
      onCancel={onDone}
      isReady={asked.name !== "" && tellsSomething && (!isMail || asked.recipients.length > 0)}
      onSubmit={() => change.mutate(asked)}
    >
      <Field label="Name" required>
        <Input value={rule.name} maxLength={100} onChange={(_, { value }) => put({ name: value })} />
      </Field>
      <Field label="Description">
        <Textarea
          value={rule.description ?? ""}
          maxLength={2000}
          onChange={(_, { value }) => put({ description: value })}
        />
      </Field>
      <Switch
        label="Active"
        checked={rule.is_active ?? true}
        onChange={(_, { checked }) => put({ is_active: checked })}
      />
      <Field label="By" required>
        <Select
          value={String(rule.channel_id)}
          onChange={(_, { value }) => put({ channel_id: Number(value) })}
        >
          {channels.map((one) => (
            <option key={one.id} value={String(one.id)}>
              {one.name}
            </option>
          ))}
        </Select>
      </Field>
      {isMail && (
        <Field label="Recipients" hint="One address a line. New ones get only what comes later." required>
          <Textarea value={recipients} resize="vertical" onChange={(_, { value }) => setRecipients(value)} />
        </Field>
      )}
      <GroupsChoice chosen={rule.groups ?? null} onChosen={(groups) => put({ groups })} />
      <Field label="What">
        <RadioGroup
          value={rule.report ?? ""}
          onChange={(_, { value }) => put({ report: (value || null) as NotificationRule["report"] })}
        >
          <Radio value="" label="Events" />
          {Object.entries(REPORTS).map(([value, label]) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </RadioGroup>
      </Field>
      {rule.report ? <SchedulePart rule={rule} put={put} /> : <EventsPart rule={rule} put={put} />}
      <Switch
        label="Name the organisation"
        checked={rule.include_organisation ?? true}
        onChange={(_, { checked }) => put({ include_organisation: checked })}
      />
    </Form>
  );
}

interface PartProps {
  rule: NotificationRule;
  put: (changes: Partial<NotificationRule>) => void;
}

function SchedulePart({ rule, put }: PartProps) {
  return (
    <Field label="How often">
      <Select
        value={rule.schedule ?? "weekly"}
        onChange={(_, { value }) => put({ schedule: value as NonNullable<NotificationRule["schedule"]> })}
      >
        <option value="weekly">Every week</option>
        <option value="monthly">Every month</option>
      </Select>
    </Field>
  );
}

function EventsPart({ rule, put }: PartProps) {
  return (
    <>
      <Checks
        label="Events"
        choices={Object.entries(EVENTS).map(([id, label]) => ({ id, label }))}
        chosen={new Set(rule.events ?? [])}
        onChosen={(ids) => put({ events: [...ids] as NonNullable<NotificationRule["events"]> })}
      />
      <Field label="From severity">
        <Select
          value={rule.min_severity ?? "Low"}
          onChange={(_, { value }) =>
            put({ min_severity: value as NonNullable<NotificationRule["min_severity"]> })
          }
        >
          {["Critical", "High", "Medium", "Low"].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
      <Field label="When">
        <Select
          value={rule.pace ?? "soon"}
          onChange={(_, { value }) => put({ pace: value as NonNullable<NotificationRule["pace"]> })}
        >
          <option value="soon">Soon after it happens</option>
          <option value="daily">Once a day, all in one</option>
        </Select>
      </Field>
    </>
  );
}
