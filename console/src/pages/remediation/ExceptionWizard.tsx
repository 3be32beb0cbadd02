/** Asks for an exception: where, why, how long, review (spec: exception options). */
import {
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { exceptionGroupsQuery } from "../../api/actQueries";
import { send } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { ExceptionRequest, ExceptionRow, SoftwareReference } from "../../api/types";
import { Facts } from "../../ui/Facts";
import { Done, Form, useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { Checks, DevicePicker } from "../../ui/pickers";
import { Wizard } from "../../ui/Wizard";
import { parts } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { EXCEPTION_TYPES, JUSTIFICATIONS } from "./exceptionColumns";
import { EXCEPTION_TOPICS } from "./ExceptionFlyout";
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

interface PlaceStepProps {
  place: Place;
  onPlace: (place: Place) => void;
  subjectKind: ExceptionRow["subject_kind"];
  subject: string;
  software: SoftwareReference[];
}

function PlaceStep({ place, onPlace, subjectKind, subject, software }: PlaceStepProps) {
  const { data: session } = useQuery(sessionQuery());
  const kinds = (["device_group", "tag", "device", "software", "global"] as const).filter(
    (kind) => (kind !== "global" || session?.is_all_groups) && (kind !== "software" || software.length > 0),
  );
  const put = (changes: Partial<Place>) => onPlace({ ...place, ...changes });
  return (
    <>
      <Field label="Scope">
        <RadioGroup value={place.kind} onChange={(_, data) => put({ kind: data.value as Place["kind"] })}>
          {kinds.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={kind === "global" ? "Global: all current and future devices" : EXCEPTION_TYPES[kind]}
            />
          ))}
        </RadioGroup>
      </Field>
      {place.kind === "device_group" && (
        <GroupsPart place={place} put={put} subjectKind={subjectKind} subject={subject} />
      )}
      {place.kind === "tag" && (
        <Field label="Tags" hint="One a line; devices with any of them." required>
          <Textarea
            value={place.tags}
            maxLength={10_000}
            resize="vertical"
            onChange={(_, data) => put({ tags: data.value })}
          />
        </Field>
      )}
      {place.kind === "device" && (
        <DevicePicker chosen={place.devices} onChosen={(devices) => put({ devices })} />
      )}
      {place.kind === "software" && (
        <Checks
          label="Software"
          choices={software.map(({ id, name, vendor }) => ({
            id,
            label: vendor ? `${name} (${vendor})` : name,
          }))}
          chosen={place.software}
          onChosen={(chosen) => put({ software: chosen })}
        />
      )}
    </>
  );
}

interface GroupsPartProps {
  place: Place;
  put: (changes: Partial<Place>) => void;
  subjectKind: ExceptionRow["subject_kind"];
  subject: string;
}

/** Groups in the filter of the page; those that have an exception already cannot be chosen. */
function GroupsPart({ place, put, subjectKind, subject }: GroupsPartProps) {
  const { state } = useUrl();
  const { data: groups = [] } = useQuery(exceptionGroupsQuery(subjectKind, subject));
  const filtered = new Set(parts(state.groups));
  const offered = groups.filter((group) => filtered.size === 0 || filtered.has(String(group.id)));
  return (
    <>
      {filtered.size === 0 && (
        <Checkbox
          label="All current device groups"
          checked={place.isAllGroups}
          onChange={(_, { checked }) => put({ isAllGroups: checked === true })}
        />
      )}
      {!place.isAllGroups && (
        <Checks
          label="Device groups"
          choices={offered.map((group) => ({
            id: String(group.id),
            label: group.is_offered ? group.name : `${group.name} (has an exception)`,
            isDisabled: !group.is_offered,
          }))}
          chosen={new Set([...place.groups.keys()].map(String))}
          onChosen={(ids) =>
            put({
              groups: new Map(
                offered.filter((group) => ids.has(String(group.id))).map((group) => [group.id, group.name]),
              ),
            })
          }
        />
      )}
    </>
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
