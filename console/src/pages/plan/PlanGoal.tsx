import { Field, Input, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { useState } from "react";

import { Form } from "../../ui/Form";
import { useUrl } from "../../url/useUrl";
import { REMEDIATIONS } from "../recommendations/columns";
import {
  effortOf,
  effortText,
  KINDS_WITH_EFFORT,
  SETTINGS_GOALS,
  settingsChange,
  wholeNumber,
  type Asked,
  type SettingsGoal,
  type SettingsKind,
} from "./goal";

type Goal = "score" | "actions" | "hours";

const GOALS: Record<Goal, { label: string; field: string; least: number; most: number; usual: string }> = {
  actions: { label: "The best actions", field: "How many actions", least: 1, most: 100, usual: "10" },
  score: { label: "Reach an exposure score", field: "Exposure score", least: 0, most: 100, usual: "30" },
  hours: { label: "What fits into some hours", field: "Hours", least: 1, most: 100_000, usual: "40" },
};
const ORDER = ["actions", "score", "hours"] as const;
/** Outside of every bound. */
const NO_NUMBER = -1;
const NOTHING_PENDING = { isPending: false, error: null };

/** The goal and the hours that actions take; nothing is asked of the server before "Make the plan". */
export function PlanGoal({ asked, settings }: { asked: Asked; settings: SettingsGoal }) {
  const { change } = useUrl();
  const [goal, setGoal] = useState<Goal>(() => ORDER.find((one) => asked[one] !== undefined) ?? "actions");
  const [amount, setAmount] = useState(String(asked[goal]));
  const [effort, setEffort] = useState(() => effortOf(asked.effort));
  const [beside, setBeside] = useState(settings);
  const { field, least, most } = GOALS[goal];
  const value = wholeNumber(amount, least, most);
  const choose = (next: Goal) => {
    setGoal(next);
    setAmount(asked[next] === undefined ? GOALS[next].usual : String(asked[next]));
  };
  return (
    <Form
      label="Goal"
      submitLabel="Make the plan"
      change={NOTHING_PENDING}
      isReady={value !== undefined && isWithin(beside)}
      onSubmit={() =>
        change(
          {
            score: undefined,
            actions: undefined,
            hours: undefined,
            [goal]: String(value),
            effort: effortText(effort),
            ...settingsChange(beside),
          },
          true,
        )
      }
    >
      <Field label="What to plan for">
        <RadioGroup value={goal} onChange={(_, data) => choose(data.value as Goal)}>
          {ORDER.map((one) => (
            <Radio key={one} value={one} label={GOALS[one].label} />
          ))}
        </RadioGroup>
      </Field>
      <Field
        label={field}
        required
        {...(value === undefined && { validationMessage: `A whole number from ${least} to ${most}.` })}
      >
        <Input
          value={amount}
          inputMode="numeric"
          maxLength={6}
          onChange={(_, data) => setAmount(data.value.trim())}
        />
      </Field>
      <SettingsField goal={beside} onGoal={setBeside} />
      {KINDS_WITH_EFFORT.map((kind) => (
        <Field key={kind} label={`Hours for each ${REMEDIATIONS[kind].toLowerCase()}`} size="small">
          <Input
            size="small"
            type="number"
            min={0}
            step="any"
            placeholder="As usual"
            value={effort[kind] ?? ""}
            onChange={(_, data) => setEffort({ ...effort, [kind]: data.value })}
          />
        </Field>
      ))}
    </Form>
  );
}

function isWithin({ kind, amount }: SettingsGoal): boolean {
  if (kind === "none") return true;
  const { least, most } = SETTINGS_GOALS[kind];
  return amount >= least && amount <= most;
}

interface SettingsFieldProps {
  goal: SettingsGoal;
  onGoal: (goal: SettingsGoal) => void;
}

/** What the settings beside the actions are planned for; for the secure score. */
function SettingsField({ goal, onGoal }: SettingsFieldProps) {
  const { kind, amount } = goal;
  const shown = kind === "none" ? undefined : SETTINGS_GOALS[kind];
  return (
    <>
      <Field label="Settings beside them" hint="For the secure score.">
        <Select
          value={kind}
          onChange={(_, { value }) => {
            const next = value as SettingsKind;
            onGoal({ kind: next, amount: next === "none" ? 0 : SETTINGS_GOALS[next].usual });
          }}
        >
          {Object.entries(SETTINGS_GOALS).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="none">None</option>
        </Select>
      </Field>
      {shown && (
        <Field
          label={shown.field}
          required
          {...(!isWithin(goal) && {
            validationMessage: `A whole number from ${shown.least} to ${shown.most}.`,
          })}
        >
          <Input
            value={amount < 0 ? "" : String(amount)}
            inputMode="numeric"
            maxLength={6}
            onChange={(_, { value }) =>
              onGoal({ kind, amount: wholeNumber(value.trim(), 0, 999_999) ?? NO_NUMBER })
            }
          />
        </Field>
      )}
    </>
  );
}
