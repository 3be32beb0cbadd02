import { Badge } from "@fluentui/react-components";

import type {
  BaselineConfigurationRow,
  BaselineDeviceRow,
  BaselineRow,
  DeviceConfigurationRow,
  FailingConfiguration,
  FailingDevice,
} from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { changed } from "../../url/state";
import { DeviceLink } from "../devices/columns";
import { CATEGORIES, ResultMark } from "../posture/columns";

/** "Linux, debian 12": the systems that a profile is for. */
export function systemsText(row: BaselineRow): string {
  const part = [row.distribution && format.system(row.distribution), row.os_version]
    .filter(Boolean)
    .join(" ");
  return [format.system(row.platform), part].filter(Boolean).join(", ");
}

/** "CIS 3.0, L1". */
export function benchmarkText(row: BaselineRow): string {
  return [[row.benchmark, row.version].filter(Boolean).join(" "), row.level].filter(Boolean).join(", ");
}

export const baselineColumns: Column<BaselineRow>[] = [
  {
    id: "name",
    label: "Profile",
    width: 230,
    cell: (row) => (
      <PageLink
        to="/baselines"
        search={(state) => changed(state, { open: row.id, view: undefined })}
        title={row.name}
      >
        {row.name}
      </PageLink>
    ),
  },
  { id: "systems", label: "For", width: 160, cell: systemsText },
  {
    id: "benchmark",
    label: "Benchmark",
    width: 150,
    cell: (row) => benchmarkText(row) || format.UNKNOWN,
  },
  { id: "settings", label: "Settings", width: 80, isNumber: true, cell: (row) => format.count(row.settings) },
  {
    id: "compliant",
    label: "Compliant devices",
    width: 145,
    isNumber: true,
    cell: (row) => `${format.count(row.compliant_devices)} / ${format.count(row.devices)}`,
  },
  {
    id: "failing",
    label: "Not compliant",
    width: 115,
    isNumber: true,
    cell: (row) => format.count(row.non_compliant_devices),
  },
  {
    id: "unknown",
    label: "Not known",
    width: 95,
    isNumber: true,
    cell: (row) => format.count(row.unknown_devices),
  },
  { id: "state", label: "State", width: 110, cell: (row) => (row.is_enabled ? "Enabled" : "Disabled") },
];

export const failingDeviceColumns: Column<FailingDevice>[] = [
  { id: "name", label: "Device", width: 150, cell: (row) => <DeviceLink device={row} /> },
  {
    id: "settings",
    label: "Not compliant",
    width: 115,
    isNumber: true,
    cell: (row) => format.count(row.failing_settings),
  },
];

export const failingSettingColumns: Column<FailingConfiguration>[] = [
  {
    id: "title",
    label: "Setting",
    width: 240,
    cell: (row) => (
      <PageLink to="/checks" search={{ open: row.check_id }} title={row.title}>
        {row.title}
      </PageLink>
    ),
  },
  {
    id: "profile",
    label: "Profile",
    width: 150,
    cell: (row) => (
      <PageLink
        to="/baselines"
        search={{ open: row.baseline_id, view: "settings" }}
        title={row.baseline_name}
      >
        {row.baseline_name}
      </PageLink>
    ),
  },
  { id: "devices", label: "Devices", width: 80, isNumber: true, cell: (row) => format.count(row.devices) },
];

export const configurationColumns: Column<BaselineConfigurationRow>[] = [
  {
    id: "title",
    label: "Setting",
    width: 210,
    cell: (row) => (
      <PageLink to="/checks" search={{ open: row.check_id }} title={row.title}>
        {row.title}
      </PageLink>
    ),
  },
  {
    id: "expected",
    label: "Expected",
    width: 170,
    cell: (row) => (
      <span title={row.is_customised ? `The check asks: ${row.check_expected}` : undefined}>
        {row.expected}{" "}
        {row.is_customised && (
          <Badge appearance="outline" size="small" color="informative">
            Own
          </Badge>
        )}
      </span>
    ),
  },
  {
    id: "failing",
    label: "Not compliant",
    width: 115,
    isNumber: true,
    cell: (row) => format.count(row.non_compliant_devices),
  },
  {
    id: "compliant",
    label: "Compliant",
    width: 90,
    isNumber: true,
    cell: (row) => format.count(row.compliant_devices),
  },
  {
    id: "unknown",
    label: "Not known",
    width: 95,
    isNumber: true,
    cell: (row) => format.count(row.unknown_devices),
  },
  {
    id: "exempt",
    label: "Exempt",
    width: 80,
    isNumber: true,
    cell: (row) => format.count(row.exempt_devices),
  },
  { id: "category", label: "Category", width: 130, cell: (row) => CATEGORIES[row.category] },
];

export const baselineDeviceColumns: Column<BaselineDeviceRow>[] = [
  {
    id: "name",
    label: "Device",
    width: 160,
    sort: "name",
    cell: (row) => (
      <PageLink to="/devices/$deviceId" params={{ deviceId: row.id }} search={{ tab: "baselines" }}>
        {row.name || row.id.slice(0, 12)}
      </PageLink>
    ),
  },
  {
    id: "compliance",
    label: "Profile as a whole",
    width: 140,
    cell: (row) => <ResultMark result={row.compliance} />,
  },
  {
    id: "failing",
    label: "Not compliant",
    width: 115,
    sort: "failing_settings",
    isNumber: true,
    cell: (row) => format.count(row.failing_settings),
  },
  {
    id: "compliant",
    label: "Compliant",
    width: 90,
    sort: "compliant_settings",
    isNumber: true,
    cell: (row) => format.count(row.compliant_settings),
  },
  {
    id: "unknown",
    label: "Not known",
    width: 95,
    sort: "unknown_settings",
    isNumber: true,
    cell: (row) => format.count(row.unknown_settings),
  },
  { id: "group", label: "Device group", width: 120, cell: (row) => row.group_name },
];

export const deviceConfigurationColumns: Column<DeviceConfigurationRow>[] = [
  {
    id: "title",
    label: "Setting",
    width: 300,
    cell: (row) => (
      <PageLink to="/checks" search={{ open: row.check_id }} title={row.title}>
        {row.title}
      </PageLink>
    ),
  },
  {
    id: "result",
    label: "Result",
    width: 140,
    cell: (row) => (row.is_exempt ? "Exempt: an exception holds" : <ResultMark result={row.result} />),
  },
  {
    id: "value",
    label: "Value",
    width: 150,
    cell: (row) => (row.value === null ? "Not told" : row.value || "Empty"),
  },
  { id: "expected", label: "Expected", width: 190, cell: (row) => row.expected },
  { id: "source", label: "Where it is set", width: 260, cell: (row) => row.source },
];
