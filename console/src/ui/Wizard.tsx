/** A form in steps: every step says whether it is filled in, the last one is a review that submits. */
import { makeStyles, Subtitle2, Text, tokens } from "@fluentui/react-components";
import { useState, type ReactNode } from "react";

import { Form } from "./Form";

export interface WizardStep {
  title: string;
  isReady: boolean;
  content: ReactNode;
}

const useStyles = makeStyles({
  step: { display: "grid", rowGap: tokens.spacingVerticalM },
  at: { color: tokens.colorNeutralForeground3 },
});

interface WizardProps {
  label: string;
  steps: WizardStep[];
  submitLabel: string;
  onSubmit: () => void;
  onCancel: () => void;
  change: { isPending: boolean; error: Error | null };
}

export function Wizard({ label, steps, submitLabel, onSubmit, onCancel, change }: WizardProps) {
  const styles = useStyles();
  const [at, setAt] = useState(0);
  const step = steps[at];
  if (!step) return null;
  const isLast = at === steps.length - 1;
  return (
    <Form
      label={label}
      submitLabel={isLast ? submitLabel : "Next"}
      onSubmit={() => (isLast ? onSubmit() : setAt(at + 1))}
      onCancel={at > 0 ? () => setAt(at - 1) : onCancel}
      cancelLabel={at > 0 ? "Back" : "Cancel"}
      change={change}
      isReady={step.isReady}
    >
      <div className={styles.step} role="group" aria-label={step.title}>
        <div>
          <Text size={200} className={styles.at} role="status">
            Step {at + 1} of {steps.length}
          </Text>
          <Subtitle2 as="h3" block>
            {step.title}
          </Subtitle2>
        </div>
        {step.content}
      </div>
    </Form>
  );
}
