/** Where detections come in: the formats that are known, and mappings of products of one's own. */
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { intakesQuery, mappingsQuery } from "../../api/threatQueries";
import type { DetectionMapping, IntakeRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Bar } from "../../ui/Bar";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import { useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { ExternalLink, PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { MappingForm } from "./MappingForm";

const NEW = "new";
const NO_MAPPINGS: DetectionMapping[] = [];

const useStyles = makeStyles({
  code: { fontFamily: tokens.fontFamilyMonospace },
});

export function IntakesTab() {
  const { change } = useUrl();
  const mayManage = useMay("ManageSecurity");
  const query = useQuery(intakesQuery());
  const mappings = useQuery({ ...mappingsQuery(), enabled: mayManage });
  const removal = useChange(
    (name: string) => send("DELETE", `/detection-mappings/${encodeURIComponent(name)}`),
    ["detections"],
  );
  const remove: Column<IntakeRow> = {
    id: "remove",
    label: "Manage",
    width: 130,
    cell: (row) =>
      row.is_own && (
        <RemoveButton
          what={row.title}
          isPending={removal.isPending}
          onRemove={() => removal.mutate(row.name)}
        />
      ),
  };
  return (
    <>
      <Bar text="Products that watch devices send what they detect to one of these addresses.">
        {mayManage && (
          <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
            Map another product
          </Button>
        )}
      </Bar>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query}>
        {(rows) => (
          <>
            <Grid
              label="Intakes"
              columns={mayManage && rows.some((row) => row.is_own) ? [...columns, remove] : columns}
              rows={rows}
              rowKey={(row) => row.name}
            />
            <IntakeFlyout intakes={rows} mappings={mappings.data ?? NO_MAPPINGS} mayManage={mayManage} />
          </>
        )}
      </Result>
    </>
  );
}

function addressOf(name: string): string {
  return `${window.location.origin}/api/v1/detections/${encodeURIComponent(name)}`;
}

function Address({ name }: { name: string }) {
  const styles = useStyles();
  return <span className={styles.code}>POST {addressOf(name)}</span>;
}

const columns: Column<IntakeRow>[] = [
  {
    id: "title",
    label: "Reads",
    width: 280,
    cell: (row) => (
      <PageLink to="/detections" search={{ tab: "intakes", open: row.name }}>
        {row.title}
      </PageLink>
    ),
  },
  { id: "kind", label: "Kind", width: 110, cell: (row) => (row.is_own ? "Own mapping" : "Built in") },
  { id: "address", label: "Address", width: 420, cell: (row) => <Address name={row.name} /> },
];

interface IntakeFlyoutProps {
  intakes: IntakeRow[];
  mappings: DetectionMapping[];
  mayManage: boolean;
}

function IntakeFlyout({ intakes, mappings, mayManage }: IntakeFlyoutProps) {
  const { state, change } = useUrl();
  const intake = intakes.find((one) => one.name === state.open);
  const mapping = mappings.find((one) => one.name === state.open);
  const isNew = mayManage && state.open === NEW;
  const close = () => change({ open: undefined }, true);
  return (
    <Flyout
      isOpen={isNew || intake !== undefined}
      title={intake?.title ?? "Map another product"}
      onClose={close}
    >
      {intake && <HowToSend intake={intake} />}
      {(isNew || mapping) && (
        <Section title={mapping ? "Mapping" : "Where its events have what"}>
          <MappingForm key={state.open} mapping={mapping} onDone={close} />
        </Section>
      )}
    </Flyout>
  );
}

function HowToSend({ intake }: { intake: IntakeRow }) {
  return (
    <Section title="How to send">
      <Facts
        facts={[
          ["Address", <Address key="address" name={intake.name} />],
          [
            "Body",
            "JSON: one event, a list, the product's own wrapper, or JSON lines; at most 1,000 events and 1 MiB",
          ],
          ["Credential", <Credential key="credential" />],
          ["Specification", intake.specification && <ExternalLink address={intake.specification} />],
        ]}
      />
    </Section>
  );
}

function Credential() {
  const mayMake = useMay("ManageSystemSettings");
  return (
    <>
      An API token that may send detections, as <code>Authorization: Bearer</code>.{" "}
      {mayMake && (
        <PageLink to="/settings" search={{ tab: "tokens", open: "new" }}>
          Make one
        </PageLink>
      )}
    </>
  );
}
