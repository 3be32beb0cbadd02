/** Exceptions as VEX documents: those in force as a file, and requests from a file. */
import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { VexImport, VexImported } from "../../api/types";
import { useMay } from "../../app/access";
import { FilesMenu } from "../../ui/FilesMenu";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { PageLink } from "../../ui/links";
import { UploadForm } from "../../ui/UploadForm";
import { useUrl } from "../../url/useUrl";
import { EXCEPTION_TOPICS } from "./ExceptionFlyout";
import { vexDocument } from "./vexDocument";

export const IMPORT = "import";
const FORMS = { openvex: "OpenVEX", csaf: "CSAF VEX", cyclonedx: "CycloneDX VEX" };
const MOST_BYTES = 1024 * 1024;

const useStyles = makeStyles({
  actions: { display: "inline-flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

export function VexActions() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const mayAsk = useMay("ActiveRemediation.ExceptionHandling");
  const files = Object.entries(FORMS).map(([form, label]) => ({
    label,
    path: "/exceptions/vex",
    parameters: { form, groups: state.groups },
  }));
  return (
    <span className={styles.actions}>
      <FilesMenu label="Export as VEX" files={files} />
      {mayAsk && (
        <Button size="small" onClick={() => change({ open: undefined, view: IMPORT }, true)}>
          Import VEX
        </Button>
      )}
    </span>
  );
}

export function VexImportFlyout() {
  const { change } = useUrl();
  return (
    <Flyout
      isOpen
      title="Import VEX"
      subtitle="Each statement becomes an exception of one weakness, all or none"
      onClose={() => change({ view: undefined }, true)}
    >
      <ImportForm />
    </Flyout>
  );
}

function ImportForm() {
  const [days, setDays] = useState("90");
  const change = useChange(
    async (file: File) =>
      send<VexImported>("POST", "/exceptions/vex", {
        days: Number(days),
        document: vexDocument(await file.text()),
      } satisfies VexImport),
    EXCEPTION_TOPICS,
  );
  const lasting = Number(days);
  const isLasting = Number.isInteger(lasting) && lasting >= 1 && lasting <= 366;
  return (
    <>
      {change.data && (
        <Done>
          {format.counted(change.data.exceptions.length, "exception")} asked for;{" "}
          {format.counted(change.data.unknown, "statement")} about nothing that is known here.
        </Done>
      )}
      <Text block>
        Takes documents as they are exported here: they name the whole fleet, or software by the ids of
        Weakspot. What vendors say of their products belongs to{" "}
        <PageLink to="/intelligence" search={{ tab: "vex" }}>
          Intelligence
        </PageLink>
        .
      </Text>
      <UploadForm
        label="Import VEX"
        fileLabel="OpenVEX, CSAF or CycloneDX VEX"
        hint="A JSON file of at most 1 MiB. Where two people must agree, somebody else approves."
        accept=".json,application/json"
        mostBytes={MOST_BYTES}
        change={change}
        isReady={isLasting}
        onUpload={(file) => change.mutate(file)}
      >
        <Field label="Days they hold" hint="1 to 366.">
          <Input type="number" min={1} max={366} value={days} onChange={(_, { value }) => setDays(value)} />
        </Field>
      </UploadForm>
    </>
  );
}
