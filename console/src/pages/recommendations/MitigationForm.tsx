/** Says that a mitigation is applied in device groups, and how that is known. */
import { Field, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { remediationFormQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import type { AlternateMitigation, MitigationApplied } from "../../api/types";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Checks } from "../../ui/pickers";
import { MITIGATION_TOPICS } from "./topics";

interface MitigationFormProps {
  mitigation: AlternateMitigation;
  recommendationId: string;
  onDone: () => void;
}

export function MitigationForm({ mitigation, recommendationId, onDone }: MitigationFormProps) {
  const [evidence, setEvidence] = useState("");
  const [isEverywhere, setEverywhere] = useState(mitigation.applied.length === 0);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { data: form } = useQuery(remediationFormQuery(recommendationId));
  const path = `/recommendations/${encodeURIComponent(recommendationId)}/mitigations`;
  const change = useChange(
    (asked: MitigationApplied) => send("POST", path, asked),
    MITIGATION_TOPICS,
    onDone,
  );
  const taken = new Set(mitigation.applied.map((one) => one.group_id));
  return (
    <Form
      label="Say that it is applied"
      submitLabel="Save"
      change={change}
      isReady={evidence.trim() !== "" && (isEverywhere || chosen.size > 0)}
      onCancel={onDone}
      onSubmit={() =>
        change.mutate({
          mitigation_id: mitigation.id,
          group_ids: isEverywhere ? null : [...chosen].map(Number),
          evidence: evidence.trim(),
        })
      }
    >
      {taken.size === 0 && (
        <Field label="Where">
          <RadioGroup
            value={isEverywhere ? "all" : "some"}
            onChange={(_, { value }) => setEverywhere(value === "all")}
          >
            <Radio value="all" label="In every device group with an exposed device" />
            <Radio value="some" label="In some device groups" />
          </RadioGroup>
        </Field>
      )}
      {!isEverywhere && (
        <Checks
          label="Device groups"
          choices={(form?.groups ?? []).map(({ id, name, devices }) => ({
            id: String(id),
            label: taken.has(id)
              ? `${name} (has it already)`
              : `${name} (${format.counted(devices, "exposed device")})`,
            isDisabled: taken.has(id),
          }))}
          chosen={chosen}
          onChosen={setChosen}
        />
      )}
      <Field
        label="How it is known"
        hint="A change number, the address of a ticket, the policy that was rolled out."
        required
      >
        <Textarea
          value={evidence}
          maxLength={4000}
          resize="vertical"
          onChange={(_, { value }) => setEvidence(value)}
        />
      </Field>
    </Form>
  );
}
