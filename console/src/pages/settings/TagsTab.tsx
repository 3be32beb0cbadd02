/** Tags of the fleet, and the rules that give some of them. */
import { Button, Field, Input } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { tagRulesQuery, tagsQuery } from "../../api/settingsQueries";
import type { TagRow, TagRuleRequest, TagRuleRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Bar } from "../../ui/Bar";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { draftOf, isWithinLimits, ruleOf, ruleText } from "./rule";
import { RuleEditor } from "./RuleEditor";

const TOPICS = ["groups", "devices", "dashboard"];
const NEW = "new";
const ORIGINS: Record<string, string> = { manual: "By hand", sensor: "By the sensor", rule: "By a rule" };

const tagColumns: Column<TagRow>[] = [
  {
    id: "name",
    label: "Tag",
    width: 300,
    cell: (tag) => (
      <PageLink to="/devices" search={{ device_tag: tag.name }}>
        {tag.name}
      </PageLink>
    ),
  },
  {
    id: "origins",
    label: "Given",
    width: 220,
    cell: (tag) => tag.origins.map((origin) => ORIGINS[origin] ?? origin).join(", "),
  },
  { id: "devices", label: "Devices", width: 90, isNumber: true, cell: (tag) => format.count(tag.devices) },
];

const ruleColumns: Column<TagRuleRow>[] = [
  {
    id: "tag",
    label: "Tag",
    width: 200,
    cell: (rule) => (
      <PageLink to="/settings" search={{ tab: "tags", open: String(rule.id) }}>
        {rule.tag}
      </PageLink>
    ),
  },
  { id: "rule", label: "Given to devices whose", width: 420, cell: (rule) => ruleText(rule.rule) },
  { id: "devices", label: "Devices", width: 90, isNumber: true, cell: (rule) => format.count(rule.devices) },
];

export function TagsTab() {
  const { change } = useUrl();
  const mayManage = useMay("ManageSystemSettings");
  const tags = useQuery(tagsQuery());
  const rules = useQuery(tagRulesQuery());
  const removal = useChange((id: number) => send("DELETE", `/tag-rules/${id}`), TOPICS);
  const remove: Column<TagRuleRow> = {
    id: "remove",
    label: "Manage",
    width: 130,
    cell: (rule) => (
      <RemoveButton
        what={`the rule for ${rule.tag}`}
        label="Delete"
        isPending={removal.isPending}
        onRemove={() => removal.mutate(rule.id)}
      />
    ),
  };
  return (
    <>
      <Bar text="Rules give tags when something changes; tags by hand are given on a device's page.">
        {mayManage && (
          <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
            New tag rule
          </Button>
        )}
      </Bar>
      {removal.error && <Failed error={removal.error} />}
      <Section level={2} title="Tag rules">
        <Result query={rules} lines={3}>
          {(rows) => (
            <>
              {rows.length === 0 ? (
                <Empty title="No rule gives tags" />
              ) : (
                <Grid
                  label="Tag rules"
                  columns={mayManage ? [...ruleColumns, remove] : ruleColumns}
                  rows={rows}
                  rowKey={(rule) => String(rule.id)}
                />
              )}
              <RuleFlyout rules={rows} mayManage={mayManage} />
            </>
          )}
        </Result>
      </Section>
      <Section level={2} title="Tags in use">
        <Result query={tags} lines={3}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No device has a tag" />
            ) : (
              <Grid label="Tags in use" columns={tagColumns} rows={rows} rowKey={(tag) => tag.name} />
            )
          }
        </Result>
      </Section>
    </>
  );
}

function RuleFlyout({ rules, mayManage }: { rules: TagRuleRow[]; mayManage: boolean }) {
  const { state, change } = useUrl();
  const rule = rules.find((one) => String(one.id) === state.open);
  const isOpen = mayManage && (rule !== undefined || state.open === NEW);
  return (
    <Flyout
      isOpen={isOpen}
      title={rule ? `Rule for ${rule.tag}` : "New tag rule"}
      onClose={() => change({ open: undefined }, true)}
    >
      {isOpen && <RuleForm key={state.open} rule={rule} onDone={() => change({ open: undefined }, true)} />}
    </Flyout>
  );
}

function RuleForm({ rule, onDone }: { rule: TagRuleRow | undefined; onDone: () => void }) {
  const [tag, setTag] = useState(rule?.tag ?? "");
  const [draft, setDraft] = useState(() => draftOf(rule?.rule));
  const change = useChange((asked: TagRuleRequest) => send("POST", "/tag-rules", asked), TOPICS, onDone);
  const made = ruleOf(draft);
  return (
    <Form
      label="Tag rule"
      submitLabel="Save"
      change={change}
      isReady={tag.trim() !== "" && isWithinLimits(draft) && (made.conditions ?? []).length > 0}
      onCancel={onDone}
      onSubmit={() => change.mutate({ tag: tag.trim(), rule: made })}
    >
      <Field label="Tag" required>
        <Input
          value={tag}
          readOnly={rule !== undefined}
          maxLength={200}
          onChange={(_, { value }) => setTag(value)}
        />
      </Field>
      <RuleEditor draft={draft} onDraft={setDraft} />
    </Form>
  );
}
