/** Devices without an agent: from any inventory that is known, or a zip archive of several. */
import { Button, Field, Input, Text } from "@fluentui/react-components";
import { useState } from "react";

import { upload } from "../../api/client";
import type { UploadOutcome } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { UploadForm } from "../../ui/UploadForm";
import { useUrl } from "../../url/useUrl";
import { DeviceLink } from "./columns";
import { DEVICE_TOPICS } from "./decision";

const UPLOAD = "upload";
const MOST_BYTES = 16 * 1024 * 1024;

type Uploaded = UploadOutcome["devices"][number];

export function UploadButton() {
  const { change } = useUrl();
  return (
    <Button size="small" onClick={() => change({ view: UPLOAD }, true)}>
      Upload an inventory
    </Button>
  );
}

export function UploadFlyout() {
  const { state, change } = useUrl();
  const isOpen = state.view === UPLOAD;
  return (
    <Flyout
      isOpen={isOpen}
      title="Upload an inventory"
      subtitle="Devices without an agent"
      onClose={() => change({ view: undefined }, true)}
    >
      {isOpen && <Upload />}
    </Flyout>
  );
}

function Upload() {
  const [name, setName] = useState("");
  const [columns, setColumns] = useState("");
  const change = useChange(
    (file: File) =>
      upload<UploadOutcome>(
        "/inventories",
        file,
        { file: file.name, name: name.trim(), columns: columns.trim() },
        "application/octet-stream",
      ),
    DEVICE_TOPICS,
  );
  return (
    <>
      {change.data && <Outcome outcome={change.data} />}
      <Section title="File">
        <UploadForm
          label="Upload an inventory"
          fileLabel="CycloneDX, SPDX, osquery, GLPI, CSV and others, or a zip archive of several"
          hint="Another upload for the same device replaces what this one said."
          accept=".json,.xml,.spdx,.csv,.txt,.gz,.zip,.ocs"
          mostBytes={MOST_BYTES}
          change={change}
          onUpload={(file) => change.mutate(file)}
        >
          <Field label="Name of the device" hint="Empty: as the file says, otherwise the file's name.">
            <Input value={name} maxLength={300} onChange={(_, { value }) => setName(value)} />
          </Field>
          <Field
            label="Columns of a CSV table"
            hint="Where its head uses other words: name=Product,version=Release,host=Computer"
          >
            <Input value={columns} maxLength={300} onChange={(_, { value }) => setColumns(value)} />
          </Field>
        </UploadForm>
      </Section>
    </>
  );
}

const columns: Column<Uploaded>[] = [
  {
    id: "device",
    label: "Device",
    width: 180,
    cell: (row) => <DeviceLink device={{ id: row.device_id, name: row.device_name }} />,
  },
  { id: "format", label: "Read as", width: 130, cell: (row) => row.format },
  { id: "software", label: "Software", width: 90, isNumber: true, cell: (row) => format.count(row.software) },
  { id: "repeated", label: "Repeated", width: 90, isNumber: true, cell: (row) => format.count(row.repeated) },
  {
    id: "refused",
    label: "Refused",
    width: 80,
    isNumber: true,
    cell: (row) => format.count(row.refused.length),
  },
];

const REFUSED_SHOWN = 20;

function Outcome({ outcome }: { outcome: UploadOutcome }) {
  const refused = outcome.devices.flatMap((device) => device.refused).slice(0, REFUSED_SHOWN);
  return (
    <Section title="What became of it">
      {outcome.devices.length > 0 ? (
        <>
          <Done>{format.counted(outcome.devices.length, "device")} taken, assessed and counted.</Done>
          <Grid label="Taken" columns={columns} rows={outcome.devices} rowKey={(row) => row.device_id} />
        </>
      ) : (
        <Text>No device was taken.</Text>
      )}
      <Facts
        facts={[
          ...outcome.failures.map((one): [string, string] => [one.file, one.reason]),
          ...refused.map((one): [string, string] => [one.name || "Without a name", one.reason]),
        ]}
      />
    </Section>
  );
}
