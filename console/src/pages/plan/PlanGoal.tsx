import { Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";

import { Form } from "../../ui/Form";
import { useUrl } from "../../url/useUrl";
import { REMEDIATIONS } from "../recommendations/columns";
import { effortOf, effortText, KINDS_WITH_EFFORT, settingsText, wholeNumber, type Asked } from "./goal";

type Goal = "score" | "actions" | "hours";

const GOALS: Record<Goal, { label: string; field: string; least: number; most: number; usual: string }> = {
  actions: { label: "The best actions", field: "How many actions", least: 1, most: 100, usual: "10" },
  score: { label: "Reach an exposure score", field: "Exposure score", least: 0, most: 100, usual: "30" },
  hours: { label: "What fits into some hours", field: "Hours", least: 1, most: 100_000, usual: "40" },
};
const ORDER = ["actions", "score", "hours"] as const;
const NOTHING_PENDING = { isPending: false, error: null };

/** The goal and the hours that actions take; nothing is asked of the server before "Make the plan". */
export function PlanGoal({ asked, settings }: { asked: Asked; settings: number }) {
  const { change } = useUrl();
  const [goal, setGoal] = useState<Goal>(() => ORDER.find((one) => asked[one] !== undefined) ?? "actions");
  const [amount, setAmount] = useState(String(asked[goal]));
  const [effort, setEffort] = useState(() => effortOf(asked.effort));
  const [beside, setBeside] = useState(String(settings));
  const planned = wholeNumber(beside, 0, 100);
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
      isReady={value !== undefined && planned !== undefined}
      onSubmit={() =>
        change(
          {
            score: undefined,
            actions: undefined,
            hours: undefined,
            [goal]: String(value),
            effort: effortText(effort),
            settings: settingsText(planned ?? settings),
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
      <Field
        label="Settings to plan beside them"
        hint="For the secure score; 0 for none."
        {...(planned === undefined && { validationMessage: "A whole number from 0 to 100." })}
      >
        <Input
          value={beside}
          inputMode="numeric"
          maxLength={3}
          onChange={(_, data) => setBeside(data.value.trim())}
        />
      </Field>
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
