/** Who reports a device, and uploading a bill of materials for it. */
import { Field, Input } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send, upload } from "../../api/client";
import { deviceSourcesQuery } from "../../api/queries";
import type { DeviceSourceRow, Uploaded } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { UploadForm } from "../../ui/UploadForm";

const MOST_BYTES = 32 * 1024 * 1024;
const TOPICS = ["devices", "software", "weaknesses", "dashboard"];
const REFUSED_SHOWN = 20;

const columns: Column<DeviceSourceRow>[] = [
  { id: "source", label: "Source", width: 220, cell: (row) => row.source },
  { id: "software", label: "Software", width: 90, isNumber: true, cell: (row) => format.count(row.software) },
  { id: "reported_at", label: "Last report", width: 185, cell: (row) => format.time(row.reported_at) },
  { id: "last_seen_at", label: "Last seen", width: 185, cell: (row) => format.time(row.last_seen_at) },
  { id: "ended_at", label: "Ended", width: 185, cell: (row) => format.time(row.ended_at) },
];

export function DeviceSources({ deviceId }: { deviceId: string }) {
  const mayManage = useMay("ManageSecurity");
  const query = useQuery(deviceSourcesQuery(deviceId));
  const path = `/devices/${encodeURIComponent(deviceId)}`;
  const removal = useChange(
    (source: string) => send("DELETE", `${path}/sources/${encodeURIComponent(source)}`),
    TOPICS,
  );
  const remove: Column<DeviceSourceRow> = {
    id: "remove",
    label: "Forget",
    width: 140,
    cell: (row) => (
      <RemoveButton
        what={row.source}
        label="Forget"
        isPending={removal.isPending}
        onRemove={() => removal.mutate(row.source)}
      />
    ),
  };
  return (
    <>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing has reported this device yet" />
          ) : (
            <Grid
              label="Sources"
              columns={mayManage ? [...columns, remove] : columns}
              rows={rows}
              rowKey={(row) => row.source}
            />
          )
        }
      </Result>
      {mayManage && <NewComponent path={`${path}/sbom`} />}
    </>
  );
}

function NewComponent({ path }: { path: string }) {
  const [component, setComponent] = useState("");
  const change = useChange(
    (file: File) => upload<Uploaded>(path, file, { component, file: file.name }, "application/octet-stream"),
    TOPICS,
  );
  const outcome = change.data;
  return (
    <Section level={2} title="Upload a bill of materials">
      {outcome && (
        <>
          <Done>
            {outcome.source}: {format.counted(outcome.records, "record")} read as {outcome.format},{" "}
            {format.counted(outcome.software, "software version")} taken, {format.count(outcome.repeated)}{" "}
            repeated, {format.count(outcome.refused.length)} refused.
          </Done>
          <Facts
            facts={[
              ...outcome.refused
                .slice(0, REFUSED_SHOWN)
                .map((one): [string, string] => [one.name || "Without a name", one.reason]),
              ["Notes", outcome.notes.join("\n")],
            ]}
          />
        </>
      )}
      <UploadForm
        label="Upload a bill of materials"
        fileLabel="CycloneDX, SPDX, or any inventory that is known"
        hint="It becomes one component of this device; an upload of the same component replaces it."
        accept=".json,.xml,.spdx,.csv,.txt,.gz,.zip"
        mostBytes={MOST_BYTES}
        change={change}
        onUpload={(file) => change.mutate(file)}
      >
        <Field label="Name of the component" hint="Empty: the document's own name.">
          <Input value={component} maxLength={200} onChange={(_, { value }) => setComponent(value)} />
        </Field>
      </UploadForm>
    </Section>
  );
}
