/** What was installed, updated and removed in the fleet. */
import { fleetChangesQuery } from "../../api/threatQueries";
import type { FleetChangeRow } from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { ListView, type ListDefinition } from "../../ui/ListView";
import { DeviceLink } from "./columns";
import { CHANGES } from "./DeviceLists";

export const changeColumns: Column<FleetChangeRow>[] = [
  {
    id: "at",
    label: "Time",
    width: 185,
    sort: "at",
    isDescendingFirst: true,
    cell: (row) => format.time(row.at),
  },
  {
    id: "device",
    label: "Device",
    width: 170,
    sort: "device",
    cell: (row) => <DeviceLink device={{ id: row.device_id, name: row.device_name }} />,
  },
  { id: "change", label: "Change", width: 100, cell: (row) => CHANGES[row.change] },
  {
    id: "software",
    label: "Software",
    width: 200,
    sort: "name",
    cell: (row) => (
      <PageLink to="/software" search={{ open: row.software.id }}>
        {row.software.name}
      </PageLink>
    ),
  },
  { id: "version", label: "Version", width: 180, cell: (row) => row.version },
  {
    id: "previous_version",
    label: "Previous version",
    width: 180,
    cell: (row) => row.previous_version ?? format.UNKNOWN,
  },
  { id: "source", label: "Reported by", width: 120, cell: (row) => row.source },
];

export function changeKey(row: FleetChangeRow): string {
  return `${row.at} ${row.device_id} ${row.change} ${row.software.id} ${row.version} ${row.previous_version ?? ""}`;
}

const list: ListDefinition<FleetChangeRow> = {
  noun: ["change", "changes"],
  columns: changeColumns,
  filters: [
    {
      name: "change",
      label: "Change",
      options: [
        { value: "", label: "All" },
        ...Object.entries(CHANGES).map(([value, label]) => ({ value, label })),
      ],
    },
    {
      name: "days",
      label: "Within",
      standard: "7",
      options: [
        { value: "1", label: "A day" },
        { value: "7", label: "7 days" },
        { value: "30", label: "30 days" },
      ],
    },
  ],
  searchLabel: "Search software and devices",
  defaultSort: "-at",
  rowKey: changeKey,
  empty: "Nothing has changed on any device in this time.",
};

export function FleetChanges() {
  return <ListView list={list} path="/software-changes" query={fleetChangesQuery} />;
}
