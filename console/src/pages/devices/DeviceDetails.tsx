/** What else a device tells: hardware, services, accounts, extensions, certificates, shares. */
import { useQuery } from "@tanstack/react-query";

import { deviceDetailsQuery } from "../../api/queries";
import type { DeviceObservations } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { Empty, Result } from "../../ui/states";
import { yesNo } from "./columns";

type Rows<Name extends keyof DeviceObservations> =
  NonNullable<DeviceObservations[Name]> extends (infer Row)[] ? Row : never;

export function DeviceDetails({ deviceId }: { deviceId: string }) {
  const query = useQuery(deviceDetailsQuery(deviceId));
  return (
    <Result query={query} lines={10}>
      {(found) => (
        <>
          <Hardware found={found} />
          <Part title="Listening services" rows={found.services} columns={services} />
          <Part title="Accounts" rows={found.users} columns={users} />
          <Part title="Groups" rows={found.groups} columns={groups} />
          <Part title="Browser extensions" rows={found.extensions} columns={extensions} />
          <Part title="Certificates" rows={found.certificates} columns={certificates} />
          <Part title="Network shares" rows={found.shares} columns={shares} />
        </>
      )}
    </Result>
  );
}

const GIBIBYTE = 1024 ** 3;

function Hardware({ found }: { found: DeviceObservations }) {
  const { hardware } = found;
  return (
    <Section level={2} title="Hardware and firmware">
      <Facts
        facts={[
          ["Model", [hardware.vendor, hardware.model].filter(Boolean).join(" ")],
          ["Serial number", hardware.serial],
          ["Processor", hardware.cpu],
          [
            "Memory",
            hardware.memory_bytes > 0 ? `${(hardware.memory_bytes / GIBIBYTE).toFixed(1)} GiB` : null,
          ],
          ["Firmware", [hardware.firmware, hardware.bios_version].filter(Boolean).join(" ")],
          ["Secure Boot", yesNo(hardware.secure_boot)],
          ["Reported", format.time(found.reported_at)],
        ]}
      />
    </Section>
  );
}

interface PartProps<Row> {
  title: string;
  rows: Row[] | null;
  columns: Column<Row>[];
}

/** Not told is not the same as none. */
function Part<Row>({ title, rows, columns }: PartProps<Row>) {
  const numbered = (rows ?? []).map((row, at) => ({ row, at }));
  return (
    <Section level={2} title={title}>
      {rows === null || rows.length === 0 ? (
        <Empty title={rows === null ? "No source of this device tells" : "None"} />
      ) : (
        <Grid
          label={title}
          columns={columns.map((column) => ({
            ...column,
            cell: ({ row }: (typeof numbered)[number]) => column.cell(row),
          }))}
          rows={numbered}
          rowKey={({ at }) => String(at)}
        />
      )}
    </Section>
  );
}

const text = (value: string | undefined) => value || format.UNKNOWN;

const services: Column<Rows<"services">>[] = [
  { id: "port", label: "Port", width: 100, cell: (row) => `${row.protocol} ${row.port}` },
  { id: "address", label: "Address", width: 150, cell: (row) => text(row.address) },
  { id: "process", label: "Program", width: 150, cell: (row) => text(row.process) },
  { id: "path", label: "Path", width: 260, cell: (row) => text(row.path) },
  { id: "package", label: "Package", width: 160, cell: (row) => text(row.owned_by) },
  { id: "user", label: "User", width: 120, cell: (row) => text(row.user) },
];
const users: Column<Rows<"users">>[] = [
  { id: "name", label: "Name", width: 220, cell: (row) => row.name },
  { id: "id", label: "Id", width: 220, cell: (row) => text(row.id) },
  { id: "enabled", label: "Enabled", width: 100, cell: (row) => yesNo(row.is_enabled ?? null) },
  { id: "admin", label: "Administrator", width: 120, cell: (row) => yesNo(row.is_admin ?? null) },
];
const groups: Column<Rows<"groups">>[] = [
  { id: "name", label: "Name", width: 220, cell: (row) => row.name },
  { id: "members", label: "Members", width: 480, cell: (row) => text((row.members ?? []).join(", ")) },
];
const extensions: Column<Rows<"extensions">>[] = [
  { id: "name", label: "Name", width: 200, cell: (row) => row.name || row.id },
  { id: "version", label: "Version", width: 100, cell: (row) => text(row.version) },
  { id: "browser", label: "Browser", width: 100, cell: (row) => row.browser },
  { id: "enabled", label: "Enabled", width: 90, cell: (row) => yesNo(row.is_enabled ?? null) },
  {
    id: "permissions",
    label: "Permissions",
    width: 300,
    cell: (row) => text([...(row.permissions ?? []), ...(row.sites ?? [])].join(", ")),
  },
];
const certificates: Column<Rows<"certificates">>[] = [
  { id: "subject", label: "Subject", width: 240, cell: (row) => row.subject || row.sha256 },
  { id: "issuer", label: "Issuer", width: 200, cell: (row) => text(row.issuer) },
  { id: "until", label: "Valid until", width: 110, cell: (row) => format.date(row.not_after || null) },
  {
    id: "key",
    label: "Key",
    width: 100,
    cell: (row) => text([row.key_type, row.key_bits || ""].filter(Boolean).join(" ")),
  },
  { id: "signature", label: "Signature", width: 130, cell: (row) => text(row.signature) },
  { id: "store", label: "Store", width: 180, cell: (row) => text(row.store) },
];
const shares: Column<Rows<"shares">>[] = [
  { id: "name", label: "Name", width: 160, cell: (row) => row.name },
  { id: "protocol", label: "Protocol", width: 90, cell: (row) => row.protocol },
  { id: "path", label: "Path", width: 240, cell: (row) => text(row.path) },
  { id: "read", label: "Read only", width: 100, cell: (row) => yesNo(row.is_read_only ?? null) },
  { id: "guests", label: "Guests", width: 100, cell: (row) => yesNo(row.allows_guests ?? null) },
  { id: "clients", label: "For", width: 200, cell: (row) => text((row.clients ?? []).join(", ")) },
];
