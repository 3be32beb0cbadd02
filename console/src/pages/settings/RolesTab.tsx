/** Roles: what people and programs may do. Built-in ones cannot be changed. */
import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { rolesQuery } from "../../api/settingsQueries";
import type { RoleList, RoleRequest, RoleRow } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { ControlGroup } from "../../ui/ControlGroup";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { permissionLabel, PERMISSIONS } from "./permissions";

const NEW = "new-role";
const TOPICS = ["access", "session"];

const useStyles = makeStyles({
  permissions: { display: "grid" },
  meaning: { display: "block", color: tokens.colorNeutralForeground3 },
});

export function RolesTab() {
  const { change } = useUrl();
  const query = useQuery(rolesQuery());
  const removal = useChange((name: string) => send("POST", "/admin/roles/removal", { name }), TOPICS);
  const remove: Column<RoleRow> = {
    id: "remove",
    label: "Manage",
    width: 130,
    cell: (role) =>
      !role.is_built_in && (
        <RemoveButton
          what={role.name}
          label="Delete"
          isPending={removal.isPending}
          onRemove={() => removal.mutate(role.name)}
        />
      ),
  };
  return (
    <>
      <Bar text="A role is a set of permissions. A change holds from the next request of whoever has it.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          New role
        </Button>
      </Bar>
      {removal.error && <Failed error={removal.error} />}
      <Result query={query} lines={4}>
        {(found) => (
          <>
            <Grid
              label="Roles"
              columns={[...columns, remove]}
              rows={found.roles}
              rowKey={(role) => role.name}
            />
            <RoleFlyout found={found} />
          </>
        )}
      </Result>
    </>
  );
}

const columns: Column<RoleRow>[] = [
  {
    id: "name",
    label: "Role",
    width: 190,
    cell: (role) => (
      <PageLink to="/settings" search={{ tab: "roles", open: role.name }}>
        {format.words(role.name)}
      </PageLink>
    ),
  },
  {
    id: "description",
    label: "Description",
    width: 280,
    cell: (role) => role.description || (role.is_built_in ? "Built in" : format.UNKNOWN),
  },
  {
    id: "permissions",
    label: "Permissions",
    width: 320,
    cell: (role) => role.permissions.map(permissionLabel).join(", ") || "None",
  },
  { id: "users", label: "People", width: 80, isNumber: true, cell: (role) => format.count(role.users) },
];

function RoleFlyout({ found }: { found: RoleList }) {
  const { state, change } = useUrl();
  const role = found.roles.find((one) => one.name === state.open);
  const close = () => change({ open: undefined }, true);
  return (
    <Flyout
      isOpen={role !== undefined || state.open === NEW}
      title={role ? format.words(role.name) : "New role"}
      subtitle={role?.is_built_in && "Built in: it cannot be changed."}
      onClose={close}
    >
      {role?.is_built_in ? (
        <Section title="Permissions">
          <Facts
            facts={role.permissions.map((name): [string, string] => [
              permissionLabel(name),
              PERMISSIONS[name]?.[1] ?? name,
            ])}
          />
        </Section>
      ) : (
        <RoleForm key={state.open} role={role} permissions={found.permissions} onDone={close} />
      )}
    </Flyout>
  );
}

interface RoleFormProps {
  role: RoleRow | undefined;
  permissions: string[];
  onDone: () => void;
}

function RoleForm({ role, permissions, onDone }: RoleFormProps) {
  const styles = useStyles();
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(role?.permissions ?? ["ViewData", "TvmViewData"]),
  );
  const change = useChange((asked: RoleRequest) => send("POST", "/admin/roles", asked), TOPICS, onDone);
  const toggle = (permission: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(permission);
    else next.delete(permission);
    setChosen(next);
  };
  return (
    <Form
      label="Role"
      submitLabel={role ? "Save" : "Make the role"}
      change={change}
      isReady={name.trim() !== "" && chosen.size > 0}
      onCancel={onDone}
      onSubmit={() =>
        change.mutate({
          name: name.trim(),
          description: description.trim(),
          permissions: permissions.filter((one) => chosen.has(one)),
        })
      }
    >
      <Field label="Name" required>
        <Input
          value={name}
          readOnly={role !== undefined}
          maxLength={100}
          onChange={(_, { value }) => setName(value)}
        />
      </Field>
      <Field label="Description">
        <Textarea value={description} maxLength={500} onChange={(_, { value }) => setDescription(value)} />
      </Field>
      <ControlGroup label="Permissions" className={styles.permissions}>
        {permissions.map((permission) => (
          <Checkbox
            key={permission}
            checked={chosen.has(permission)}
            onChange={(_, { checked }) => toggle(permission, checked === true)}
            label={
              <>
                {permissionLabel(permission)}
                <Text size={200} className={styles.meaning}>
                  {PERMISSIONS[permission]?.[1] ?? permission}
                </Text>
              </>
            }
          />
        ))}
      </ControlGroup>
    </Form>
  );
}
