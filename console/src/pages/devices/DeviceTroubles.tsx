/** What is wrong with a device's sensor, with what to do, and the newest lines of its agents' own logs. */
import { Switch } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { deviceTroublesQuery } from "../../api/queries";
import type { AgentLogRow, DeviceRow, DeviceTroubles as Troubles } from "../../api/types";
import { Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { LevelMark } from "../../ui/risk";
import { Empty, Notice, Result } from "../../ui/states";

/** What a state of the sensor means, and what to do about it. */
const ADVICE: Partial<Record<DeviceRow["health"], string>> = {
  Inactive: "It has not been heard of for a week. Start the device, or look whether its sensor still runs.",
  "Impaired communications": "It says that it is there and sends no reports. Look at its network and proxy.",
  "No sensor data": "No report has come from it yet. It reports within minutes of the start of its sensor.",
  Misconfigured: "Its reports do not say all. The reason stands below; mend it on the device.",
};

export function DeviceTroubles({ device }: { device: DeviceRow }) {
  const query = useQuery(deviceTroublesQuery(device.id));
  const advice = ADVICE[device.health];
  return (
    <>
      {advice && (
        <Notice intent="warning" title={`Sensor health: ${device.health}.`}>
          {advice}
        </Notice>
      )}
      <Result query={query}>{(found) => <Found found={found} isHealthy={!advice} />}</Result>
    </>
  );
}

function Found({ found, isHealthy }: { found: Troubles; isHealthy: boolean }) {
  const { refused, refused_at, incomplete, logs } = found;
  const isNothing = !refused && !incomplete && logs.every((one) => one.lines.length === 0);
  return (
    <>
      {refused && (
        <Notice
          intent="error"
          title={`Its report was refused${refused_at ? ` on ${format.time(refused_at)}` : ""}.`}
        >
          {refused}
        </Notice>
      )}
      {incomplete && (
        <Notice intent="warning" title="Parts of its last report are missing.">
          {incomplete}
        </Notice>
      )}
      {isNothing && (
        <Empty title={isHealthy ? "Nothing is wrong with its sensor" : "Its agents have written no log"} />
      )}
      {logs.map((one) => (
        <Log key={one.source} source={one.source} lines={one.lines} />
      ))}
    </>
  );
}

function Log({ source, lines }: { source: string; lines: AgentLogRow[] }) {
  const [isAll, setAll] = useState(false);
  if (lines.length === 0) return null;
  const shown = isAll ? lines : lines.filter((line) => line.severity !== "information");
  return (
    <Section level={2} title={`Log of ${source}`}>
      <Switch
        label="Also what is only information"
        checked={isAll}
        onChange={(_, { checked }) => setAll(checked)}
      />
      {shown.length === 0 ? (
        <Empty title="No warnings and no errors" />
      ) : (
        <Grid
          label={`Log of ${source}`}
          columns={columns}
          rows={shown.map((line, at) => ({ ...line, at_row: at }))}
          rowKey={(line) => `${line.at} ${line.at_row}`}
        />
      )}
    </Section>
  );
}

const LEVELS = { error: "High", warning: "Medium", information: "None" } as const;

const columns: Column<AgentLogRow & { at_row: number }>[] = [
  { id: "at", label: "Time", width: 185, cell: (line) => format.time(line.at) },
  {
    id: "severity",
    label: "Severity",
    width: 120,
    cell: (line) => <LevelMark level={LEVELS[line.severity]} label={format.words(line.severity)} />,
  },
  { id: "text", label: "Message", width: 520, cell: (line) => line.text },
  { id: "place", label: "Where", width: 160, cell: (line) => line.place || format.UNKNOWN },
];
