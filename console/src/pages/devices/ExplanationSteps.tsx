/** "Why am I seeing this?": a finding followed through every module. */
import { makeStyles, MessageBar, MessageBarBody, Subtitle2, Text, tokens } from "@fluentui/react-components";

import type { Explanation, ExplanationStep } from "../../api/types";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { ExternalLink } from "../../ui/links";
import { DeviceLink } from "./columns";

const MODULES: Record<ExplanationStep["module"], string> = {
  report: "Report",
  software: "Software",
  advisory: "Advisory",
  range: "Version range",
  match: "Match",
  threat: "Threat",
  score: "Score",
};

const useStyles = makeStyles({
  steps: { margin: 0, padding: 0, listStyleType: "none" },
  step: {
    position: "relative",
    display: "grid",
    rowGap: tokens.spacingVerticalXS,
    padding: `0 0 ${tokens.spacingVerticalL} 40px`,
    // The line that joins the steps.
    "::before": {
      content: '""',
      position: "absolute",
      left: "13px",
      top: "28px",
      bottom: 0,
      width: "2px",
      backgroundColor: tokens.colorNeutralStroke2,
    },
    ":last-child::before": { display: "none" },
  },
  number: {
    position: "absolute",
    left: 0,
    top: 0,
    display: "grid",
    placeItems: "center",
    width: "28px",
    height: "28px",
    borderRadius: tokens.borderRadiusCircular,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorBrandForeground2,
    backgroundColor: tokens.colorBrandBackground2,
  },
  module: { color: tokens.colorNeutralForeground3 },
  conclusion: { margin: `${tokens.spacingVerticalM} 0` },
});

export function ExplanationSteps({ explanation }: { explanation: Explanation }) {
  const styles = useStyles();
  return (
    <>
      <Text>
        {explanation.vulnerability} on{" "}
        <DeviceLink device={{ id: explanation.device_id, name: explanation.device_name }} />
      </Text>
      <MessageBar
        intent={explanation.is_present ? "warning" : "success"}
        layout="multiline"
        className={styles.conclusion}
      >
        <MessageBarBody>{format.withTimes(explanation.conclusion)}</MessageBarBody>
      </MessageBar>
      <ol className={styles.steps}>
        {explanation.steps.map((step, at) => (
          <li key={at} className={styles.step}>
            <span className={styles.number} aria-hidden>
              {at + 1}
            </span>
            {MODULES[step.module] !== step.title && (
              <Text size={200} className={styles.module}>
                {MODULES[step.module]}
              </Text>
            )}
            <Subtitle2 as="h3">{step.title}</Subtitle2>
            {step.text && <Text>{format.withTimes(step.text)}</Text>}
            <Facts isCode facts={step.facts.map(([label, value]) => [label, format.withTimes(value)])} />
            {step.url && <ExternalLink address={step.url} />}
          </li>
        ))}
      </ol>
    </>
  );
}
