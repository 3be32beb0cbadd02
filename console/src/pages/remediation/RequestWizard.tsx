/** Asks for remediation of one recommendation, or of the steps of a plan at once. */
import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Select,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { remediationFormQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import type { ActivityRequest, ActivityRow, RemediationForm } from "../../api/types";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Done, Form, useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { Checks } from "../../ui/pickers";
import { Result } from "../../ui/states";
import { Wizard, type WizardStep } from "../../ui/Wizard";
import { useUrl } from "../../url/useUrl";
import { MITIGATIONS, OPTIONS } from "./activityColumns";
import { fillFor, requestOf, type Filled } from "./activityRequest";

interface RequestWizardProps {
  /** One, or those of a plan. */
  recommendationIds: string[];
  onClose: () => void;
}

export function RequestWizard({ recommendationIds, onClose }: RequestWizardProps) {
  const first = recommendationIds[0] ?? "";
  const query = useQuery(remediationFormQuery(first));
  return (
    <Result query={query}>
      {(form) => <Steps key={first} form={form} recommendationIds={recommendationIds} onClose={onClose} />}
    </Result>
  );
}

function Steps({ form, recommendationIds, onClose }: RequestWizardProps & { form: RemediationForm }) {
  const { state } = useUrl();
  const isOne = recommendationIds.length === 1;
  const [filled, setFilled] = useState<Filled>(() => fillFor(form, isOne, state.groups));
  const change = useChange(
    (asked: ActivityRequest) => send<ActivityRow[]>("POST", "/remediation/activities", asked),
    ["remediation", "recommendations", "dashboard"],
  );
  if (change.data) return <Made activities={change.data} onClose={onClose} />;
  const put = (changes: Partial<Filled>) => setFilled({ ...filled, ...changes });
  const parts = { form, filled, put };
  const steps: WizardStep[] = [
    {
      title: "Who and how",
      isReady: filled.isEverywhere || filled.groups.size > 0,
      content: (
        <>
          {isOne && form.active_activities > 0 && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>
                {format.counted(form.active_activities, "activity", "activities")} of this recommendation{" "}
                {form.active_activities === 1 ? "is" : "are"} active already.
              </MessageBarBody>
            </MessageBar>
          )}
          {isOne && <OptionPart {...parts} />}
          <GroupsPart {...parts} isOne={isOne} />
        </>
      ),
    },
    { title: "When and what for", isReady: true, content: <DuePart {...parts} isOne={isOne} /> },
    {
      title: "Review",
      isReady: true,
      content: <Review {...parts} count={recommendationIds.length} />,
    },
  ];
  return (
    <Wizard
      label="Request remediation"
      submitLabel="Submit"
      steps={steps}
      change={change}
      onCancel={onClose}
      onSubmit={() => change.mutate(requestOf(recommendationIds, filled))}
    />
  );
}

interface PartProps {
  form: RemediationForm;
  filled: Filled;
  put: (changes: Partial<Filled>) => void;
}

function OptionPart({ form, filled, put }: PartProps) {
  return (
    <Field label="Remediation option">
      <RadioGroup
        value={filled.option ?? ""}
        onChange={(_, { value }) => put({ option: value as Filled["option"] })}
      >
        {form.options.map((option) => (
          <Radio key={option} value={option} label={OPTIONS[option]} />
        ))}
      </RadioGroup>
    </Field>
  );
}

function GroupsPart({ form, filled, put, isOne }: PartProps & { isOne: boolean }) {
  return (
    <>
      <Field label="Device groups">
        <RadioGroup
          value={filled.isEverywhere ? "all" : "some"}
          onChange={(_, { value }) => put({ isEverywhere: value === "all" })}
        >
          <Radio
            value="all"
            label={
              isOne
                ? `All exposed devices that I may see (${format.count(form.exposed_devices)})`
                : "All exposed devices that I may see"
            }
          />
          <Radio value="some" label="Those of some device groups" />
        </RadioGroup>
      </Field>
      {!filled.isEverywhere && (
        <Checks
          label="Choose device groups"
          choices={form.groups.map((group) => ({
            id: String(group.id),
            label: `${group.name} (${format.counted(group.devices, "exposed device")})`,
          }))}
          chosen={filled.groups}
          onChosen={(groups) => put({ groups })}
        />
      )}
    </>
  );
}

function DuePart({ form, filled, put, isOne }: PartProps & { isOne: boolean }) {
  const trackers = Object.entries(form.trackers);
  return (
    <>
      {filled.option === "AttentionRequired" ? (
        <Text>Attention required has no due date and no progress.</Text>
      ) : (
        <Field
          label="Due on"
          hint={isOne && form.due_reason ? form.due_reason : "Empty: as the rules for due dates say."}
        >
          <Input type="date" value={filled.dueOn} onChange={(_, { value }) => put({ dueOn: value })} />
        </Field>
      )}
      <Field label="Priority">
        <Select
          value={filled.priority}
          onChange={(_, { value }) => put({ priority: value as Filled["priority"] })}
        >
          {["High", "Medium", "Low"].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
      <Field
        label="Mitigation until then"
        hint="Recorded with the activity; lists to enforce it are exported."
      >
        <Select
          value={filled.mitigation}
          onChange={(_, { value }) => put({ mitigation: value as Filled["mitigation"] })}
        >
          {Object.entries(MITIGATIONS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {trackers.length > 0 && (
        <Field label="Ticket">
          <Select value={filled.tracker} onChange={(_, { value }) => put({ tracker: value })}>
            <option value="">Open no ticket</option>
            {trackers.map(([id, name]) => (
              <option key={id} value={id}>
                Open a ticket in {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Notes">
        <Textarea
          value={filled.notes}
          maxLength={4000}
          resize="vertical"
          onChange={(_, { value }) => put({ notes: value })}
        />
      </Field>
    </>
  );
}

function Review({ form, filled, count }: PartProps & { count: number }) {
  const chosen = form.groups.filter((group) => filled.groups.has(String(group.id)));
  return (
    <>
      <Facts
        facts={[
          [
            "Recommendation",
            count === 1 ? form.title : `${form.title} and ${format.count(count - 1)} more of the plan`,
          ],
          ["Remediation option", filled.option && OPTIONS[filled.option]],
          ["Device groups", filled.isEverywhere ? "All" : chosen.map((group) => group.name).join(", ")],
          ["Due on", filled.dueOn || null],
          ["Priority", filled.priority],
          ["Mitigation", filled.mitigation === "None" ? null : MITIGATIONS[filled.mitigation]],
          ["Ticket", filled.tracker ? (form.trackers[filled.tracker] ?? null) : null],
          ["Notes", filled.notes],
        ]}
      />
      <Text>
        The devices that are exposed now are the target. Nothing is changed on them by this request; progress
        comes from what they report.
      </Text>
    </>
  );
}

function Made({ activities, onClose }: { activities: ActivityRow[]; onClose: () => void }) {
  const only = activities.length === 1 ? activities[0] : undefined;
  return (
    <Form
      label="Request remediation"
      submitLabel="Close"
      onSubmit={onClose}
      change={{ isPending: false, error: null }}
      isReady
    >
      <Done>
        {format.counted(activities.length, "activity was", "activities were")} made.{" "}
        <PageLink to="/remediation" search={only ? { open: only.id } : {}}>
          {only ? "Open it" : "Open them"}
        </PageLink>
      </Done>
    </Form>
  );
}
