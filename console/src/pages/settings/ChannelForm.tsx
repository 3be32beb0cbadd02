/** A new way to send notifications. */
import { Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { ChannelList, ChannelRequest } from "../../api/types";
import { Form, useChange } from "../../ui/Form";
import { givenOf, SettingFields } from "./SettingFields";

const KINDS: Record<ChannelRequest["kind"], string> = {
  email: "E-mail (SMTP)",
  slack: "Slack",
  teams: "Microsoft Teams",
  webhook: "Webhook, signed",
};

export function ChannelForm({ kinds, onDone }: { kinds: ChannelList; onDone: () => void }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<ChannelRequest["kind"]>("email");
  const [values, setValues] = useState<Record<string, string>>({});
  const change = useChange(
    (asked: ChannelRequest) => send("POST", "/notifications/channels", asked),
    ["notifications"],
    onDone,
  );
  const secrets = kinds.secrets[kind] ?? [];
  const fields = [...new Set([...(kinds.settings[kind] ?? []), ...secrets])].map((one) => ({
    name: one,
    description: "",
    isSecret: secrets.includes(one),
    usual: null,
  }));
  return (
    <Form
      label="New way to send"
      submitLabel="Connect"
      change={change}
      isReady={name.trim() !== ""}
      onCancel={onDone}
      onSubmit={() => change.mutate({ name: name.trim(), kind, settings: givenOf(fields, values).given })}
    >
      <Field label="Name" required>
        <Input value={name} maxLength={100} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="Kind" required>
        <Select value={kind} onChange={(_, { value }) => setKind(value as ChannelRequest["kind"])}>
          {Object.entries(KINDS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <SettingFields key={kind} fields={fields} values={values} onValues={setValues} />
    </Form>
  );
}
