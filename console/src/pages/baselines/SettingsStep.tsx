import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  SearchBox,
  Select,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";

import { checksQuery } from "../../api/postureQueries";
import type { CheckRow } from "../../api/types";
import { ControlGroup } from "../../ui/ControlGroup";
import * as format from "../../ui/format";
import { Empty, Result } from "../../ui/states";
import type { StepProps } from "./BaselineWizard";
import { AS_CHECK, thresholdProblem, type Threshold, type ThresholdKind } from "./profileRequest";

const MOST_CHECKS = 500;

const useStyles = makeStyles({
  list: {
    display: "flex",
    flexDirection: "column",
    maxHeight: "420px",
    overflowY: "auto",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  threshold: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    padding: `0 ${tokens.spacingHorizontalS} ${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXXL}`,
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  note: { color: tokens.colorNeutralForeground3 },
});

/** Which checks of the platform belong to the profile, and what it asks of each. */
export function SettingsStep({ draft, onDraft }: StepProps) {
  const styles = useStyles();
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const query = useQuery(
    checksQuery({ platform: draft.platform, search, sort: "title", page_size: MOST_CHECKS }),
  );
  const choose = (changes: (chosen: Map<string, Threshold>) => void) => {
    const chosen = new Map(draft.chosen);
    changes(chosen);
    onDraft({ ...draft, chosen });
  };
  return (
    <>
      <Field label="Find settings">
        <SearchBox value={text} maxLength={200} onChange={(_, { value }) => setText(value)} />
      </Field>
      <Result query={query} lines={8}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title="No check matches">Search for something else.</Empty>
          ) : (
            <>
              <div className={styles.buttons}>
                <Button
                  size="small"
                  onClick={() =>
                    choose((chosen) =>
                      page.items.forEach(({ id }) => chosen.set(id, chosen.get(id) ?? AS_CHECK)),
                    )
                  }
                >
                  Choose all that are shown
                </Button>
                <Button size="small" onClick={() => choose((chosen) => chosen.clear())}>
                  Choose none
                </Button>
              </div>
              <ControlGroup label="Settings" className={styles.list}>
                {page.items.map((check) => (
                  <Choice
                    key={check.id}
                    check={check}
                    threshold={draft.chosen.get(check.id)}
                    onThreshold={(threshold) =>
                      choose((chosen) => {
                        if (threshold) chosen.set(check.id, threshold);
                        else chosen.delete(check.id);
                      })
                    }
                  />
                ))}
              </ControlGroup>
            </>
          )
        }
      </Result>
      <Text size={200} className={styles.note} role="status">
        {format.counted(draft.chosen.size, "setting")} chosen
      </Text>
    </>
  );
}

const KINDS: Record<ThresholdKind, string> = {
  check: "As the check asks",
  equals: "Equals",
  one_of: "One of",
  at_least: "At least",
  at_most: "At most",
};

interface ChoiceProps {
  check: CheckRow;
  threshold: Threshold | undefined;
  onThreshold: (threshold: Threshold | undefined) => void;
}

function Choice({ check, threshold, onThreshold }: ChoiceProps) {
  const styles = useStyles();
  return (
    <div>
      <Checkbox
        label={check.title}
        checked={threshold !== undefined}
        onChange={(_, { checked }) => onThreshold(checked === true ? AS_CHECK : undefined)}
      />
      {threshold && (
        <div className={styles.threshold}>
          <Select
            size="small"
            aria-label={`Expected of: ${check.title}`}
            value={threshold.kind}
            onChange={(_, { value }) => onThreshold({ ...threshold, kind: value as ThresholdKind })}
          >
            {Object.entries(KINDS).map(([kind, label]) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </Select>
          {threshold.kind !== "check" && (
            <Value title={check.title} threshold={threshold} onThreshold={onThreshold} />
          )}
        </div>
      )}
    </div>
  );
}

interface ValueProps {
  title: string;
  threshold: Threshold;
  onThreshold: (threshold: Threshold) => void;
}

function Value({ title, threshold, onThreshold }: ValueProps) {
  const problem = thresholdProblem(threshold);
  const control = {
    size: "small",
    "aria-label": `Value of: ${title}`,
    value: threshold.text,
    onChange: (_: unknown, { value }: { value: string }) => onThreshold({ ...threshold, text: value }),
  } as const;
  return (
    <Field {...(problem && { validationMessage: problem })}>
      {threshold.kind === "one_of" ? (
        <Textarea {...control} maxLength={16_000} resize="vertical" />
      ) : (
        <Input {...control} maxLength={256} />
      )}
    </Field>
  );
}
