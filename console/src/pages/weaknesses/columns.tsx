import { Badge, makeStyles, tokens } from "@fluentui/react-components";

import type { AffectedSoftware, SoftwareWeaknessRow, WeaknessRow } from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import type { Filter } from "../../ui/FilterBar";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { EXPLOIT_LABELS, LevelMark, STATUS_LABELS, Threats } from "../../ui/risk";
import { changed } from "../../url/state";

const useStyles = makeStyles({
  name: { display: "inline-flex", alignItems: "center", columnGap: tokens.spacingHorizontalS },
});

type Label = NonNullable<WeaknessRow["labels"]>[number];
export const LABELS: Record<Label, string> = {
  zero_day: "Zero day",
  no_security_update: "No security update",
  some_updates_available: "Some updates available",
};

/** Exposed devices; where no source can say which, that and not a number. */
export function exposedText(row: Pick<WeaknessRow, "is_exposure_known" | "exposed_devices">): string {
  return row.is_exposure_known ? format.count(row.exposed_devices) : "Not available";
}

/** Name that opens the flyout on the weaknesses page, with its labels. */
function Name({ weakness }: { weakness: WeaknessRow }) {
  const styles = useStyles();
  return (
    <span className={styles.name}>
      <PageLink to="/weaknesses" search={(state) => changed(state, { open: weakness.name, view: undefined })}>
        {weakness.name}
      </PageLink>
      {weakness.labels?.map((label) => (
        <Badge
          key={label}
          appearance="outline"
          size="small"
          color={label === "zero_day" ? "danger" : "informative"}
        >
          {LABELS[label]}
        </Badge>
      ))}
    </span>
  );
}

const exploitLevels = Object.entries(EXPLOIT_LABELS).map(([value, label]) => ({ value, label }));

/** The cells of a weakness; lists about other things borrow them. */
export const weaknessColumns: Record<
  "severity" | "cvss" | "epss" | "threats" | "devices" | "hazard",
  Column<WeaknessRow>
> = {
  severity: {
    id: "severity",
    label: "Severity",
    width: 110,
    sort: "severity",
    isDescendingFirst: true,
    cell: (row) => <LevelMark level={row.severity} />,
  },
  cvss: {
    id: "cvss_score",
    label: "CVSS",
    width: 75,
    sort: "cvss_score",
    isNumber: true,
    cell: (row) => format.cvss(row.cvss_score),
  },
  epss: {
    id: "epss",
    label: "EPSS",
    width: 80,
    sort: "epss",
    isNumber: true,
    cell: (row) => format.epss(row.epss),
  },
  threats: { id: "threats", label: "Threats", width: 80, cell: (row) => <Threats weakness={row} /> },
  devices: {
    id: "exposed_devices",
    label: "Exposed devices",
    width: 140,
    sort: "exposed_devices",
    isNumber: true,
    cell: exposedText,
  },
  hazard: {
    id: "hazard",
    label: "Hazard",
    width: 90,
    sort: "hazard",
    isNumber: true,
    cell: (row) => format.hazard(row.hazard),
  },
};

function relatedSoftware(row: WeaknessRow): string {
  const names = row.software.map((software) => software.name).join(", ");
  const more = row.software_count - row.software.length;
  return more > 0 ? `${names} and ${format.count(more)} more` : names || format.UNKNOWN;
}

const { severity, cvss, epss, threats, devices, hazard } = weaknessColumns;

