/** Who is told what: rules, the newest messages, and the ways to send them. */
import { Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { channelsQuery, notificationsQuery } from "../../api/settingsQueries";
import type { ChannelRow, NotificationRuleRow, SentRow } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Done, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { ChannelForm } from "./ChannelForm";
import { NotificationForm } from "./NotificationForm";
import { ruleSentence } from "./notification";

const NEW_RULE = "new-rule";
const NEW_CHANNEL = "new-channel";

export function NotificationsTab() {
  const { state, change } = useUrl();
  const rules = useQuery(notificationsQuery());
  const channels = useQuery(channelsQuery());
  const remove = useChange((id: number) => send("DELETE", `/notifications/rules/${id}`), ["notifications"]);
  const forget = useChange(
    (id: number) => send("DELETE", `/notifications/channels/${id}`),
    ["notifications"],
  );
  const test = useChange((id: number) => send("POST", `/notifications/rules/${id}/test`), ["notifications"]);
  const error = remove.error ?? forget.error ?? test.error;
  const close = () => change({ open: undefined }, true);
  const rule = rules.data?.rules.find((one) => String(one.id) === state.open);
  const ways = channels.data?.channels ?? [];
  return (
    <>
      <Bar
        text={ways.length === 0 ? "Rules need a way to send first." : "Rules say who is told what, and when."}
      >
        <Button
          size="small"
          appearance="primary"
          disabledFocusable={ways.length === 0}
          onClick={() => change({ open: NEW_RULE }, true)}
        >
          New rule
        </Button>
        <Button size="small" onClick={() => change({ open: NEW_CHANNEL }, true)}>
          New way to send
        </Button>
      </Bar>
      {error && <Failed error={error} />}
      {test.isSuccess && <Done>A test message is on its way; see the newest messages.</Done>}
      <Section level={2} title="Rules">
        <Result query={rules} lines={3}>
          {(found) =>
            found.rules.length === 0 ? (
              <Empty title="Nobody is told anything" />
            ) : (
              <Grid
                label="Notification rules"
                rows={found.rules}
                rowKey={(one) => String(one.id)}
                columns={[
                  ...ruleColumns(ways),
                  {
                    id: "manage",
                    label: "Manage",
                    width: 210,
                    cell: (one) => (
                      <>
                        <Button
                          size="small"
                          disabledFocusable={test.isPending}
                          aria-label={`Send a test of ${one.rule.name}`}
                          onClick={() => test.mutate(one.id)}
                        >
                          Send a test
                        </Button>{" "}
                        <RemoveButton
                          what={one.rule.name}
                          label="Delete"
                          isPending={remove.isPending}
                          onRemove={() => remove.mutate(one.id)}
                        />
                      </>
                    ),
                  },
                ]}
              />
            )
          }
        </Result>
      </Section>
      <Section level={2} title="Ways to send">
        <Result query={channels} lines={3}>
          {(found) =>
            found.channels.length === 0 ? (
              <Empty title="No way to send is connected" />
            ) : (
              <Grid
                label="Ways to send"
                rows={found.channels}
                rowKey={(one) => String(one.id)}
                columns={[
                  ...channelColumns,
                  {
                    id: "manage",
                    label: "Manage",
                    width: 130,
                    cell: (one) => (
                      <RemoveButton
                        what={one.name}
                        label="Forget"
                        isPending={forget.isPending}
                        onRemove={() => forget.mutate(one.id)}
                      />
                    ),
                  },
                ]}
              />
            )
          }
        </Result>
      </Section>
      {rules.data && rules.data.sent.length > 0 && (
        <Section level={2} title="Newest messages">
          <Grid
            label="Newest messages"
            columns={sentColumns}
            rows={rules.data.sent}
            rowKey={(one) => `${one.rule_id} ${one.created_at} ${one.subject}`}
          />
        </Section>
      )}
      <Flyout
        isOpen={rule !== undefined || state.open === NEW_RULE || state.open === NEW_CHANNEL}
        title={rule?.rule.name ?? (state.open === NEW_CHANNEL ? "New way to send" : "New rule")}
        onClose={close}
      >
        {state.open === NEW_CHANNEL && channels.data && <ChannelForm kinds={channels.data} onDone={close} />}
        {(rule !== undefined || state.open === NEW_RULE) && ways.length > 0 && (
          <NotificationForm key={state.open} saved={rule} channels={ways} onDone={close} />
        )}
      </Flyout>
    </>
  );
}

function ruleColumns(channels: ChannelRow[]): Column<NotificationRuleRow>[] {
  return [
    {
      id: "name",
      label: "Name",
      width: 180,
      cell: (row) => (
        <PageLink to="/settings" search={{ tab: "notifications", open: String(row.id) }}>
          {row.rule.name}
        </PageLink>
      ),
    },
    { id: "what", label: "Tells", width: 360, cell: (row) => ruleSentence(row.rule) },
    {
      id: "channel",
      label: "By",
      width: 130,
      cell: (row) => channels.find((one) => one.id === row.rule.channel_id)?.name ?? format.UNKNOWN,
    },
    {
      id: "active",
      label: "State",
      width: 80,
      cell: (row) => (row.rule.is_active === false ? "Off" : "On"),
    },
    { id: "sent", label: "Last sent", width: 185, cell: (row) => format.time(row.sent_at) },
  ];
}

const channelColumns: Column<ChannelRow>[] = [
  { id: "name", label: "Name", width: 180, cell: (row) => row.name },
  { id: "kind", label: "Kind", width: 100, cell: (row) => format.words(row.kind) },
  {
    id: "state",
    label: "Last try",
    width: 380,
    cell: (row) => (row.failure ? `Failed ${format.time(row.failed_at)}: ${row.failure}` : "No failure"),
  },
];

const STATES: Record<SentRow["state"], string> = {
  waiting: "Waiting",
  sent: "Sent",
  given_up: "Given up",
};

const sentColumns: Column<SentRow>[] = [
  { id: "subject", label: "Message", width: 330, cell: (row) => row.subject },
  { id: "state", label: "State", width: 90, cell: (row) => STATES[row.state] },
  { id: "created", label: "Written", width: 185, cell: (row) => format.time(row.created_at) },
  { id: "sent", label: "Sent", width: 185, cell: (row) => format.time(row.sent_at) },
  { id: "failure", label: "What went wrong", width: 220, cell: (row) => row.failure ?? format.UNKNOWN },
];
