/** Asks for an exception: where, why, how long, review. */
import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { ExceptionRequest, ExceptionRow, SoftwareReference } from "../../api/types";
import { Facts } from "../../ui/Facts";
import { Done, Form, useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { Wizard } from "../../ui/Wizard";
import { JUSTIFICATIONS } from "./exceptionColumns";
import { EXCEPTION_TOPICS } from "./ExceptionFlyout";
import { PlaceStep } from "./ExceptionPlace";
import {
  isPlaceReady,
  NEW_PLACE,
  placeText,
  requestOf,
  USUAL_DAYS,
  type Place,
  type Reason,
} from "./exceptionRequest";

interface ExceptionWizardProps {
  subjectKind: ExceptionRow["subject_kind"];
  subject: string;
  /** The software that the subject is about, for an exception of some of it. */
  software: SoftwareReference[];
  onClose: () => void;
}

export function ExceptionWizard({ subjectKind, subject, software, onClose }: ExceptionWizardProps) {
  const [place, setPlace] = useState<Place>(NEW_PLACE);
  const [reason, setReason] = useState<Reason>({
    justification: "risk_accepted",
    context: "",
    days: "30",
    until: "",
  });
  const change = useChange(
    (asked: ExceptionRequest) => send<ExceptionRow>("POST", "/exceptions", asked),
    EXCEPTION_TOPICS,
  );
  if (change.data) return <Made row={change.data} onClose={onClose} />;
  const isTimed = reason.days !== "" || /^\d{4}-\d{2}-\d{2}$/.test(reason.until);
  return (
    <Wizard
      label="Exception"
      submitLabel="Submit"
      change={change}
      onCancel={onClose}
      onSubmit={() => change.mutate(requestOf(subjectKind, subject, place, reason))}
      steps={[
        {
          title: "Where it holds",
          isReady: isPlaceReady(place),
          content: (
            <PlaceStep
              place={place}
              onPlace={setPlace}
              subjectKind={subjectKind}
              subject={subject}
              software={software}
            />
          ),
        },
        {
          title: "Why",
          isReady: reason.context.trim() !== "",
          content: (
            <ReasonStep reason={reason} onReason={setReason} isOfWeakness={subjectKind === "vulnerability"} />
          ),
        },
        {
          title: "How long",
          isReady: isTimed,
          content: <TimeStep reason={reason} onReason={setReason} />,
        },
        {
          title: "Review",
          isReady: true,
          content: (
            <Facts
              facts={[
                [subjectKind === "vulnerability" ? "Weakness" : "Recommendation", subject],
                ["Where", placeText(place)],
                ["Justification", JUSTIFICATIONS[reason.justification]],
                ["Context", reason.context],
                ["Holds", reason.days ? `${reason.days} days` : `until ${reason.until}`],
              ]}
            />
          ),
        },
      ]}
    />
  );
}

interface ReasonStepProps {
  reason: Reason;
  onReason: (reason: Reason) => void;
}

function ReasonStep({ reason, onReason, isOfWeakness }: ReasonStepProps & { isOfWeakness: boolean }) {
  const kinds = Object.entries(JUSTIFICATIONS).filter(([kind]) => isOfWeakness || kind !== "no_patch");
  const isLowering =
    isOfWeakness || ["third_party_control", "alternate_mitigation"].includes(reason.justification);
  return (
    <>
      <Field label="Justification">
        <RadioGroup
          value={reason.justification}
          onChange={(_, data) =>
            onReason({ ...reason, justification: data.value as Reason["justification"] })
          }
        >
          {kinds.map(([kind, label]) => (
            <Radio key={kind} value={kind} label={label} />
          ))}
        </RadioGroup>
      </Field>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          {isLowering
            ? "While it holds, the exposure score goes down. What was detected stays visible."
            : "The exposure score stays as it is. What was detected stays visible."}
        </MessageBarBody>
      </MessageBar>
      <Field label="Justification context" required>
        <Textarea
          value={reason.context}
          maxLength={4000}
          resize="vertical"
          onChange={(_, data) => onReason({ ...reason, context: data.value })}
        />
      </Field>
    </>
  );
}

function TimeStep({ reason, onReason }: ReasonStepProps) {
  return (
    <>
      <Field label="Duration">
        <RadioGroup value={reason.days} onChange={(_, data) => onReason({ ...reason, days: data.value })}>
          {USUAL_DAYS.map((days) => (
            <Radio key={days} value={days} label={`${days} days`} />
          ))}
          <Radio value="" label="Until a date" />
        </RadioGroup>
      </Field>
      {reason.days === "" && (
        <Field label="Ends on" hint="At most a year from now." required>
          <Input
            type="date"
            value={reason.until}
            onChange={(_, data) => onReason({ ...reason, until: data.value })}
          />
        </Field>
      )}
    </>
  );
}

function Made({ row, onClose }: { row: ExceptionRow; onClose: () => void }) {
  return (
    <Form
      label="Exception"
      submitLabel="Close"
      onSubmit={onClose}
      change={{ isPending: false, error: null }}
      isReady
    >
      <Done>
        {row.status === "Requested"
          ? "Asked for. It holds once somebody else approves it. "
          : "The exception holds. "}
        <PageLink to="/remediation" search={{ tab: "exceptions", open: String(row.id) }}>
          Open it
        </PageLink>
      </Done>
      <Text>It ends by itself, and can be ended early.</Text>
    </Form>
  );
}
