/** Lists of the device page: open and closed weaknesses, software with its evidence, changes. */
import { Badge, Link, makeStyles, tokens } from "@fluentui/react-components";

import { deviceChangesQuery, deviceSoftwareQuery, deviceWeaknessesQuery } from "../../api/queries";
import type { DeviceSoftwareRow, FindingRow, SoftwareChangeRow, SoftwareReference } from "../../api/types";
import type { Filter } from "../../ui/FilterBar";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { ListView, type ListDefinition } from "../../ui/ListView";
import { STATUS_LABELS } from "../../ui/risk";
import { useUrl } from "../../url/useUrl";
import { softwareFilters, typeLabel, weaknessCount } from "../software/columns";
import { OpenWeakness, severityFilter, weaknessColumns } from "../weaknesses/columns";

const useStyles = makeStyles({
  paths: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

function SoftwareLink({ software }: { software: SoftwareReference }) {
  return (
    <PageLink to="/software" search={{ open: software.id }}>
      {software.name}
    </PageLink>
  );
}

/** A weakness's column on a finding. */
function ofWeakness(column: (typeof weaknessColumns)["severity"]): Column<FindingRow> {
  return { ...column, cell: (row) => column.cell(row.weakness) };
}

function Why({ name }: { name: string }) {
  const { change } = useUrl();
  return (
    <Link
      as="button"
      aria-label={`Why am I seeing this? ${name}`}
      onClick={() => change({ explain: name }, true)}
    >
      Why am I seeing this?
    </Link>
  );
}

/** A match below the threshold: shown on demand, in no count and no score. */
const COUNTED_FROM = 50;

/** Why a finding does not count: its match is weak, or a part of the system that it needs is off. */
function NotCounted({ row }: { row: FindingRow }) {
  return (
    <Badge appearance="outline" size="small" color="informative" title={row.weak_because}>
      {row.confidence < COUNTED_FROM ? "Weak match" : "Does not apply"}
    </Badge>
  );
}

const findingColumns: Column<FindingRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 150,
    sort: "name",
    cell: (row) => (
      <>
        <OpenWeakness name={row.weakness.name} /> {!row.is_counted && <NotCounted row={row} />}
      </>
    ),
  },
  { id: "why", label: "Reason", width: 170, cell: (row) => <Why name={row.weakness.name} /> },
  ofWeakness(weaknessColumns.severity),
  ofWeakness(weaknessColumns.cvss),
  ofWeakness(weaknessColumns.threats),
  ofWeakness({ ...weaknessColumns.epss, isOptional: true }),
  {
    id: "software",
    label: "Software",
    width: 150,
    sort: "software",
    cell: (row) => <SoftwareLink software={row.software} />,
  },
  { id: "version", label: "Installed version", width: 160, cell: (row) => row.version },
  { id: "fixed_version", label: "Fixed in", width: 160, cell: (row) => row.fixed_version ?? "No fix known" },
  { id: "status", label: "Status", width: 130, cell: (row) => STATUS_LABELS[row.status] },
  ofWeakness(weaknessColumns.hazard),
  {
    id: "first_detected_at",
    label: "First detected",
    width: 120,
    sort: "first_detected_at",
    isDescendingFirst: true,
    cell: (row) => format.date(row.first_detected_at),
  },
  { id: "source", label: "Source", width: 120, isOptional: true, cell: (row) => row.source },
  { id: "method", label: "Method", width: 160, isOptional: true, cell: (row) => format.words(row.method) },
  {
    id: "confidence",
    label: "Confidence",
    width: 100,
    isNumber: true,
    isOptional: true,
    cell: (row) => `${row.confidence} %`,
  },
];

const becauseColumn: Column<FindingRow> = {
  id: "weak_because",
  label: "Why it does not count",
  width: 260,
  isOptional: true,
  cell: (row) => row.weak_because || format.UNKNOWN,
};
const WEAK_MATCHES: Filter = { name: "confidence", label: "Weak matches too", options: [], switchOn: "all" };

const closedColumn: Column<FindingRow> = {
  id: "fixed_at",
  label: "Closed",
  width: 185,
  sort: "fixed_at",
  isDescendingFirst: true,
  cell: (row) => format.time(row.fixed_at),
};

function findingList(isClosed: boolean): ListDefinition<FindingRow> {
  return {
    noun: ["finding", "findings"],
    columns: isClosed
      ? [...findingColumns.filter((column) => column.id !== "hazard"), closedColumn]
      : [...findingColumns, becauseColumn],
    filters: [
      severityFilter,
      {
        name: "state",
        label: "State",
        standard: "open",
        options: [
          { value: "open", label: "Open" },
          { value: "closed", label: "Closed" },
        ],
      },
      ...(isClosed ? [] : [WEAK_MATCHES]),
    ],
    searchLabel: "Search weaknesses",
    defaultSort: "-hazard",
    rowKey: (row) => `${row.weakness.name} ${row.software.id} ${row.version} ${row.fixed_at ?? ""}`,
    empty: isClosed ? "Nothing has been closed yet." : "No installed software is known to be weak.",
  };
}
const openFindings = findingList(false);
const closedFindings = findingList(true);

