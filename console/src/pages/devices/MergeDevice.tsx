/** Saying that a device is another one, and taking that back. */
import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  SearchBox,
  Select,
} from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";

import { send } from "../../api/client";
import { devicesQuery } from "../../api/queries";
import type { DeviceRow } from "../../api/types";
import { Section } from "../../ui/Facts";
import { Form, useChange } from "../../ui/Form";
import { Failed } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { DEVICE_TOPICS } from "./decision";

/** `view` of a device that another one was merged into just now; `open` is that other one's id. */
const MERGED = "merged";
const SHOWN = 20;

export function MergeSection({ device }: { device: DeviceRow }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [into, setInto] = useState("");
  const [reason, setReason] = useState("");
  const search = useDeferredValue(text.trim());
  const { data } = useQuery(devicesQuery({ search, sort: "name", page_size: SHOWN }));
  const others = (data?.items ?? []).filter((one) => one.id !== device.id);
  const isOffered = others.some((one) => one.id === into);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () =>
      send("POST", `/devices/${encodeURIComponent(device.id)}/merge`, { into, reason: reason.trim() }),
    // First away from the device that is gone, so that nothing asks for it again.
    onSuccess: async () => {
      await navigate({
        to: "/devices/$deviceId",
        params: { deviceId: into },
        search: { view: MERGED, open: device.id },
      });
      await client.invalidateQueries({
        predicate: ({ queryKey }) => DEVICE_TOPICS.includes(String(queryKey[0])),
      });
    },
  });
  return (
    <Section title="Merge into another device">
      <Form
        label="Merge into another device"
        submitLabel="Merge"
        change={change}
        isReady={isOffered && reason.trim() !== ""}
        onSubmit={() => change.mutate()}
      >
        <Field
          label="Find the other device"
          hint="This device leaves all lists; what speaks for it speaks for the other. It can be undone."
        >
          <SearchBox value={text} maxLength={200} onChange={(_, { value }) => setText(value)} />
        </Field>
        <Field label="It is the same as" required>
          <Select value={isOffered ? into : ""} onChange={(_, { value }) => setInto(value)}>
            <option value="">Choose a device</option>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {[one.name || one.id.slice(0, 12), one.domain].filter(Boolean).join(" · ")}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Why they are the same" required>
          <Input value={reason} maxLength={500} onChange={(_, { value }) => setReason(value)} />
        </Field>
      </Form>
    </Section>
  );
}

/** After a merge, on the page of the device that is left: what happened, and the way back. */
export function MergedNote() {
  const { state, change } = useUrl();
  const undo = useChange(
    (id: string) => send("POST", `/devices/${encodeURIComponent(id)}/unmerge`, {}),
    DEVICE_TOPICS,
    () => change({ view: undefined, open: undefined }),
  );
  const merged = state.view === MERGED ? state.open : undefined;
  if (!merged) return null;
  return (
    <>
      <MessageBar intent="success" layout="multiline">
        <MessageBarBody role="status">
          Another device was merged into this one. Its history stays its own; undoing brings both back.
        </MessageBarBody>
        <MessageBarActions>
          <Button size="small" disabledFocusable={undo.isPending} onClick={() => undo.mutate(merged)}>
            Undo the merge
          </Button>
          <Button size="small" onClick={() => change({ view: undefined, open: undefined })}>
            Dismiss
          </Button>
        </MessageBarActions>
      </MessageBar>
      {undo.error && <Failed error={undo.error} />}
    </>
  );
}
