/** Devices that somebody said to be other ones, each with its way back. */
import { Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { mergedDevicesQuery } from "../../api/settingsQueries";
import type { MergedDeviceRow } from "../../api/types";
import { useMay } from "../../app/access";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { Empty, Failed, Result } from "../../ui/states";
import { DeviceLink } from "../devices/columns";

const columns: Column<MergedDeviceRow>[] = [
  {
    id: "device",
    label: "Merged device",
    width: 150,
    cell: (row) => row.device.name || row.device.id.slice(0, 12),
  },
  {
    id: "into",
    label: "Is now",
    width: 150,
    cell: (row) => (row.into.is_there ? <DeviceLink device={row.into} /> : row.into.name),
  },
  { id: "reason", label: "Why", width: 190, cell: (row) => row.reason || format.UNKNOWN },
  { id: "merged_by", label: "Merged by", width: 110, cell: (row) => format.person(row.merged_by) },
  { id: "merged_at", label: "Merged on", width: 105, cell: (row) => format.date(row.merged_at) },
];

export function MergedDevices({ topics }: { topics: readonly string[] }) {
  const mayManage = useMay("ManageSecurity");
  const query = useQuery(mergedDevicesQuery());
  const undo = useChange(
    (id: string) => send("POST", `/devices/${encodeURIComponent(id)}/unmerge`, {}),
    topics,
  );
  const back: Column<MergedDeviceRow> = {
    id: "undo",
    label: "Manage",
    width: 90,
    cell: (row) => (
      <Button
        size="small"
        disabledFocusable={undo.isPending}
        aria-label={`Undo the merge of ${row.device.name || row.device.id}`}
        onClick={() => undo.mutate(row.device.id)}
      >
        Undo
      </Button>
    ),
  };
  return (
    <>
      {undo.error && <Failed error={undo.error} />}
      <Result query={query} lines={3}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No device is merged into another one" />
          ) : (
            <Grid
              label="Merged devices"
              columns={mayManage ? [...columns, back] : columns}
              rows={rows}
              rowKey={(row) => row.device.id}
            />
          )
        }
      </Result>
    </>
  );
}