const columns: Column<WeaknessRow>[] = [
  { id: "name", label: "Name", width: 255, sort: "name", cell: (row) => <Name weakness={row} /> },
  severity,
  cvss,
  { id: "software", label: "Related software", width: 170, cell: relatedSoftware },
  threats,
  epss,
  devices,
  hazard,
  {
    id: "published_at",
    label: "Published",
    width: 110,
    sort: "published_at",
    isDescendingFirst: true,
    cell: (row) => format.date(row.published_at),
  },
  {
    id: "age",
    label: "Age",
    width: 90,
    isNumber: true,
    isOptional: true,
    cell: (row) => format.days(row.published_at, Date.now()),
  },
  {
    id: "updated_at",
    label: "Updated",
    width: 110,
    sort: "updated_at",
    isDescendingFirst: true,
    isOptional: true,
    cell: (row) => format.date(row.updated_at),
  },
  {
    id: "epss_percentile",
    label: "EPSS percentile",
    width: 125,
    isNumber: true,
    isOptional: true,
    cell: (row) =>
      row.epss_percentile === null ? format.UNKNOWN : `${(row.epss_percentile * 100).toFixed(0)} %`,
  },
  { id: "title", label: "Title", width: 320, isOptional: true, cell: (row) => row.title || format.UNKNOWN },
  {
    id: "first_detected_at",
    label: "First detected",
    width: 120,
    isOptional: true,
    cell: (row) => format.date(row.first_detected_at),
  },
];

export const severityFilter: Filter = {
  name: "severity",
  label: "Severity",
  isMultiple: true,
  options: ["Critical", "High", "Medium", "Low", "None", "Unknown"].map((value) => ({ value, label: value })),
};

export const weaknessList: ListDefinition<WeaknessRow> = {
  noun: ["weakness", "weaknesses"],
  columns,
  filters: [
    severityFilter,
    {
      name: "exploit",
      label: "Threats",
      options: [{ value: "", label: "All" }, { value: "any", label: "Any exploit" }, ...exploitLevels],
    },
    {
      name: "exposed",
      label: "Exposed devices",
      standard: "yes",
      options: [
        { value: "yes", label: "At least one" },
        { value: "no", label: "None" },
        { value: "not_available", label: "Not available" },
        { value: "any", label: "All" },
      ],
    },
    {
      name: "detection",
      label: "Detections",
      options: [
        { value: "", label: "All" },
        { value: "active", label: "Associated active detection" },
        { value: "none", label: "None" },
      ],
    },
    {
      name: "epss",
      label: "EPSS",
      options: [
        { value: "", label: "All" },
        ...["0.001", "0.01", "0.1", "0.5", "0.9"].map((value) => ({
          value,
          label: `At least ${format.epss(Number(value))}`,
        })),
      ],
    },
    {
      name: "fix",
      label: "Security update",
      options: [
        { value: "", label: "All" },
        { value: "available", label: "Available" },
        { value: "none", label: "None" },
      ],
    },
  ],
  searchLabel: "Search weaknesses",
  defaultSort: "-hazard",
  rowKey: (row) => row.name,
  empty: "No installed software is known to be weak.",
};

/** Weaknesses inside a flyout. */
export const shortWeaknessColumns: Column<WeaknessRow>[] = [
  { id: "name", label: "Name", width: 150, sort: "name", cell: (row) => <OpenWeakness name={row.name} /> },
  severity,
  cvss,
  threats,
  epss,
  devices,
];

/** Of one software: with what makes a weak match weak. */
export const countedColumns: Column<SoftwareWeaknessRow>[] = [
  ...shortWeaknessColumns,
  { id: "because", label: "Why it does not count", width: 220, cell: (row) => row.weak_because },
];

/** Link to the weakness on its own page, without the filters of the page it stands on. */
export function OpenWeakness({ name }: { name: string }) {
  return (
    <PageLink to="/weaknesses" search={{ open: name }}>
      {name}
    </PageLink>
  );
}

export const affectedColumns: Column<AffectedSoftware>[] = [
  {
    id: "software",
    label: "Software",
    width: 150,
    cell: ({ software }) => (
      <PageLink to="/software" search={{ open: software.id }}>
        {software.name}
      </PageLink>
    ),
  },
  { id: "version", label: "Version", width: 160, cell: (row) => row.version },
  { id: "fixed", label: "Fixed in", width: 150, cell: (row) => row.fixed_version ?? "No fix known" },
  { id: "status", label: "Status", width: 130, cell: (row) => STATUS_LABELS[row.status] },
  {
    id: "devices",
    label: "Devices",
    width: 80,
    isNumber: true,
    cell: (row) => format.count(row.exposed_devices),
  },
];
