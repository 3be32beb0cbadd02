/** Conditions of a matching rule, and what it would match now. */
import { Button, Field, makeStyles, Select, Text, Textarea, tokens } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";

import { send } from "../../api/client";
import type { RulePreview } from "../../api/types";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { Failed } from "../../ui/states";
import { shortDeviceColumns } from "../devices/columns";
import {
  isWithinLimits,
  KINDS,
  MOST_VALUES,
  OPERATORS,
  ruleOf,
  valuesOf,
  type Draft,
  type Kind,
  type Operator,
} from "./rule";

const useStyles = makeStyles({
  kind: {
    display: "grid",
    gridTemplateColumns: "140px 1fr",
    columnGap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
});

interface RuleEditorProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

export function RuleEditor({ draft, onDraft }: RuleEditorProps) {
  const styles = useStyles();
  const preview = useMutation({
    mutationFn: () => send<RulePreview>("POST", "/device-groups/preview", { rule: ruleOf(draft) }),
  });
  const put = (kind: Kind, changes: Partial<Draft[Kind]>) =>
    onDraft({ ...draft, [kind]: { ...draft[kind], ...changes } });
  return (
    <>
      <Text>A device must match every kind that has values, by one of its values.</Text>
      {(Object.keys(KINDS) as Kind[]).map((kind) => {
        const isTooMany = valuesOf(draft[kind].values).length > MOST_VALUES;
        return (
          <div key={kind} className={styles.kind} role="group" aria-label={KINDS[kind]}>
            <Field label={KINDS[kind]}>
              <Select
                value={draft[kind].operator}
                onChange={(_, { value }) => put(kind, { operator: value as Operator })}
              >
                {Object.entries(OPERATORS).map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </Select>
            </Field>
            <Field
              label="Values, one a line"
              {...(isTooMany && { validationMessage: `At most ${MOST_VALUES}.` })}
            >
              <Textarea
                value={draft[kind].values}
                maxLength={2100}
                resize="vertical"
                onChange={(_, { value }) => put(kind, { values: value })}
              />
            </Field>
          </div>
        );
      })}
      <div>
        <Button
          disabledFocusable={!isWithinLimits(draft) || preview.isPending}
          onClick={() => preview.mutate()}
        >
          Show matching devices
        </Button>
      </div>
      {preview.error && <Failed error={preview.error} />}
      {preview.data && (
        <>
          <Text role="status">{format.counted(preview.data.total, "device")} would match now.</Text>
          {preview.data.devices.length > 0 && (
            <Grid
              label="Matching devices"
              columns={shortDeviceColumns}
              rows={preview.data.devices}
              rowKey={(device) => device.id}
            />
          )}
        </>
      )}
    </>
  );
}
