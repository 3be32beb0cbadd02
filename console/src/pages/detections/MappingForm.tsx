import { Field, Input, Text, Textarea } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { DetectionMapping } from "../../api/types";
import { Form, useChange } from "../../ui/Form";
import { mappingDraft, mappingOf, mappingProblem, PATH_FIELDS, type MappingDraft } from "./mapping";

interface MappingFormProps {
  mapping: DetectionMapping | undefined;
  onDone: () => void;
}

/** Where a product's events have what: dotted paths, the first with a value counts. */
export function MappingForm({ mapping, onDone }: MappingFormProps) {
  const [draft, setDraft] = useState(() => mappingDraft(mapping));
  const put = (changes: Partial<MappingDraft>) => setDraft({ ...draft, ...changes });
  const change = useChange(
    (asked: DetectionMapping) => send("PUT", "/detection-mappings", asked),
    ["detections"],
    onDone,
  );
  const problem = mappingProblem(draft);
  return (
    <Form
      label="Mapping"
      submitLabel="Save"
      change={change}
      isReady={problem === ""}
      onCancel={onDone}
      onSubmit={() => change.mutate(mappingOf(draft))}
    >
      <Field label="Name" hint="It ends the address: small letters, digits, - and _." required>
        <Input
          value={draft.name}
          readOnly={mapping !== undefined}
          maxLength={40}
          onChange={(_, { value }) => put({ name: value })}
        />
      </Field>
      <Field label="Product" required>
        <Input value={draft.product} maxLength={100} onChange={(_, { value }) => put({ product: value })} />
      </Field>
      <Field
        label="List of events"
        hint="Path of the list in the body. Empty: events, alerts, detections, or the body itself."
      >
        <Input value={draft.items} maxLength={200} onChange={(_, { value }) => put({ items: value })} />
      </Field>
      <Text>Paths are dotted, such as alert.device.name; one a line, the first with a value counts.</Text>
      {PATH_FIELDS.map(([field, label, isRequired]) => (
        <Field key={field} label={label} required={isRequired}>
          <Textarea
            value={draft.paths[field]}
            rows={1}
            resize="vertical"
            maxLength={4000}
            onChange={(_, { value }) => put({ paths: { ...draft.paths, [field]: value } })}
          />
        </Field>
      ))}
      <Field
        label="Their words for severity"
        hint="One a line: sev1 = High. Also Medium, Low, Informational, Unspecified."
      >
        <Textarea
          value={draft.severities}
          resize="vertical"
          maxLength={10_000}
          onChange={(_, { value }) => put({ severities: value })}
        />
      </Field>
      <Field
        label="Their words for status"
        hint="One a line: done = resolved. Also new, in_progress, unknown."
      >
        <Textarea
          value={draft.statuses}
          resize="vertical"
          maxLength={10_000}
          onChange={(_, { value }) => put({ statuses: value })}
        />
      </Field>
      {problem && <Text size={200}>{problem}</Text>}
    </Form>
  );
}
