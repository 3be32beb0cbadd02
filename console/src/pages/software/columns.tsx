import type { SoftwareRow, SoftwareVersionRow } from "../../api/types";
import { counted, count, date, points, system, words, UNKNOWN } from "../../ui/format";
import { optionsOf } from "../../ui/filters";
import type { Filter } from "../../ui/FilterBar";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { ExploitMark, LevelMark } from "../../ui/risk";
import { Sparkline } from "../../ui/Sparkline";
import { changed } from "../../url/state";
import { Tags, TAGS } from "../recommendations/columns";

const NOT_AVAILABLE = "Not available";

const TYPES: Record<string, string> = {
  dpkg: "Debian package",
  rpm: "RPM package",
  apk: "Alpine package",
  pypi: "Python package",
  npm: "npm package",
};

export function typeLabel(type: string): string {
  return TYPES[type] ?? words(type);
}

/** Number of weaknesses, or that nobody can know: the two are never mixed up. */
export function weaknessCount(weaknesses: number | null): string {
  return weaknesses === null ? NOT_AVAILABLE : count(weaknesses);
}

export const softwareColumns: Record<"weaknesses" | "threats" | "devices" | "impact", Column<SoftwareRow>> = {
  weaknesses: {
    id: "weaknesses",
    label: "Weaknesses",
    width: 105,
    sort: "weaknesses",
    isNumber: true,
    cell: (row) => weaknessCount(row.weaknesses),
  },
  threats: {
    id: "threats",
    label: "Threats",
    width: 70,
    cell: (row) => <ExploitMark level={row.exploit_level} isDetected={row.has_active_detection} />,
  },
  devices: {
    id: "exposed_devices",
    label: "Exposed devices",
    width: 155,
    sort: "exposed_devices",
    isNumber: true,
    cell: (row) =>
      row.weaknesses === null ? (
        UNKNOWN
      ) : (
        <>
          <Sparkline values={row.exposed_trend ?? []} />{" "}
          {`${count(row.exposed_devices)} / ${count(row.installed_devices)}`}
        </>
      ),
  },
  impact: {
    id: "impact",
    label: "Impact",
    width: 75,
    sort: "impact",
    isNumber: true,
    cell: (row) => (row.weaknesses === null ? UNKNOWN : points(row.impact)),
  },
};

const { weaknesses, threats, devices, impact } = softwareColumns;

/** Filters of every list of software. */
export const softwareFilters: Filter[] = [
  {
    name: "weak",
    label: "Weaknesses",
    standard: "any",
    options: [
      { value: "any", label: "All" },
      { value: "yes", label: "At least one" },
      { value: "no", label: "None" },
    ],
  },
  {
    name: "type",
    label: "Type",
    isMultiple: true,
    options: Object.entries(TYPES).map(([value, label]) => ({ value, label })),
  },
];

type SoftwareTag = NonNullable<SoftwareRow["tags"]>[number];
const SOFTWARE_TAGS: Record<SoftwareTag, string> = {
  zero_day: TAGS.zero_day,
  eos_software: TAGS.eos_software,
  eos_versions: TAGS.eos_versions,
  upcoming_eos_software: TAGS.upcoming_eos_software,
  upcoming_eos_versions: TAGS.upcoming_eos_versions,
};

export const softwareList: ListDefinition<SoftwareRow> = {
  noun: ["software", "software"],
  columns: [
    {
      id: "name",
      label: "Name",
      width: 190,
      sort: "name",
      cell: (row) => (
        <PageLink to="/software" search={(state) => changed(state, { open: row.id, view: undefined })}>
          {row.name}
        </PageLink>
      ),
    },
    {
      id: "vendor",
      label: "Vendor",
      width: 112,
      sort: "vendor",
      cell: (row) => system(row.vendor) || UNKNOWN,
    },
    { id: "type", label: "Type", width: 120, cell: (row) => typeLabel(row.type) },
    weaknesses,
    {
      id: "severity",
      label: "Highest severity",
      width: 128,
      cell: (row) => (row.weaknesses ? <LevelMark level={row.highest_severity} /> : UNKNOWN),
    },
    threats,
    devices,
    {
      id: "installed_devices",
      label: "Installed devices",
      width: 140,
      sort: "installed_devices",
      isNumber: true,
      isOptional: true,
      cell: (row) => count(row.installed_devices),
    },
    { id: "versions", label: "Versions", width: 80, isNumber: true, cell: (row) => count(row.versions) },
    impact,
    { id: "tags", label: "Tags", width: 110, cell: (row) => <Tags tags={row.tags ?? []} /> },
  ],
  filters: [
    ...softwareFilters,
    {
      name: "assessed",
      label: "Assessed",
      standard: "any",
      options: [
        { value: "any", label: "All" },
        { value: "yes", label: "Yes" },
        { value: "no", label: NOT_AVAILABLE },
      ],
    },
    { name: "tag", label: "Tags", isMultiple: true, options: optionsOf(SOFTWARE_TAGS) },
  ],
  searchLabel: "Search software",
  defaultSort: "-impact",
  rowKey: (row) => row.id,
  empty: "Software appears with the first device's report.",
};

export const versionColumns: Column<SoftwareVersionRow>[] = [
  { id: "version", label: "Version", width: 190, cell: (row) => row.version },
  { id: "platform", label: "Platform", width: 120, cell: (row) => row.platform || UNKNOWN },
  { id: "architecture", label: "Architecture", width: 100, cell: (row) => row.architecture || UNKNOWN },
  { id: "devices", label: "Devices", width: 80, isNumber: true, cell: (row) => count(row.installed_devices) },
  {
    id: "weaknesses",
    label: "Weaknesses",
    width: 110,
    isNumber: true,
    cell: (row) => <span title={row.not_assessed_reason ?? undefined}>{weaknessCount(row.weaknesses)}</span>,
  },
  { id: "support", label: "Support ends", width: 115, cell: (row) => date(row.support_ends_on ?? null) },
  { id: "tags", label: "Tags", width: 140, cell: (row) => <Tags tags={row.tags ?? []} /> },
];

/** "3 devices" of a device list's total, for subtitles. */
export function devicesText(row: SoftwareRow): string {
  return `${counted(row.installed_devices, "device")} · ${counted(row.versions, "version")}`;
}
