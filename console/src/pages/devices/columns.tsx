import type { DeviceRow } from "../../api/types";
import { count, score, system, time, UNKNOWN, words } from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { ExposureMark, LevelMark } from "../../ui/risk";

export function DeviceLink({ device }: { device: Pick<DeviceRow, "id" | "name"> }) {
  return (
    <PageLink to="/devices/$deviceId" params={{ deviceId: device.id }}>
      {device.name || device.id.slice(0, 12)}
    </PageLink>
  );
}

export function osText(device: DeviceRow): string {
  return (
    [system(device.os_distribution || device.os_platform), device.os_version].filter(Boolean).join(" ") ||
    UNKNOWN
  );
}

/** Health of the sensor; where it is not well, a link to what is wrong. */
function Health({ device }: { device: DeviceRow }) {
  if (device.health === "Active") return device.health;
  return (
    <PageLink to="/devices/$deviceId" params={{ deviceId: device.id }} search={{ tab: "troubles" }}>
      {device.health}
    </PageLink>
  );
}

const name: Column<DeviceRow> = {
  id: "name",
  label: "Device name",
  width: 170,
  sort: "name",
  cell: (row) => <DeviceLink device={row} />,
};
const level: Column<DeviceRow> = {
  id: "level",
  label: "Exposure level",
  width: 120,
  cell: (row) => <ExposureMark level={row.exposure_level} />,
};
const exposure: Column<DeviceRow> = {
  id: "exposure_score",
  label: "Exposure score",
  width: 135,
  sort: "exposure_score",
  isNumber: true,
  cell: (row) => score(row.exposure_score),
};
const os: Column<DeviceRow> = { id: "os", label: "Operating system", width: 140, cell: osText };
const weaknesses: Column<DeviceRow> = {
  id: "weaknesses",
  label: "Weaknesses",
  width: 110,
  sort: "weaknesses",
  isNumber: true,
  cell: (row) => count(row.weaknesses),
};

const same = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
export const DEVICE_VALUES = ["High", "Normal", "Low"] as const;
export const CRITICALITIES = ["Very high", "High", "Medium", "Low", "None"] as const;

/** A fact that may not be known. */
export function yesNo(value: boolean | null): string {
  return value === null ? "Not known" : value ? "Yes" : "No";
}

/** Risk level: from active detections, other than exposure. */
export function RiskMark({ level }: { level: DeviceRow["risk_level"] }) {
  if (level === "None" || level === "Informational") {
    return <LevelMark level="None" label={level === "None" ? "No known risks" : level} />;
  }
  return <LevelMark level={level} />;
}

/** Devices in flyouts and on cards. */
export const shortDeviceColumns: Column<DeviceRow>[] = [name, level, exposure, os];
export const cardDeviceColumns: Column<DeviceRow>[] = [name, level, exposure, weaknesses];

export const deviceList: ListDefinition<DeviceRow> = {
  noun: ["device", "devices"],
  columns: [
    name,
    {
      id: "risk",
      label: "Risk level",
      width: 140,
      cell: (row) => <RiskMark level={row.risk_level} />,
    },
    level,
    exposure,
    weaknesses,
    {
      id: "software",
      label: "Software",
      width: 90,
      sort: "software",
      isNumber: true,
      isOptional: true,
      cell: (row) => count(row.software),
    },
    os,
    { id: "health", label: "Sensor health", width: 110, cell: (row) => <Health device={row} /> },
    { id: "group", label: "Device group", width: 130, cell: (row) => row.group_name },
    { id: "domain", label: "Domain", width: 120, isOptional: true, cell: (row) => row.domain || UNKNOWN },
    { id: "value", label: "Device value", width: 100, isOptional: true, cell: (row) => row.device_value },
    {
      id: "criticality",
      label: "Criticality",
      width: 100,
      isOptional: true,
      cell: (row) => row.criticality,
    },
    {
      id: "internet_facing",
      label: "Internet facing",
      width: 115,
      isOptional: true,
      cell: (row) => yesNo(row.is_internet_facing),
    },
    { id: "onboarding", label: "Onboarding", width: 140, isOptional: true, cell: (row) => row.onboarding },
    {
      id: "discovery_source",
      label: "Discovery source",
      width: 140,
      isOptional: true,
      cell: (row) => words(row.discovery_source),
    },
    {
      id: "excluded",
      label: "Exclusion state",
      width: 120,
      isOptional: true,
      cell: (row) => (row.is_excluded ? "Excluded" : "Not excluded"),
    },
    { id: "tags", label: "Tags", width: 120, cell: (row) => row.tags.join(", ") || UNKNOWN },
    {
      id: "last_seen_at",
      label: "Last seen",
      width: 185,
      sort: "last_seen_at",
      isDescendingFirst: true,
      cell: (row) => time(row.last_seen_at),
    },
    {
      id: "first_seen_at",
      label: "First seen",
      width: 185,
      sort: "first_seen_at",
      isDescendingFirst: true,
      isOptional: true,
      cell: (row) => time(row.first_seen_at),
    },
  ],
  filters: [
    {
      name: "level",
      label: "Exposure level",
      isMultiple: true,
      options: [
        { value: "High", label: "High" },
        { value: "Medium", label: "Medium" },
        { value: "Low", label: "Low" },
        { value: "None", label: "No data available" },
      ],
    },
    {
      name: "health",
      label: "Sensor health",
      options: [
        { value: "", label: "All" },
        { value: "Active", label: "Active" },
        { value: "Inactive", label: "Inactive" },
        { value: "Impaired communications", label: "Impaired communications" },
        { value: "No sensor data", label: "No sensor data" },
        { value: "Misconfigured", label: "Misconfigured" },
      ],
    },
    { name: "value", label: "Device value", isMultiple: true, options: same(DEVICE_VALUES) },
    { name: "criticality", label: "Criticality", isMultiple: true, options: same(CRITICALITIES) },
    {
      name: "internet_facing",
      label: "Internet facing",
      isMultiple: true,
      options: [
        { value: "yes", label: "Yes" },
        { value: "no", label: "No" },
        { value: "unknown", label: "Not known" },
      ],
    },
    {
      name: "excluded",
      label: "Excluded",
      options: [
        { value: "", label: "All" },
        { value: "no", label: "No" },
        { value: "yes", label: "Yes" },
      ],
    },
    { name: "device_tag", label: "Tag", options: [] },
  ],
  searchLabel: "Search devices",
  defaultSort: "-exposure_score",
  rowKey: (row) => row.id,
  empty: "Devices appear when their sensors report for the first time.",
};