export function DeviceWeaknesses({ deviceId }: { deviceId: string }) {
  const { state, change } = useUrl();
  return (
    <ListView
      list={state.state === "closed" ? closedFindings : openFindings}
      path={`/devices/${encodeURIComponent(deviceId)}/weaknesses`}
      query={(parameters) => deviceWeaknessesQuery(deviceId, parameters)}
      onOpen={(row) => change({ explain: row.weakness.name }, true)}
    />
  );
}

function Paths({ paths }: { paths: string[] }) {
  const styles = useStyles();
  if (paths.length === 0) return format.UNKNOWN;
  return (
    <span className={styles.paths} title={paths.join("\n")}>
      {paths.join("  ")}
    </span>
  );
}

const deviceSoftwareList: ListDefinition<DeviceSoftwareRow> = {
  noun: ["installation", "installations"],
  columns: [
    {
      id: "name",
      label: "Name",
      width: 180,
      sort: "name",
      cell: (row) => <SoftwareLink software={row.software} />,
    },
    { id: "version", label: "Version", width: 170, sort: "version", cell: (row) => row.version },
    {
      id: "vendor",
      label: "Vendor",
      width: 120,
      cell: (row) => format.system(row.software.vendor) || format.UNKNOWN,
    },
    { id: "type", label: "Type", width: 130, sort: "type", cell: (row) => typeLabel(row.type) },
    {
      id: "weaknesses",
      label: "Weaknesses",
      width: 110,
      sort: "weaknesses",
      isNumber: true,
      cell: (row) => (
        <span title={row.not_assessed_reason ?? undefined}>{weaknessCount(row.weaknesses)}</span>
      ),
    },
    {
      id: "source",
      label: "Source package",
      width: 190,
      cell: (row) => [row.source_name, row.source_version].filter(Boolean).join(" ") || format.UNKNOWN,
    },
    {
      id: "architecture",
      label: "Architecture",
      width: 100,
      isOptional: true,
      cell: (row) => row.architecture,
    },
    { id: "paths", label: "Software evidence", width: 300, cell: (row) => <Paths paths={row.paths} /> },
    {
      id: "first_seen_at",
      label: "First seen",
      width: 120,
      sort: "first_seen_at",
      isDescendingFirst: true,
      cell: (row) => format.date(row.first_seen_at),
    },
    {
      id: "installed_at",
      label: "Installed",
      width: 120,
      isOptional: true,
      cell: (row) => format.date(row.installed_at),
    },
  ],
  filters: softwareFilters,
  searchLabel: "Search software",
  defaultSort: "name",
  rowKey: (row) => `${row.software.id} ${row.version} ${row.architecture} ${row.source_name}`,
  empty: "The device has not reported its software yet.",
};

export function DeviceSoftware({ deviceId }: { deviceId: string }) {
  return (
    <ListView
      list={deviceSoftwareList}
      path={`/devices/${encodeURIComponent(deviceId)}/software`}
      query={(parameters) => deviceSoftwareQuery(deviceId, parameters)}
    />
  );
}

export const CHANGES: Record<SoftwareChangeRow["change"], string> = {
  installed: "Installed",
  removed: "Removed",
  updated: "Updated",
};

const changeList: ListDefinition<SoftwareChangeRow> = {
  noun: ["change", "changes"],
  columns: [
    {
      id: "at",
      label: "Time",
      width: 185,
      sort: "at",
      isDescendingFirst: true,
      cell: (row) => format.time(row.at),
    },
    { id: "change", label: "Change", width: 110, cell: (row) => CHANGES[row.change] },
    {
      id: "software",
      label: "Software",
      width: 220,
      cell: (row) => <SoftwareLink software={row.software} />,
    },
    { id: "version", label: "Version", width: 200, cell: (row) => row.version },
    {
      id: "previous_version",
      label: "Previous version",
      width: 200,
      cell: (row) => row.previous_version ?? format.UNKNOWN,
    },
  ],
  filters: [],
  searchLabel: "Search software",
  defaultSort: "-at",
  rowKey: (row) => `${row.at} ${row.change} ${row.software.id} ${row.version} ${row.previous_version ?? ""}`,
  empty: "Nothing has changed since the first report.",
};

export function DeviceChanges({ deviceId }: { deviceId: string }) {
  return (
    <ListView
      list={changeList}
      path={`/devices/${encodeURIComponent(deviceId)}/changes`}
      query={(parameters) => deviceChangesQuery(deviceId, parameters)}
    />
  );
}
