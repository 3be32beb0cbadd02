/** Products that are asked for their alerts: how each connection is, a trial of it, and switching it off. */
import { Badge, Button, makeStyles, Switch, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { pullsQuery } from "../../api/threatQueries";
import type { DetectionPullList, DetectionPullRow, PullTrial } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Notice, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { ConnectionForm } from "../settings/ConnectionForm";
import { pullState, trialText } from "./pulls";

const NEW = "new";
const TOPICS = ["detections"];
const PRODUCTS: Record<string, string> = {
  graph: "Microsoft Graph security alerts",
  defender: "Microsoft Defender for Endpoint",
};

const useStyles = makeStyles({
  trial: { display: "grid", justifyItems: "start", rowGap: tokens.spacingVerticalS },
});

export function PullsTab() {
  const { change } = useUrl();
  const query = useQuery({ ...pullsQuery(), refetchInterval: 30_000 });
  const toggle = useChange(
    ({ id, is_enabled }: { id: number; is_enabled: boolean }) =>
      send("POST", `/detection-pulls/${id}/switch`, { is_enabled }),
    TOPICS,
  );
  const manage: Column<DetectionPullRow> = {
    id: "enabled",
    label: "In use",
    width: 80,
    cell: (row) => (
      <Switch
        aria-label={`Use ${row.name}`}
        checked={row.is_enabled}
        disabled={toggle.isPending}
        onChange={(_, { checked }) => toggle.mutate({ id: row.id, is_enabled: checked })}
      />
    ),
  };
  return (
    <>
      <Bar text="Products that do not send their alerts themselves are asked for them every minute.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          Connect a product
        </Button>
      </Bar>
      {toggle.error && <Failed error={toggle.error} />}
      <Result query={query} lines={4}>
        {(found) => (
          <>
            {found.connections.length === 0 ? (
              <Empty title="No product is asked for alerts">
                Connect Microsoft Graph or Defender for Endpoint, or let a product send to an intake.
              </Empty>
            ) : (
              <Grid
                label="Connections"
                columns={[...columns, manage]}
                rows={found.connections}
                rowKey={(row) => String(row.id)}
              />
            )}
            <PullFlyout found={found} />
          </>
        )}
      </Result>
    </>
  );
}

function State({ pull }: { pull: DetectionPullRow }) {
  const { word, isBad } = pullState(pull);
  return (
    <Badge appearance={isBad ? "tint" : "outline"} size="small" color={isBad ? "danger" : "informative"}>
      {word}
    </Badge>
  );
}

const columns: Column<DetectionPullRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 170,
    cell: (row) => (
      <PageLink to="/detections" search={{ tab: "pulls", open: String(row.id) }}>
        {row.name}
      </PageLink>
    ),
  },
  { id: "kind", label: "Product", width: 220, cell: (row) => PRODUCTS[row.kind] ?? format.words(row.kind) },
  { id: "state", label: "State", width: 120, cell: (row) => <State pull={row} /> },
  { id: "last", label: "Last answer", width: 185, cell: (row) => format.time(row.last_success_at) },
  { id: "alerts", label: "Alerts", width: 80, isNumber: true, cell: (row) => format.count(row.alerts) },
  { id: "failure", label: "Last error", width: 240, cell: (row) => row.failure || format.UNKNOWN },
];

function PullFlyout({ found }: { found: DetectionPullList }) {
  const { state, change } = useUrl();
  const pull = found.connections.find((one) => String(one.id) === state.open);
  const close = () => change({ open: undefined }, true);
  return (
    <Flyout
      isOpen={pull !== undefined || state.open === NEW}
      title={pull?.name ?? "Connect a product"}
      subtitle={pull && (PRODUCTS[pull.kind] ?? format.words(pull.kind))}
      onClose={close}
    >
      {pull ? (
        <Details key={pull.id} pull={pull} onClose={close} />
      ) : (
        state.open === NEW && (
          <ConnectionForm
            label="Connect a product"
            path="/detection-pulls"
            topics={TOPICS}
            kinds={found.kinds}
            names={PRODUCTS}
            onDone={close}
          />
        )
      )}
    </Flyout>
  );
}

function Details({ pull, onClose }: { pull: DetectionPullRow; onClose: () => void }) {
  const removal = useChange(() => send("POST", `/detection-pulls/${pull.id}/removal`, {}), TOPICS, onClose);
  return (
    <>
      <Section title="State">
        <Facts
          facts={[
            ["State", <State key="state" pull={pull} />],
            ["Last answer", format.time(pull.last_success_at)],
            ["Last error", pull.failure || "None"],
            ["Failures in a row", format.count(pull.failures)],
            ["Asked again", pull.next_try_at ? format.time(pull.next_try_at) : "At the next round"],
            ["Alerts taken", format.count(pull.alerts)],
            ["Updates taken up to", format.time(pull.updates_until)],
          ]}
        />
      </Section>
      <Trial pull={pull} />
      <Section title="Settings">
        <Facts
          facts={[
            ["Connected", format.time(pull.created_at)],
            ...Object.entries(pull.settings).map(([name, value]): [string, string] => [
              format.words(name),
              value,
            ]),
          ]}
        />
      </Section>
      <Section title="Forget this connection">
        {removal.error && <Failed error={removal.error} />}
        <div>
          <RemoveButton
            what={pull.name}
            label="Forget"
            isPending={removal.isPending}
            onRemove={() => removal.mutate(undefined)}
          />
        </div>
      </Section>
    </>
  );
}

/** Asks once and shows what came; nothing of it is kept. */
function Trial({ pull }: { pull: DetectionPullRow }) {
  const styles = useStyles();
  const trial = useChange(() => send<PullTrial>("POST", `/detection-pulls/${pull.id}/trial`, {}), []);
  return (
    <Section title="Try it">
      <div className={styles.trial}>
        <Button size="small" disabledFocusable={trial.isPending} onClick={() => trial.mutate(undefined)}>
          {trial.isPending ? "Asking…" : "Ask once now"}
        </Button>
        {trial.error && <Failed error={trial.error} />}
        {trial.data &&
          (trial.data.is_good ? (
            <Done>{trialText(trial.data)}</Done>
          ) : (
            <Notice intent="error">{trialText(trial.data)}</Notice>
          ))}
      </div>
    </Section>
  );
}
