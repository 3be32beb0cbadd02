/** The plan: which few things to do, in which order, for a goal that the address holds. */
import { Button, makeStyles, MessageBar, MessageBarBody, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";

import { planQuery } from "../../api/actQueries";
import type { PlanPage as Plan, PlanStepRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Card } from "../../ui/Card";
import { Facts } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { SeriesChart } from "../../ui/lazyCharts";
import { PageLink } from "../../ui/links";
import { PageFrame } from "../../ui/PageFrame";
import { Empty, Loading, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { REMEDIATIONS } from "../recommendations/columns";
import { RequestWizard } from "../remediation/RequestWizard";
import { PlanGoal } from "./PlanGoal";
import { SettingsSteps } from "./SettingsSteps";
import { askedOf, settingsAsked, settingsOf } from "./goal";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(12, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  goal: { gridColumn: "span 4", "@media (max-width: 1100px)": { gridColumn: "auto" } },
  curve: { gridColumn: "span 8", "@media (max-width: 1100px)": { gridColumn: "auto" } },
  whole: { gridColumn: "1 / -1" },
  note: { color: tokens.colorNeutralForeground3 },
});

const REQUEST = "request";

export function PlanPage() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const mayRemediate = useMay("ActiveRemediation.RemediationHandling");
  const asked = askedOf(state);
  const settings = settingsOf(state);
  const query = useQuery(planQuery({ ...asked, ...settingsAsked(settings), groups: state.groups }));
  return (
    <PageFrame title="Plan" aside={<PageLink to="/recommendations">All recommendations</PageLink>}>
      <div className={styles.cards}>
        <Card className={styles.goal} title="Goal">
          <PlanGoal key={JSON.stringify([asked, settings])} asked={asked} settings={settings} />
        </Card>
        <Card className={styles.curve} title="What it brings">
          <Result query={query} lines={8}>
            {(plan) => <Outcome plan={plan} isForScore={asked.score !== undefined} />}
          </Result>
        </Card>
        <Card className={styles.whole} title="Steps">
          <Result query={query} lines={8}>
            {(plan) =>
              plan.steps.length === 0 ? (
                <Empty title="Nothing is left to do for this goal" />
              ) : (
                <>
                  <Grid label="Steps" columns={columns} rows={plan.steps} rowKey={(step) => step.id} />
                  {mayRemediate && (
                    <div>
                      <Button appearance="primary" onClick={() => change({ view: REQUEST }, true)}>
                        Request remediation of all steps
                      </Button>
                    </div>
                  )}
                </>
              )
            }
          </Result>
        </Card>
        {settings.kind !== "none" && (
          <Card className={styles.whole} title="Settings to change">
            <Result query={query} lines={6}>
              {(plan) => <SettingsSteps plan={plan.settings} isForScore={settings.kind === "secure_score"} />}
            </Result>
          </Card>
        )}
      </div>
      <Flyout
        isOpen={state.view === REQUEST}
        title="Request remediation"
        subtitle={`All steps of the plan (${query.data?.steps.length ?? 0})`}
        onClose={() => change({ view: undefined }, true)}
      >
        {state.view === REQUEST && query.data && query.data.steps.length > 0 && (
          <RequestWizard
            recommendationIds={query.data.steps.map((step) => step.id)}
            onClose={() => change({ view: undefined }, true)}
          />
        )}
      </Flyout>
    </PageFrame>
  );
}

function Outcome({ plan, isForScore }: { plan: Plan; isForScore: boolean }) {
  const styles = useStyles();
  if (plan.score_before === null) {
    return <Empty title="There is no score yet">It appears with the first assessed device.</Empty>;
  }
  const points = plan.curve.map(({ step, score }) => ({
    x: step,
    y: score,
    label: step === 0 ? "Now" : `After step ${step}`,
  }));
  const sentence = `Exposure score from ${format.score(plan.score_before)} to ${format.score(plan.score_after)} in ${format.counted(plan.steps.length, "step")}`;
  return (
    <>
      {isForScore && !plan.is_reached && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The goal cannot be reached: everything that can be done ends at {format.score(plan.score_after)}.
          </MessageBarBody>
        </MessageBar>
      )}
      <Facts
        facts={[
          [
            "Exposure score",
            `${format.score(plan.score_before)} now, ${format.score(plan.score_after)} after the last step`,
          ],
          [
            "as detected, without exceptions",
            plan.score_before_detected === plan.score_before
              ? null
              : `${format.score(plan.score_before_detected)} now, ${format.score(plan.score_after_detected)} after the last step`,
          ],
          ["Devices touched", format.count(plan.devices)],
          ["Effort", format.counted(Math.round(plan.hours), "hour")],
          ["No plan can end below", plan.best_possible === null ? null : format.score(plan.best_possible)],
          [
            "No plan needs fewer steps than",
            plan.least_actions === null ? null : format.count(plan.least_actions),
          ],
          ["Recommendations considered", format.count(plan.actions_considered)],
        ]}
      />
      {points.length > 1 && (
        <Suspense fallback={<Loading lines={6} />}>
          <SeriesChart
            lines={[{ name: "Exposure score", points }]}
            sentence={sentence}
            height={190}
            most={Math.max(10, Math.ceil(plan.score_before / 10) * 10)}
          />
        </Suspense>
      )}
      <Text size={200} className={styles.note}>
        Score after each step. Gains are exact for this order; they do not add up in another one.
      </Text>
    </>
  );
}

const columns: Column<PlanStepRow>[] = [
  { id: "number", label: "Step", width: 60, isNumber: true, cell: (step) => String(step.number) },
  {
    id: "title",
    label: "Recommendation",
    width: 340,
    cell: (step) => (
      <PageLink to="/recommendations" search={{ open: step.id }} title={step.title}>
        {step.title}
      </PageLink>
    ),
  },
  {
    id: "remediation",
    label: "Remediation type",
    width: 150,
    cell: (step) => REMEDIATIONS[step.remediation_type],
  },
  {
    id: "weaknesses",
    label: "Weaknesses",
    width: 100,
    isNumber: true,
    cell: (step) => format.count(step.weaknesses),
  },
  { id: "devices", label: "Devices", width: 80, isNumber: true, cell: (step) => format.count(step.devices) },
  { id: "hours", label: "Hours", width: 80, isNumber: true, cell: (step) => format.score(step.hours) },
  { id: "gain", label: "Gain", width: 90, isNumber: true, cell: (step) => format.points(step.gain) },
  {
    id: "score_after",
    label: "Score after",
    width: 100,
    isNumber: true,
    cell: (step) => format.score(step.score_after),
  },
];
