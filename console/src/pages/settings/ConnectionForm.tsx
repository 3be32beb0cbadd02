/** Connects another system: a name, its kind, and the settings that the server names for it. */
import { Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { DetectionPullKind, DetectionPullRequest } from "../../api/types";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { givenOf, SettingFields } from "./SettingFields";

interface ConnectionFormProps {
  label: string;
  /** Where connections of this sort are made. */
  path: string;
  topics: readonly string[];
  kinds: DetectionPullKind[];
  /** Kinds whose word does not name them well. */
  names?: Record<string, string>;
  onDone: () => void;
}

export function ConnectionForm({ label, path, topics, kinds, names = {}, onDone }: ConnectionFormProps) {
  const [name, setName] = useState("");
  const [kindName, setKind] = useState(kinds[0]?.kind ?? "");
  const [settings, setSettings] = useState<Record<string, string>>({});
  const change = useChange((asked: DetectionPullRequest) => send("POST", path, asked), topics, onDone);
  const kind = kinds.find((one) => one.kind === kindName);
  const fields = (kind?.fields ?? []).map((field) => ({
    name: field.name,
    description: field.description,
    isSecret: field.is_secret,
    usual: field.default ?? undefined,
  }));
  const { given, isComplete } = givenOf(fields, settings);
  return (
    <Form
      label={label}
      submitLabel="Connect"
      change={change}
      isReady={name.trim() !== "" && isComplete}
      onCancel={onDone}
      onSubmit={() => change.mutate({ name: name.trim(), kind: kindName, settings: given })}
    >
      <Field label="Name" required>
        <Input value={name} maxLength={100} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="Product" required>
        <Select value={kindName} onChange={(_, { value }) => setKind(value)}>
          {kinds.map((one) => (
            <option key={one.kind} value={one.kind}>
              {names[one.kind] ?? format.words(one.kind)}
            </option>
          ))}
        </Select>
      </Field>
      <SettingFields key={kindName} fields={fields} values={settings} onValues={setSettings} />
    </Form>
  );
}
