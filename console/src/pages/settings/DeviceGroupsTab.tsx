/** Device groups: rules, ranks and names. A device is in the highest ranked group that it matches. */
import { Button, Field, Input, Textarea } from "@fluentui/react-components";
import { ArrowDown16Regular, ArrowUp16Regular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { deviceGroupsQuery } from "../../api/settingsQueries";
import type { DeviceGroupRequest, DeviceGroupRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Bar } from "../../ui/Bar";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { draftOf, isWithinLimits, ruleOf, ruleText } from "./rule";
import { RuleEditor } from "./RuleEditor";

const TOPICS = ["groups", "devices", "dashboard", "weaknesses", "software", "recommendations", "session"];
const NEW = "new";

export function DeviceGroupsTab() {
  const { change } = useUrl();
  const mayManage = useMay("ManageSystemSettings");
  const query = useQuery(deviceGroupsQuery());
  const order = useChange((ids: number[]) => send("POST", "/device-groups/order", { order: ids }), TOPICS);
  const removal = useChange((id: number) => send("DELETE", `/device-groups/${id}`), TOPICS);
  const error = order.error ?? removal.error;
  return (
    <>
      <Bar text="A device is in the highest ranked group that it matches. Rank 1 is highest.">
        {mayManage && (
          <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
            New device group
          </Button>
        )}
      </Bar>
      {error && <Failed error={error} />}
      <Result query={query}>
        {(groups) => {
          const ranked = groups.filter((group) => !group.is_default).map((group) => group.id);
          const move = (id: number, by: -1 | 1) => order.mutate(moved(ranked, id, by));
          const manage: Column<DeviceGroupRow> = {
            id: "manage",
            label: "Manage",
            width: 185,
            cell: (group) =>
              !group.is_default && (
                <>
                  <Button
                    size="small"
                    appearance="subtle"
                    icon={<ArrowUp16Regular />}
                    aria-label={`Rank ${group.name} higher`}
                    disabledFocusable={order.isPending || group.id === ranked[0]}
                    onClick={() => move(group.id, -1)}
                  />
                  <Button
                    size="small"
                    appearance="subtle"
                    icon={<ArrowDown16Regular />}
                    aria-label={`Rank ${group.name} lower`}
                    disabledFocusable={order.isPending || group.id === ranked.at(-1)}
                    onClick={() => move(group.id, 1)}
                  />
                  <RemoveButton
                    what={group.name}
                    label="Delete"
                    isPending={removal.isPending}
                    onRemove={() => removal.mutate(group.id)}
                  />
                </>
              ),
          };
          return (
            <>
              <Grid
                label="Device groups"
                columns={[rankColumn(groups), ...columns, ...(mayManage ? [manage] : [])]}
                rows={groups}
                rowKey={(group) => String(group.id)}
              />
              <GroupFlyout groups={groups} mayManage={mayManage} />
            </>
          );
        }}
      </Result>
    </>
  );
}

/** Ids with one of them moved up or down by one place. */
function moved(ids: number[], id: number, by: -1 | 1): number[] {
  const next = ids.filter((one) => one !== id);
  next.splice(Math.max(0, ids.indexOf(id) + by), 0, id);
  return next;
}

/** Ranks as places in the order, from 1; the default group is the last. */
function rankColumn(groups: DeviceGroupRow[]): Column<DeviceGroupRow> {
  return {
    id: "rank",
    label: "Rank",
    width: 50,
    isNumber: true,
    cell: (group) => (group.is_default ? "Last" : String(groups.indexOf(group) + 1)),
  };
}

const columns: Column<DeviceGroupRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 160,
    cell: (group) =>
      group.is_default ? (
        group.name
      ) : (
        <PageLink to="/settings" search={{ open: String(group.id) }}>
          {group.name}
        </PageLink>
      ),
  },
  {
    id: "devices",
    label: "Devices",
    width: 80,
    isNumber: true,
    cell: (group) => format.count(group.devices),
  },
  {
    id: "rule",
    label: "Matching rule",
    width: 280,
    cell: (group) => (group.is_default ? "Every device that no other group takes" : ruleText(group.rule)),
  },
  {
    id: "description",
    label: "Description",
    width: 140,
    cell: (group) => group.description || format.UNKNOWN,
  },
];

function GroupFlyout({ groups, mayManage }: { groups: DeviceGroupRow[]; mayManage: boolean }) {
  const { state, change } = useUrl();
  const group = groups.find((one) => String(one.id) === state.open && !one.is_default);
  const isOpen = mayManage && (group !== undefined || state.open === NEW);
  return (
    <Flyout
      isOpen={isOpen}
      title={group ? group.name : "New device group"}
      onClose={() => change({ open: undefined }, true)}
    >
      {isOpen && (
        <GroupForm key={state.open} group={group} onDone={() => change({ open: undefined }, true)} />
      )}
    </Flyout>
  );
}

function GroupForm({ group, onDone }: { group: DeviceGroupRow | undefined; onDone: () => void }) {
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const [draft, setDraft] = useState(() => draftOf(group?.rule));
  const change = useChange(
    (asked: DeviceGroupRequest) =>
      group ? send("PUT", `/device-groups/${group.id}`, asked) : send("POST", "/device-groups", asked),
    TOPICS,
    onDone,
  );
  return (
    <Form
      label="Device group"
      submitLabel={group ? "Save" : "Make the group"}
      change={change}
      isReady={name.trim() !== "" && isWithinLimits(draft)}
      onCancel={onDone}
      onSubmit={() =>
        change.mutate({ name: name.trim(), description: description.trim(), rule: ruleOf(draft) })
      }
    >
      <Field label="Name" required>
        <Input value={name} maxLength={100} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="Description">
        <Textarea value={description} maxLength={2000} onChange={(_, { value }) => setDescription(value)} />
      </Field>
      <RuleEditor draft={draft} onDraft={setDraft} />
    </Form>
  );
}
