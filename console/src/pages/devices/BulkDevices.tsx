/** What people decide about several devices at once: tags, value, criticality, group, exclusion. */
import { Button, Field, Select, Text, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { groupsQuery } from "../../api/queries";
import type { DeviceDecision, DeviceRow } from "../../api/types";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Done, Form } from "../../ui/Form";
import { Checks } from "../../ui/pickers";
import { useUrl } from "../../url/useUrl";
import { CRITICALITIES, DEVICE_VALUES } from "./columns";
import { AS_RULES, FACING, tagsOf, useDecision, VALUE_MEANING } from "./decision";

const BULK = "manage";
const NAMES_SHOWN = 5;
const MOST_TAGS = 20;

/** Opens the panel for the chosen devices. */
export function BulkActions({ devices, onClear }: { devices: DeviceRow[]; onClear: () => void }) {
  const { state, change } = useUrl();
  const isOpen = state.view === BULK;
  const close = () => change({ view: undefined }, true);
  const names = devices.slice(0, NAMES_SHOWN).map((device) => device.name || device.id.slice(0, 12));
  const rest = devices.length - names.length;
  return (
    <>
      <Button size="small" appearance="primary" onClick={() => change({ view: BULK }, true)}>
        Manage devices
      </Button>
      <Flyout
        isOpen={isOpen}
        title={`Manage ${format.counted(devices.length, "device")}`}
        subtitle={names.join(", ") + (rest > 0 ? ` and ${format.count(rest)} more` : "")}
        onClose={close}
        actions={
          <Button
            size="small"
            onClick={() => {
              close();
              onClear();
            }}
          >
            Done with these devices
          </Button>
        }
      >
        {isOpen && (
          <>
            <Tags devices={devices} />
            <Rating devices={devices} />
            <Exclusion devices={devices} />
          </>
        )}
      </Flyout>
    </>
  );
}

const idsOf = (devices: DeviceRow[]) => devices.map((device) => device.id);

function Tags({ devices }: { devices: DeviceRow[] }) {
  const [added, setAdded] = useState("");
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const change = useDecision(idsOf(devices));
  const tags = [...new Set(devices.flatMap((device) => device.tags))].sort();
  const add = tagsOf(added);
  const submit = () =>
    change.mutate(
      { add_tags: add, remove_tags: [...removed] },
      {
        onSuccess: () => {
          setAdded("");
          setRemoved(new Set());
        },
      },
    );
  return (
    <Section title="Tags">
      {change.data && <Done>Saved for {format.counted(change.data.devices, "device")}.</Done>}
      <Form
        label="Tags"
        submitLabel="Save tags"
        change={change}
        isReady={add.length + removed.size > 0 && add.length <= MOST_TAGS && removed.size <= MOST_TAGS}
        onSubmit={submit}
      >
        <Field label="Give these tags" hint={`One a line, at most ${MOST_TAGS}.`}>
          <Textarea
            value={added}
            rows={2}
            resize="vertical"
            maxLength={4000}
            onChange={(_, { value }) => setAdded(value)}
          />
        </Field>
        {tags.length > 0 && (
          <Checks
            label="Take these tags away"
            hint="Tags of sensors and rules come back by themselves."
            choices={tags.map((tag) => ({ id: tag, label: tag }))}
            chosen={removed}
            onChosen={setRemoved}
          />
        )}
      </Form>
    </Section>
  );
}

const LEAVE = "";

function Rating({ devices }: { devices: DeviceRow[] }) {
  const [value, setValue] = useState(LEAVE);
  const [criticality, setCriticality] = useState(LEAVE);
  const [facing, setFacing] = useState(LEAVE);
  const [group, setGroup] = useState(LEAVE);
  const { data: groups = [] } = useQuery(groupsQuery());
  const change = useDecision(idsOf(devices));
  const submit = () =>
    change.mutate({
      value: (value || null) as DeviceDecision["value"],
      criticality: (criticality || null) as DeviceDecision["criticality"],
      internet_facing: (facing || null) as DeviceDecision["internet_facing"],
      group_id: group === LEAVE ? null : group === AS_RULES ? AS_RULES : Number(group),
    });
  return (
    <Section title="Value and place">
      {change.data && <Done>Saved for {format.counted(change.data.devices, "device")}.</Done>}
      <Form
        label="Value and place"
        submitLabel="Save"
        change={change}
        isReady={[value, criticality, facing, group].some((one) => one !== LEAVE)}
        onSubmit={submit}
      >
        <Choice label="Device value" value={value} onValue={setValue}>
          {DEVICE_VALUES.map((one) => [one, VALUE_MEANING[one]])}
        </Choice>
        <Choice label="Criticality" value={criticality} onValue={setCriticality}>
          {CRITICALITIES.map((one) => [one, one])}
        </Choice>
        <Field label="Internet facing">
          <Select value={facing} onChange={(_, data) => setFacing(data.value)}>
            <option value={LEAVE}>Leave as it is</option>
            {Object.entries(FACING).map(([one, label]) => (
              <option key={one} value={one}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Choice label="Device group" value={group} onValue={setGroup}>
          {groups.map((one) => [String(one.id), one.name])}
        </Choice>
      </Form>
    </Section>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  children: [value: string, label: string][];
}

/** One of some values, what rules say, or no change. */
function Choice({ label, value, onValue, children }: ChoiceProps) {
  return (
    <Field label={label}>
      <Select value={value} onChange={(_, data) => onValue(data.value)}>
        <option value={LEAVE}>Leave as it is</option>
        {children.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
        <option value={AS_RULES}>As rules say</option>
      </Select>
    </Field>
  );
}

function Exclusion({ devices }: { devices: DeviceRow[] }) {
  const [reason, setReason] = useState("");
  const change = useDecision(idsOf(devices));
  return (
    <Section title="Exclusion">
      {change.data && <Done>Saved for {format.counted(change.data.devices, "device")}.</Done>}
      <Form
        label="Exclusion"
        submitLabel="Exclude the devices"
        change={change}
        isReady={reason.trim() !== ""}
        onSubmit={() => change.mutate({ is_excluded: true, reason: reason.trim() })}
        more={
          <Button disabledFocusable={change.isPending} onClick={() => change.mutate({ is_excluded: false })}>
            Count them again
          </Button>
        }
      >
        <Text>Excluded, they leave all counts and scores. They still report.</Text>
        <Field label="Reason" hint="Needed to exclude.">
          <Textarea value={reason} maxLength={500} onChange={(_, { value }) => setReason(value)} />
        </Field>
      </Form>
    </Section>
  );
}
