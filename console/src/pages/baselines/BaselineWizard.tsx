/** Writes a baseline profile: what it is called, for which systems, its settings, its devices, review. */
import { Field, Input, Select, Switch, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { groupsQuery } from "../../api/queries";
import type { BaselineDetail, BaselineProfile } from "../../api/types";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { GroupsChoice } from "../../ui/GroupsChoice";
import { Wizard } from "../../ui/Wizard";
import { groupsText } from "../settings/permissions";
import { valuesOf } from "../settings/rule";
import { areSettingsReady, isPlaceReady, profileOf, type Draft, type Platform } from "./profileRequest";
import { SettingsStep } from "./SettingsStep";

export const BASELINE_TOPICS = ["checks"];

interface BaselineWizardProps {
  /** None: a new one. */
  id: string | undefined;
  draft: Draft;
  onCancel: () => void;
  onDone: (made: BaselineDetail) => void;
}

export function BaselineWizard({ id, draft: first, onCancel, onDone }: BaselineWizardProps) {
  const [draft, setDraft] = useState(first);
  const change = useChange(
    (asked: BaselineProfile) =>
      id === undefined
        ? send<BaselineDetail>("POST", "/baselines", asked)
        : send<BaselineDetail>("PUT", `/baselines/${encodeURIComponent(id)}`, asked),
    BASELINE_TOPICS,
    onDone,
  );
  const step = { draft, onDraft: setDraft };
  return (
    <Wizard
      label="Baseline profile"
      submitLabel={id === undefined ? "Make the profile" : "Save"}
      change={change}
      onCancel={onCancel}
      onSubmit={() => change.mutate(profileOf(draft))}
      steps={[
        { title: "Name", isReady: draft.name.trim() !== "", content: <NameStep {...step} /> },
        { title: "Systems", isReady: true, content: <SystemStep {...step} /> },
        { title: "Settings", isReady: areSettingsReady(draft), content: <SettingsStep {...step} /> },
        { title: "Devices", isReady: isPlaceReady(draft), content: <DevicesStep {...step} /> },
        { title: "Review", isReady: true, content: <Review draft={draft} /> },
      ]}
    />
  );
}

export interface StepProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

type TextField =
  "name" | "description" | "benchmark" | "version" | "level" | "distribution" | "osVersion" | "tags";

function Line({
  draft,
  onDraft,
  name,
  label,
  hint,
}: StepProps & { name: TextField; label: string; hint?: string }) {
  return (
    <Field label={label} {...(hint && { hint })}>
      <Input
        value={draft[name]}
        maxLength={100}
        onChange={(_, { value }) => onDraft({ ...draft, [name]: value })}
      />
    </Field>
  );
}

function NameStep(props: StepProps) {
  const { draft, onDraft } = props;
  return (
    <>
      <Field label="Name" required>
        <Input
          value={draft.name}
          maxLength={200}
          onChange={(_, { value }) => onDraft({ ...draft, name: value })}
        />
      </Field>
      <Field label="Description">
        <Textarea
          value={draft.description}
          maxLength={2000}
          onChange={(_, { value }) => onDraft({ ...draft, description: value })}
        />
      </Field>
      <Line {...props} name="benchmark" label="Benchmark" hint="What it follows, such as CIS." />
      <Line {...props} name="version" label="Version of the benchmark" />
      <Line {...props} name="level" label="Compliance level" />
      <Switch
        label="Enabled: devices are judged by it"
        checked={draft.isEnabled}
        onChange={(_, { checked }) => onDraft({ ...draft, isEnabled: checked })}
      />
    </>
  );
}

const PLATFORMS: Platform[] = ["linux", "windows", "macos"];

function SystemStep(props: StepProps) {
  const { draft, onDraft } = props;
  return (
    <>
      <Field
        label="Platform"
        hint="Another platform has other settings: those that are chosen are forgotten."
      >
        <Select
          value={draft.platform}
          onChange={(_, { value }) =>
            onDraft({ ...draft, platform: value as Platform, chosen: new Map(), distribution: "" })
          }
        >
          {PLATFORMS.map((one) => (
            <option key={one} value={one}>
              {format.system(one)}
            </option>
          ))}
        </Select>
      </Field>
      {draft.platform === "linux" && (
        <Line
          {...props}
          name="distribution"
          label="Distribution"
          hint="As the system calls itself, such as debian. Empty: all."
        />
      )}
      <Line
        {...props}
        name="osVersion"
        label="Version"
        hint="Versions that begin so, such as 12. Empty: all."
      />
    </>
  );
}

function DevicesStep({ draft, onDraft }: StepProps) {
  return (
    <>
      <GroupsChoice chosen={draft.groups} onChosen={(groups) => onDraft({ ...draft, groups })} />
      <Field label="Tags" hint="One a line: devices with any of them, also later ones. Empty: all devices.">
        <Textarea
          value={draft.tags}
          maxLength={20_000}
          resize="vertical"
          onChange={(_, { value }) => onDraft({ ...draft, tags: value })}
        />
      </Field>
    </>
  );
}

function Review({ draft }: { draft: Draft }) {
  const { data: groups = [] } = useQuery(groupsQuery());
  const own = [...draft.chosen.values()].filter(({ kind }) => kind !== "check").length;
  const system = [format.system(draft.distribution || draft.platform), draft.osVersion];
  return (
    <Facts
      facts={[
        ["Name", draft.name],
        ["Description", draft.description],
        ["Benchmark", [draft.benchmark, draft.version, draft.level].filter(Boolean).join(", ")],
        ["For", system.filter(Boolean).join(" ")],
        [
          "Settings",
          `${format.counted(draft.chosen.size, "setting")}, ${format.count(own)} with a threshold of its own`,
        ],
        ["Device groups", groupsText(draft.groups, new Map(groups.map((one) => [one.id, one.name])))],
        ["Tags", valuesOf(draft.tags).join(" or ") || "Any or none"],
        ["State", draft.isEnabled ? "Enabled" : "Disabled"],
      ]}
    />
  );
}
