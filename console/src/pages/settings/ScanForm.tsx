/** A new authenticated scan. */
import { Field, Input, Textarea } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { NewScan } from "../../api/types";
import { Form, useChange } from "../../ui/Form";
import { addressesOf } from "./notification";

const NEW_SCAN: Omit<NewScan, "targets"> = {
  name: "",
  username: "",
  port: 22,
  every_hours: 24,
  password: "",
  private_key: "",
  passphrase: "",
};

export function ScanForm({ onDone }: { onDone: () => void }) {
  const [scan, setScan] = useState(NEW_SCAN);
  const [targets, setTargets] = useState("");
  const change = useChange((asked: NewScan) => send("POST", "/scans", asked), ["scans"], onDone);
  const put = (changes: Partial<NewScan>) => setScan({ ...scan, ...changes });
  const asked = {
    ...scan,
    name: scan.name.trim(),
    username: scan.username.trim(),
    targets: addressesOf(targets),
  };
  const hasSecret = Boolean(scan.password || scan.private_key);
  return (
    <Form
      label="New scan"
      submitLabel="Save"
      change={change}
      onCancel={onDone}
      isReady={asked.name !== "" && asked.username !== "" && asked.targets.length > 0 && hasSecret}
      onSubmit={() => change.mutate(asked)}
    >
      <Field label="Name" required>
        <Input value={scan.name} maxLength={100} onChange={(_, { value }) => put({ name: value })} />
      </Field>
      <Field
        label="Targets"
        hint="One a line: names, addresses, networks (10.0.0.0/24), ranges (10.0.0.5-10.0.0.9)."
        required
      >
        <Textarea value={targets} resize="vertical" onChange={(_, { value }) => setTargets(value)} />
      </Field>
      <Field label="User" required>
        <Input
          value={scan.username}
          maxLength={100}
          autoComplete="off"
          onChange={(_, { value }) => put({ username: value })}
        />
      </Field>
      <Field label="Port">
        <Input
          type="number"
          min={1}
          max={65535}
          value={String(scan.port)}
          onChange={(_, { value }) => put({ port: Number(value) })}
        />
      </Field>
      <Field label="Repeat after hours" hint="0: never.">
        <Input
          type="number"
          min={0}
          max={744}
          value={String(scan.every_hours)}
          onChange={(_, { value }) => put({ every_hours: Number(value) })}
        />
      </Field>
      <Field label="Password" hint="Or a private key. Both are sealed and never shown again.">
        <Input
          type="password"
          autoComplete="new-password"
          maxLength={1000}
          value={scan.password ?? ""}
          onChange={(_, { value }) => put({ password: value })}
        />
      </Field>
      <Field label="Private key">
        <Textarea
          value={scan.private_key ?? ""}
          maxLength={20_000}
          resize="vertical"
          onChange={(_, { value }) => put({ private_key: value })}
        />
      </Field>
      <Field label="Passphrase of the key">
        <Input
          type="password"
          autoComplete="new-password"
          maxLength={1000}
          value={scan.passphrase ?? ""}
          onChange={(_, { value }) => put({ passphrase: value })}
        />
      </Field>
    </Form>
  );
}
