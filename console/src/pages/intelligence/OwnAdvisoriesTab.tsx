/** Advisories that the organisation itself writes, in OSV's form. */
import { Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send, upload } from "../../api/client";
import { ownAdvisoriesQuery } from "../../api/queries";
import type { OwnAdvisoryRow, OwnOutcome } from "../../api/types";
import { useMay } from "../../app/access";
import { Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { UploadForm } from "../../ui/UploadForm";
import { OpenWeakness } from "../weaknesses/columns";

const MOST_BYTES = 512 * 1024;
const ROWS_SENT = 100;
const TOPICS = ["knowledge", "weaknesses", "devices", "software", "dashboard", "recommendations"];

const columns: Column<OwnAdvisoryRow>[] = [
  { id: "id", label: "Advisory", width: 180, cell: (row) => <OpenWeakness name={row.id} /> },
  { id: "title", label: "Title", width: 300, cell: (row) => row.title || format.UNKNOWN },
  { id: "software", label: "Affected software", width: 240, cell: (row) => row.software.join(", ") },
  { id: "by", label: "Written by", width: 120, cell: (row) => format.person(row.written_by) },
  { id: "at", label: "Written", width: 185, cell: (row) => format.time(row.written_at) },
  {
    id: "withdrawn",
    label: "Withdrawn",
    width: 120,
    cell: (row) => format.date(row.withdrawn_at),
  },
];

export function OwnAdvisoriesTab() {
  const mayWrite = useMay("ManageSecurity");
  const [after, setAfter] = useState<string>();
  const query = useQuery(ownAdvisoriesQuery(after));
  const removal = useChange(
    (id: string) => send("DELETE", `/own-advisories/${encodeURIComponent(id)}`),
    TOPICS,
  );
  const remove: Column<OwnAdvisoryRow> = {
    id: "remove",
    label: "Take back",
    width: 140,
    cell: (row) => (
      <RemoveButton what={row.id} isPending={removal.isPending} onRemove={() => removal.mutate(row.id)} />
    ),
  };
  return (
    <>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No own advisories">
              Write an OSV record about software of your own; it is matched like any other.
            </Empty>
          ) : (
            <>
              <Grid
                label="Own advisories"
                columns={mayWrite ? [...columns, remove] : columns}
                rows={rows}
                rowKey={(row) => row.id}
              />
              {rows.length === ROWS_SENT && (
                <div>
                  <Button size="small" onClick={() => setAfter(rows.at(-1)?.id)}>
                    Next {ROWS_SENT}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Result>
      {mayWrite && <NewAdvisory />}
    </>
  );
}

function NewAdvisory() {
  const change = useChange((file: File) => upload<OwnOutcome>("/own-advisories", file), TOPICS);
  return (
    <Section level={2} title="Write an advisory">
      {change.data && (
        <Done>
          {change.data.id} {change.data.is_new ? "was added" : "was replaced"}
          {change.data.is_in_force ? " and is in force." : "; it is in force when the feeds are loaded."}
        </Done>
      )}
      <UploadForm
        label="Write an advisory"
        fileLabel="OSV record"
        hint="A JSON file of at most 512 KiB. One of the same id is replaced."
        accept=".json,application/json"
        mostBytes={MOST_BYTES}
        change={change}
        onUpload={(file) => change.mutate(file)}
      />
    </Section>
  );
}
