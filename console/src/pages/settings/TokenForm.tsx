/** A credential for a program. It has at most what its role and its maker have. */
import { Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { ApiTokenAnswer, ApiTokenRequest, RoleRow } from "../../api/types";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { GroupsChoice } from "../../ui/GroupsChoice";
import { Secret } from "../../ui/Secret";

/** Sending detections and nothing else: what products that watch devices need. */
export const ONLY_DETECTIONS = "Alert.ReadWrite.All";

export function TokenForm({ roles, onDone }: { roles: RoleRow[]; onDone: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("reader");
  const [isOnlyDetections, setOnlyDetections] = useState(false);
  const [days, setDays] = useState("90");
  const [groups, setGroups] = useState<number[] | null>(null);
  const change = useChange(
    (asked: ApiTokenRequest) => send<ApiTokenAnswer>("POST", "/admin/api-tokens", asked),
    ["access"],
  );
  if (change.data) {
    return (
      <Secret
        label="API token"
        value={change.data.token}
        note={`${change.data.name} works until ${format.time(change.data.expires_at)}.`}
      />
    );
  }
  const lasting = Number(days);
  return (
    <Form
      label="API token"
      submitLabel="Make the token"
      change={change}
      isReady={name.trim() !== "" && Number.isInteger(lasting) && lasting >= 1 && lasting <= 366}
      onCancel={onDone}
      onSubmit={() =>
        change.mutate({
          name: name.trim(),
          role: isOnlyDetections ? "administrator" : role,
          days: lasting,
          groups,
          permissions: isOnlyDetections ? [ONLY_DETECTIONS] : null,
        })
      }
    >
      <Field label="Name" hint="Of the program that uses it; it is in the audit log." required>
        <Input value={name} maxLength={100} autoComplete="off" onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="May do">
        <Select
          value={isOnlyDetections ? ONLY_DETECTIONS : role}
          onChange={(_, { value }) => {
            setOnlyDetections(value === ONLY_DETECTIONS);
            if (value !== ONLY_DETECTIONS) setRole(value);
          }}
        >
          {roles.map((one) => (
            <option key={one.name} value={one.name}>
              All that the role {format.words(one.name)} may
            </option>
          ))}
          <option value={ONLY_DETECTIONS}>Send detections, nothing else</option>
        </Select>
      </Field>
      <Field label="Days it works" hint="1 to 366.">
        <Input type="number" min={1} max={366} value={days} onChange={(_, { value }) => setDays(value)} />
      </Field>
      <GroupsChoice chosen={groups} onChosen={setGroups} />
    </Form>
  );
}
