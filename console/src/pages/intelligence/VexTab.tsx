/** Uploaded VEX documents: what vendors or people say about weaknesses of certain software. */
import { useQuery } from "@tanstack/react-query";

import { send, upload } from "../../api/client";
import { vexQuery } from "../../api/queries";
import type { VexOutcome, VexRow } from "../../api/types";
import { useMay } from "../../app/access";
import { ForeignText, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { UploadForm } from "../../ui/UploadForm";

const MOST_BYTES = 1024 * 1024;
const TOPICS = ["knowledge", "weaknesses", "devices", "software", "dashboard", "recommendations"];

const columns: Column<VexRow>[] = [
  { id: "name", label: "Document", width: 360, cell: (row) => row.name },
  {
    id: "statements",
    label: "Statements",
    width: 100,
    isNumber: true,
    cell: (row) => format.count(row.statements),
  },
  { id: "refused", label: "Refused", width: 90, isNumber: true, cell: (row) => format.count(row.refused) },
  { id: "by", label: "Uploaded by", width: 130, cell: (row) => format.person(row.written_by) },
  { id: "at", label: "Uploaded", width: 185, cell: (row) => format.time(row.written_at) },
];

export function VexTab() {
  const mayWrite = useMay("ManageSecurity");
  const query = useQuery(vexQuery());
  const removal = useChange((id: string) => send("DELETE", `/vex/${encodeURIComponent(id)}`), TOPICS);
  const remove: Column<VexRow> = {
    id: "remove",
    label: "Take back",
    width: 140,
    cell: (row) => (
      <RemoveButton what={row.name} isPending={removal.isPending} onRemove={() => removal.mutate(row.id)} />
    ),
  };
  return (
    <>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No VEX documents">
              OpenVEX, CSAF and CycloneDX say which weaknesses do not affect a product. Unknown states hide
              nothing.
            </Empty>
          ) : (
            <Grid
              label="VEX documents"
              columns={mayWrite ? [...columns, remove] : columns}
              rows={rows}
              rowKey={(row) => row.id}
            />
          )
        }
      </Result>
      {mayWrite && <NewVex />}
    </>
  );
}

function NewVex() {
  const change = useChange((file: File) => upload<VexOutcome>("/vex", file), TOPICS);
  const outcome = change.data;
  return (
    <Section level={2} title="Upload a VEX document">
      {outcome && (
        <Done>
          {outcome.name}: {format.counted(outcome.statements, "statement")}, {format.count(outcome.refused)}{" "}
          refused; {format.counted(outcome.software_versions_changed, "software version")} judged anew.
        </Done>
      )}
      {outcome && outcome.problems.length > 0 && <ForeignText text={outcome.problems.join("\n")} />}
      <UploadForm
        label="Upload a VEX document"
        fileLabel="OpenVEX, CSAF or CycloneDX VEX"
        hint="A JSON file of at most 1 MiB. One of the same id is replaced."
        accept=".json,application/json"
        mostBytes={MOST_BYTES}
        change={change}
        onUpload={(file) => change.mutate(file)}
      />
    </Section>
  );
}
