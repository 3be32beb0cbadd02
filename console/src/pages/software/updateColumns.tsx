import type { MissingUpdateRow } from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { ExternalLink } from "../../ui/links";

/** Only those that are installed and wait for a restart somewhere. */
export const WAITING = { name: "restart", label: "Only those that wait for a restart", on: "pending" };

const name: Column<MissingUpdateRow> = {
  id: "name",
  label: "Update",
  width: 170,
  sort: "name",
  cell: (row) => (row.url ? <ExternalLink address={row.url}>{row.name}</ExternalLink> : row.name),
};
const products: Column<MissingUpdateRow> = {
  id: "products",
  label: "For",
  width: 190,
  cell: (row) => row.products.join(", ") || format.UNKNOWN,
};
const weaknesses: Column<MissingUpdateRow> = {
  id: "weaknesses",
  label: "Weaknesses",
  width: 110,
  sort: "weaknesses",
  isNumber: true,
  cell: (row) => <span title={row.weakness_names.join(", ")}>{format.count(row.weaknesses)}</span>,
};

export const updateColumns: Column<MissingUpdateRow>[] = [
  name,
  products,
  weaknesses,
  {
    id: "missing",
    label: "Missing on",
    width: 100,
    sort: "missing_devices",
    isNumber: true,
    cell: (row) => format.count(row.missing_devices),
  },
  {
    id: "waiting",
    label: "Restart pending",
    width: 130,
    sort: "waiting_devices",
    isNumber: true,
    cell: (row) => format.count(row.waiting_devices),
  },
];

/** On the page of one device. */
export const deviceUpdateColumns: Column<MissingUpdateRow>[] = [
  name,
  products,
  weaknesses,
  {
    id: "state",
    label: "State",
    width: 170,
    cell: (row) => (row.waiting_devices > 0 ? "Waits for a restart" : "Not installed"),
  },
];
