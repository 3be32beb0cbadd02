/** Settings to change, in the order of what the secure score gains by them. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";

import type { SettingsPlan, SettingsPlanStep } from "../../api/types";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { Empty, Notice } from "../../ui/states";

const useStyles = makeStyles({ note: { color: tokens.colorNeutralForeground3 } });

function percent(value: number | null): string {
  return value === null ? format.UNKNOWN : `${value.toFixed(1)} %`;
}

interface SettingsStepsProps {
  plan: SettingsPlan | null | undefined;
  isForScore: boolean;
}

export function SettingsSteps({ plan, isForScore }: SettingsStepsProps) {
  const styles = useStyles();
  if (!plan || plan.percent_before === null) {
    return <Empty title="No setting is assessed yet">Settings come with the reports of the sensors.</Empty>;
  }
  if (plan.steps.length === 0) {
    return (
      <Empty
        title={
          plan.percent_before < 100
            ? "Nothing is left to do for this goal"
            : "Every assessed setting is as it should be"
        }
      />
    );
  }
  return (
    <>
      {isForScore && !plan.is_reached && (
        <Notice intent="warning">
          The secure score cannot be reached: all settings together end at {percent(plan.percent_after)}.
        </Notice>
      )}
      <Facts
        facts={[
          [
            "Secure score",
            `${percent(plan.percent_before)} now, ${percent(plan.percent_after)} after the last of them`,
          ],
          ["Devices touched", format.count(plan.devices)],
          ["No choice ends above", plan.best_possible === null ? null : percent(plan.best_possible)],
          [
            "No choice needs fewer settings than",
            plan.least_actions === null ? null : format.count(plan.least_actions),
          ],
          ["Effort", format.counted(Math.round(plan.hours), "hour")],
        ]}
      />
      <Grid label="Settings to change" columns={columns} rows={plan.steps} rowKey={(step) => step.id} />
      <Text size={200} className={styles.note}>
        The exposure score does not know of settings, so they are planned apart from the actions above.
      </Text>
    </>
  );
}

const columns: Column<SettingsPlanStep>[] = [
  { id: "number", label: "Step", width: 60, isNumber: true, cell: (step) => String(step.number) },
  {
    id: "title",
    label: "Setting",
    width: 380,
    cell: (step) => (
      <PageLink to="/recommendations" search={{ open: step.id }} title={step.title}>
        {step.title}
      </PageLink>
    ),
  },
  { id: "devices", label: "Devices", width: 80, isNumber: true, cell: (step) => format.count(step.devices) },
  { id: "hours", label: "Hours", width: 80, isNumber: true, cell: (step) => format.score(step.hours) },
  { id: "gain", label: "Gain", width: 90, isNumber: true, cell: (step) => `+${format.points(step.gain)}` },
  {
    id: "after",
    label: "Secure score after",
    width: 150,
    isNumber: true,
    cell: (step) => percent(step.percent_after),
  },
  {
    id: "blunted",
    label: "Blunts weaknesses",
    width: 150,
    isNumber: true,
    cell: (step) => format.count(step.blunted_weaknesses),
  },
];
