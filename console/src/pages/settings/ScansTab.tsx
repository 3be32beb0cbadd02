/** Authenticated scans over SSH of Linux devices that run no agent. */
import { Button, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { scanRunsQuery, scansQuery } from "../../api/settingsQueries";
import type { ScanOutcome, ScanRow, ScanRunRow } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { DeviceLink } from "../devices/columns";
import { ScanForm } from "./ScanForm";

const NEW = "new";

export function ScansTab() {
  const { state, change } = useUrl();
  const query = useQuery(scansQuery());
  const removal = useChange((id: number) => send("DELETE", `/scans/${id}`), ["scans"]);
  const close = () => change({ open: undefined }, true);
  const scan = query.data?.find((one) => String(one.id) === state.open);
  const remove: Column<ScanRow> = {
    id: "remove",
    label: "Manage",
    width: 130,
    cell: (row) => (
      <RemoveButton what={row.name} isPending={removal.isPending} onRemove={() => removal.mutate(row.id)} />
    ),
  };
  return (
    <>
      <Bar text="Reads Linux devices over SSH that run no agent. Keys of hosts are pinned at first sight.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          New scan
        </Button>
      </Bar>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query} lines={4}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="There are no scans" />
          ) : (
            <Grid label="Scans" columns={[...columns, remove]} rows={rows} rowKey={(row) => String(row.id)} />
          )
        }
      </Result>
      <Flyout
        isOpen={scan !== undefined || state.open === NEW}
        title={scan?.name ?? "New scan"}
        subtitle={scan?.targets.join(", ")}
        onClose={close}
      >
        {scan ? <Runs key={scan.id} scan={scan} /> : state.open === NEW && <ScanForm onDone={close} />}
      </Flyout>
    </>
  );
}

const columns: Column<ScanRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 180,
    cell: (row) => (
      <PageLink to="/settings" search={{ tab: "scans", open: String(row.id) }}>
        {row.name}
      </PageLink>
    ),
  },
  { id: "targets", label: "Targets", width: 300, cell: (row) => row.targets.join(", ") },
  { id: "username", label: "User", width: 120, cell: (row) => row.username },
  {
    id: "every",
    label: "Repeats",
    width: 120,
    cell: (row) => (row.every_hours === 0 ? "Never" : `Every ${format.counted(row.every_hours, "hour")}`),
  },
  { id: "last", label: "Last run", width: 185, cell: (row) => format.time(row.last_run_at) },
];

function Runs({ scan }: { scan: ScanRow }) {
  const query = useQuery(scanRunsQuery(scan.id));
  const run = useChange(
    (kind: "test" | "asked") => send("POST", `/scans/${scan.id}/runs`, { kind }),
    ["scans", "devices"],
  );
  const trust = useChange(
    (key: { address: string; fingerprint: string }) => send("POST", `/scans/${scan.id}/keys`, key),
    ["scans"],
  );
  const error = run.error ?? trust.error;
  return (
    <>
      <Form
        label="Run the scan"
        submitLabel={run.isPending ? "Running" : "Test the first five addresses"}
        change={{ isPending: run.isPending, error }}
        isReady
        onSubmit={() => run.mutate("test")}
        more={
          <Button disabledFocusable={run.isPending} onClick={() => run.mutate("asked")}>
            Run all now
          </Button>
        }
      >
        <Text>A test records nothing.</Text>
      </Form>
      <Result query={query} lines={4}>
        {(runs) =>
          runs.length === 0 ? (
            <Empty title="It has not run yet" />
          ) : (
            runs.map((one) => (
              <Run
                key={one.id}
                run={one}
                isPending={trust.isPending}
                onTrust={(address, fingerprint) => trust.mutate({ address, fingerprint })}
              />
            ))
          )
        }
      </Result>
    </>
  );
}

const STATUSES: Record<ScanOutcome["status"], string> = {
  recorded: "Recorded",
  reached: "Reached",
  waiting: "Waits for approval",
  refused: "Refused",
  failed: "Failed",
  unreachable: "Not reachable",
  key_changed: "Its key has changed",
};

interface RunProps {
  run: ScanRunRow;
  isPending: boolean;
  onTrust: (address: string, fingerprint: string) => void;
}

function Run({ run, isPending, onTrust }: RunProps) {
  const outcomes: Column<ScanOutcome>[] = [
    { id: "address", label: "Address", width: 150, cell: (one) => one.address },
    {
      id: "status",
      label: "Outcome",
      width: 140,
      cell: (one) => <span title={one.reason ?? ""}>{STATUSES[one.status]}</span>,
    },
    {
      id: "device",
      label: "Device",
      width: 150,
      cell: (one) =>
        one.device_id ? (
          <DeviceLink device={{ id: one.device_id, name: one.device_name ?? "" }} />
        ) : (
          one.reason || format.UNKNOWN
        ),
    },
    {
      id: "software",
      label: "Software",
      width: 80,
      isNumber: true,
      cell: (one) => format.count(one.software),
    },
    {
      id: "key",
      label: "Key of the host",
      width: 180,
      cell: (one) =>
        one.status === "key_changed" && one.key ? (
          <Button
            size="small"
            disabledFocusable={isPending}
            title={one.key}
            aria-label={`Trust the new key of ${one.address}: ${one.key}`}
            onClick={() => onTrust(one.address, one.key ?? "")}
          >
            Trust the new key
          </Button>
        ) : (
          <span title={one.key ?? ""}>{one.is_new_key ? `New: ${one.key}` : one.key || format.UNKNOWN}</span>
        ),
    },
  ];
  return (
    <Section title={`${run.kind === "test" ? "Test" : "Run"} of ${format.time(run.started_at)}`}>
      <Grid
        label={`Outcomes of ${format.time(run.started_at)}`}
        columns={outcomes}
        rows={run.outcomes}
        rowKey={(one) => one.address}
      />
    </Section>
  );
}
