/** Credentials of programs: what each may do, until when, and ending one at once. */
import { Badge, Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { groupsQuery } from "../../api/queries";
import { apiTokensQuery, rolesQuery } from "../../api/settingsQueries";
import type { ApiTokenListed } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { groupsText } from "./permissions";
import { ONLY_DETECTIONS, TokenForm } from "./TokenForm";

const NEW = "new";

export function TokensTab() {
  const { state, change } = useUrl();
  const query = useQuery(apiTokensQuery());
  const roles = useQuery(rolesQuery());
  const { data: groups = [] } = useQuery(groupsQuery());
  const names = new Map(groups.map((group) => [group.id, group.name]));
  const revocation = useChange((id: number) => send("DELETE", `/admin/api-tokens/${id}`), ["access"]);
  const close = () => change({ open: undefined }, true);
  const shown: Column<ApiTokenListed>[] = [
    ...columns,
    { id: "groups", label: "Sees", width: 200, cell: (row) => groupsText(row.groups, names) },
    {
      id: "revoke",
      label: "Manage",
      width: 130,
      cell: (row) =>
        row.state === "good" && (
          <RemoveButton
            what={row.name}
            label="Revoke"
            isPending={revocation.isPending}
            onRemove={() => revocation.mutate(row.id)}
          />
        ),
    },
  ];
  return (
    <>
      <Bar text="Programs use the API with a token. It is shown once, when it is made; a revoked one is refused at once.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          New API token
        </Button>
      </Bar>
      {revocation.error && <Failed error={revocation.error} />}
      <Result query={query} lines={4}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No program has a token yet">
              Make one for each program, so that each can be ended.
            </Empty>
          ) : (
            <Grid label="API tokens" columns={shown} rows={rows} rowKey={(row) => String(row.id)} />
          )
        }
      </Result>
      <Flyout isOpen={state.open === NEW} title="New API token" onClose={close}>
        <Result query={roles}>{(found) => <TokenForm roles={found.roles} onDone={close} />}</Result>
      </Flyout>
    </>
  );
}

/** What it may do, in a few words. */
export function mayText({ role, permissions }: Pick<ApiTokenListed, "role" | "permissions">): string {
  if (permissions === null) return `All of ${format.words(role)}`;
  if (permissions.length === 1 && permissions[0] === ONLY_DETECTIONS) return "Send detections";
  return permissions.join(", ") || "Nothing";
}

function State({ token }: { token: ApiTokenListed }) {
  if (token.state === "good") return "Works";
  return (
    <>
      <Badge appearance="outline" size="small" color={token.state === "revoked" ? "danger" : "warning"}>
        {token.state === "revoked" ? "Revoked" : "Expired"}
      </Badge>{" "}
      {token.revoked_at && format.date(token.revoked_at)}
    </>
  );
}

const columns: Column<ApiTokenListed>[] = [
  { id: "name", label: "Name", width: 190, cell: (row) => row.name },
  { id: "state", label: "State", width: 165, cell: (row) => <State token={row} /> },
  { id: "may", label: "May do", width: 190, cell: mayText },
  { id: "created_at", label: "Made", width: 105, cell: (row) => format.date(row.created_at) },
  { id: "expires_at", label: "Works until", width: 105, cell: (row) => format.date(row.expires_at) },
];
