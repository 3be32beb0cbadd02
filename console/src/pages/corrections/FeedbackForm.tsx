/** Says that something about a software or a recommendation is wrong; an administrator sees it. */
import { Field, Select, Textarea } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { FeedbackGiven, FeedbackRow } from "../../api/types";
import { Done, Form, useChange } from "../../ui/Form";
import { FEEDBACK_KINDS, FORM_KINDS } from "./feedback";

interface FeedbackFormProps {
  subjectKind: FeedbackGiven["subject_kind"];
  subject: string;
  onCancel: () => void;
}

export function FeedbackForm({ subjectKind, subject, onCancel }: FeedbackFormProps) {
  const [kind, setKind] = useState<FeedbackGiven["kind"]>(FORM_KINDS[0]);
  const [text, setText] = useState("");
  const change = useChange(
    (asked: FeedbackGiven) => send<FeedbackRow>("POST", "/feedback", asked),
    ["feedback"],
  );
  if (change.data) return <Done>Thank you. An administrator sees it under Corrections.</Done>;
  return (
    <Form
      label="Feedback"
      submitLabel="Send"
      change={change}
      isReady={text.trim() !== ""}
      onCancel={onCancel}
      onSubmit={() => change.mutate({ kind, subject_kind: subjectKind, subject, text: text.trim() })}
    >
      <Field label="What is wrong">
        <Select value={kind} onChange={(_, { value }) => setKind(value as FeedbackGiven["kind"])}>
          {FORM_KINDS.map((one) => (
            <option key={one} value={one}>
              {FEEDBACK_KINDS[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="In your words" required>
        <Textarea
          value={text}
          maxLength={2000}
          resize="vertical"
          onChange={(_, { value }) => setText(value)}
        />
      </Field>
    </Form>
  );
}

/** Asks that a weakness be assessed of which nothing can be said yet. Nothing leaves the server. */
export function useSupportWish(name: string) {
  return useChange(
    () =>
      send<FeedbackRow>("POST", "/feedback", {
        kind: "support_wish",
        subject_kind: "vulnerability",
        subject: name,
      }),
    ["feedback"],
  );
}
