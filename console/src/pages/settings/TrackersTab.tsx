/** Connections to ticketing systems. Secrets are given once and never shown again. */
import { Button, Switch } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { trackersQuery } from "../../api/settingsQueries";
import type { TrackerList, TrackerRow } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Facts } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { ConnectionForm } from "./ConnectionForm";

const NEW = "new";
const TOPICS = ["remediation"];

export function TrackersTab() {
  const { change } = useUrl();
  const query = useQuery(trackersQuery());
  const toggle = useChange(
    ({ id, is_enabled }: { id: number; is_enabled: boolean }) =>
      send("POST", `/remediation/trackers/${id}/switch`, { is_enabled }),
    TOPICS,
  );
  const removal = useChange((id: number) => send("POST", `/remediation/trackers/${id}/removal`, {}), TOPICS);
  const error = toggle.error ?? removal.error;
  const manage: Column<TrackerRow>[] = [
    {
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
    },
    {
      id: "remove",
      label: "Manage",
      width: 130,
      cell: (row) => (
        <RemoveButton
          what={row.name}
          label="Forget"
          isPending={removal.isPending}
          onRemove={() => removal.mutate(row.id)}
        />
      ),
    },
  ];
  return (
    <>
      <Bar text="Requests for remediation can open a ticket in these systems; states and notes come back.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          Connect a system
        </Button>
      </Bar>
      {error && <Failed error={error} />}
      <Result query={query} lines={4}>
        {(found) => (
          <>
            {found.trackers.length === 0 ? (
              <Empty title="No ticketing system is connected" />
            ) : (
              <Grid
                label="Ticketing systems"
                columns={[...columns, ...manage]}
                rows={found.trackers}
                rowKey={(row) => String(row.id)}
              />
            )}
            <TrackerFlyout found={found} />
          </>
        )}
      </Result>
    </>
  );
}

const columns: Column<TrackerRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 190,
    cell: (row) => (
      <PageLink to="/settings" search={{ tab: "trackers", open: String(row.id) }}>
        {row.name}
      </PageLink>
    ),
  },
  { id: "kind", label: "Product", width: 130, cell: (row) => format.words(row.kind) },
  {
    id: "state",
    label: "State",
    width: 340,
    cell: (row) =>
      row.failing_since ? `Fails since ${format.time(row.failing_since)}: ${row.failure}` : "Works",
  },
];

function TrackerFlyout({ found }: { found: TrackerList }) {
  const { state, change } = useUrl();
  const tracker = found.trackers.find((one) => String(one.id) === state.open);
  const close = () => change({ open: undefined }, true);
  return (
    <Flyout
      isOpen={tracker !== undefined || state.open === NEW}
      title={tracker?.name ?? "Connect a ticketing system"}
      onClose={close}
    >
      {tracker ? (
        <Facts
          facts={[
            ["Product", format.words(tracker.kind)],
            ["Connected", format.time(tracker.created_at)],
            ["Address for what it reports back", `${window.location.origin}${tracker.callback_path}`],
            ...Object.entries(tracker.settings).map(([name, value]): [string, string] => [
              format.words(name),
              value,
            ]),
          ]}
        />
      ) : (
        state.open === NEW && (
          <ConnectionForm
            label="Connect a ticketing system"
            path="/remediation/trackers"
            topics={TOPICS}
            kinds={found.kinds}
            onDone={close}
          />
        )
      )}
    </Flyout>
  );
}
