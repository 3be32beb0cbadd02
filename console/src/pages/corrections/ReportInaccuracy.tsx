/** "Report inaccuracy": what is wrong about a weakness and a software, for an administrator to decide about. */
import { Field, Input, Radio, RadioGroup, Select, Text, Textarea } from "@fluentui/react-components";
import { useState } from "react";

import { useMay } from "../../app/access";
import { send } from "../../api/client";
import type { Inaccuracy, InaccuracyRow, LookedUpAs } from "../../api/types";
import { Done, Form, useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { Empty } from "../../ui/states";
import { STATUS_WORDS } from "./columns";

/** A software version that a report may be about. */
export interface Subject {
  name: string;
  version: string;
  looked_up_as: LookedUpAs | null;
}

type Versions = "all" | "installed" | "range";
const CLAIMS = ["not_affected", "fixed", "affected", "wont_fix", "under_investigation"] as const;

interface ReportInaccuracyProps {
  subjects: Subject[];
  /** The weakness, where it is known; otherwise it is asked for, with these as suggestions. */
  weakness?: string;
  weaknesses?: string[];
  onCancel: () => void;
}

export function ReportInaccuracy({ subjects, weakness, weaknesses = [], onCancel }: ReportInaccuracyProps) {
  const known = subjects.filter((subject) => subject.looked_up_as !== null);
  const [at, setAt] = useState(0);
  const [name, setName] = useState(weakness ?? "");
  const [status, setStatus] = useState<Inaccuracy["status"]>("not_affected");
  const [versions, setVersions] = useState<Versions>("installed");
  const [introduced, setIntroduced] = useState("");
  const [end, setEnd] = useState("");
  const [endKind, setEndKind] = useState<"fixed" | "last_affected">("fixed");
  const [reason, setReason] = useState("");
  const change = useChange(
    (asked: Inaccuracy) => send<InaccuracyRow>("POST", "/inaccuracies", asked),
    ["inaccuracies"],
  );
  const subject = known[at];
  if (change.data) return <Reported onCancel={onCancel} />;
  if (!subject?.looked_up_as) {
    return <Empty title="No advisories are looked up for this software, so there is nothing to correct" />;
  }
  const identity = subject.looked_up_as;
  const submit = () => {
    const range = {
      all: { introduced: "0", end_kind: "none" as const, end_version: null },
      installed: {
        introduced: subject.version,
        end_kind: "last_affected" as const,
        end_version: subject.version,
      },
      range: {
        introduced: introduced.trim() || "0",
        end_kind: end.trim() ? endKind : ("none" as const),
        end_version: end.trim() || null,
      },
    }[versions];
    change.mutate({
      ...identity,
      ...range,
      vulnerability: name.trim(),
      status,
      reason: reason.trim(),
      replaces_id: null,
    });
  };
  return (
    <Form
      label="Report inaccuracy"
      submitLabel="Report"
      onSubmit={submit}
      onCancel={onCancel}
      change={change}
      isReady={name.trim() !== "" && reason.trim() !== ""}
    >
      <Field label="Weakness" required>
        <Input
          value={name}
          readOnly={weakness !== undefined}
          maxLength={120}
          list="inaccuracy-weaknesses"
          onChange={(_, data) => setName(data.value)}
        />
      </Field>
      <datalist id="inaccuracy-weaknesses">
        {weaknesses.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Field label="Software" hint={`Advisories name it ${identity.name} in ${identity.ecosystem}.`} required>
        <Select value={String(at)} onChange={(_, data) => setAt(Number(data.value))}>
          {known.map((one, index) => (
            <option key={index} value={String(index)}>
              {one.name} {one.version}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="What is true instead" required>
        <Select value={status} onChange={(_, data) => setStatus(data.value as Inaccuracy["status"])}>
          {CLAIMS.map((one) => (
            <option key={one} value={one}>
              {STATUS_WORDS[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="For which versions" required>
        <RadioGroup value={versions} onChange={(_, data) => setVersions(data.value as Versions)}>
          <Radio value="installed" label={`Only version ${subject.version}`} />
          <Radio value="all" label="Every version" />
          <Radio value="range" label="A range of versions" />
        </RadioGroup>
      </Field>
      {versions === "range" && (
        <>
          <Field label="From version" hint="Empty: from the first one.">
            <Input value={introduced} maxLength={512} onChange={(_, data) => setIntroduced(data.value)} />
          </Field>
          <Field label="The end is">
            <Select
              value={endKind}
              onChange={(_, data) => setEndKind(data.value as "fixed" | "last_affected")}
            >
              <option value="fixed">before version</option>
              <option value="last_affected">up to and including version</option>
            </Select>
          </Field>
          <Field label="End version" hint="Empty: no end.">
            <Input value={end} maxLength={512} onChange={(_, data) => setEnd(data.value)} />
          </Field>
        </>
      )}
      <Field label="Reason" hint="How you know. It stays with the correction." required>
        <Textarea
          value={reason}
          maxLength={2000}
          resize="vertical"
          onChange={(_, data) => setReason(data.value)}
        />
      </Field>
    </Form>
  );
}

function Reported({ onCancel }: { onCancel: () => void }) {
  const mayDecide = useMay("ManageSecurity");
  return (
    <Form
      label="Reported"
      submitLabel="Close"
      onSubmit={onCancel}
      change={{ isPending: false, error: null }}
      isReady
    >
      <Done>
        Reported. Nothing changes until an administrator approves it.{" "}
        {mayDecide && (
          <PageLink to="/corrections" search={{ state: "proposed" }}>
            Review the reports
          </PageLink>
        )}
      </Done>
      <Text>An approved report is in force at once and can be withdrawn at any time.</Text>
    </Form>
  );
}
