/** Choosing several of a list, in forms. */
import { Checkbox, Field, makeStyles, SearchBox, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";

import { devicesQuery } from "../api/queries";
import { ControlGroup } from "./ControlGroup";
import * as format from "./format";

const useStyles = makeStyles({
  list: {
    display: "flex",
    flexDirection: "column",
    maxHeight: "260px",
    overflowY: "auto",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  note: { color: tokens.colorNeutralForeground3 },
});

export interface Choice {
  id: string;
  label: string;
  isDisabled?: boolean;
}

interface ChecksProps {
  label: string;
  choices: Choice[];
  chosen: ReadonlySet<string>;
  onChosen: (chosen: Set<string>) => void;
  hint?: string;
}

/** A list of check boxes. */
export function Checks({ label, choices, chosen, onChosen, hint }: ChecksProps) {
  const styles = useStyles();
  const toggle = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    onChosen(next);
  };
  return (
    <ControlGroup label={label} hint={hint} className={styles.list}>
      {choices.map((choice) => (
        <Checkbox
          key={choice.id}
          label={choice.label}
          disabled={choice.isDisabled ?? false}
          checked={chosen.has(choice.id)}
          onChange={(_, { checked }) => toggle(choice.id, checked === true)}
        />
      ))}
    </ControlGroup>
  );
}

const SHOWN_DEVICES = 20;

interface DevicePickerProps {
  /** Ids of devices with their names. */
  chosen: ReadonlyMap<string, string>;
  onChosen: (chosen: Map<string, string>) => void;
}

/** Devices found by name; the chosen ones stay in view. */
export function DevicePicker({ chosen, onChosen }: DevicePickerProps) {
  const styles = useStyles();
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const { data } = useQuery(devicesQuery({ search, sort: "name", page_size: SHOWN_DEVICES }));
  const found = (data?.items ?? []).filter((device) => !chosen.has(device.id));
  const choices = [
    ...[...chosen].map(([id, label]) => ({ id, label })),
    ...found.map((device) => ({ id: device.id, label: device.name || device.id })),
  ];
  const names = new Map(choices.map(({ id, label }) => [id, label]));
  return (
    <>
      <Field label="Find devices">
        <SearchBox value={text} maxLength={200} onChange={(_, { value }) => setText(value)} />
      </Field>
      <Checks
        label="Devices"
        choices={choices}
        chosen={new Set(chosen.keys())}
        onChosen={(ids) => onChosen(new Map([...ids].map((id) => [id, names.get(id) ?? id])))}
      />
      <Text size={200} className={styles.note}>
        {format.counted(chosen.size, "device")} chosen
      </Text>
    </>
  );
}
