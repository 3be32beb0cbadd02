/** People who can sign in: role, device groups, sign-in links. */
import { Button, Field, Input, Select, Switch, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { groupsQuery } from "../../api/queries";
import { peopleQuery, rolesQuery } from "../../api/settingsQueries";
import type { LinkAnswer, RoleRow, UserRequest, UserRow } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { GroupsChoice } from "../../ui/GroupsChoice";
import { PageLink } from "../../ui/links";
import { Secret } from "../../ui/Secret";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { groupsText } from "./permissions";

const NEW = "new";

export function PeopleTab() {
  const { change } = useUrl();
  const query = useQuery(peopleQuery());
  const { data: groups = [] } = useQuery(groupsQuery());
  const names = new Map(groups.map((group) => [group.id, group.name]));
  const shown: Column<UserRow>[] = [
    ...columns,
    { id: "groups", label: "Sees", width: 320, cell: (row) => groupsText(row.groups, names) },
  ];
  return (
    <>
      <Bar text="A role says what somebody may do; device groups say where.">
        <Button size="small" appearance="primary" onClick={() => change({ open: NEW }, true)}>
          Add a person
        </Button>
      </Bar>
      <Result query={query} lines={4}>
        {(rows) => (
          <>
            {rows.length === 0 ? (
              <Empty title="Nobody can sign in yet">Add the first person.</Empty>
            ) : (
              <Grid label="People" columns={shown} rows={rows} rowKey={(row) => String(row.id)} />
            )}
            <PeopleFlyout people={rows} />
          </>
        )}
      </Result>
    </>
  );
}

const columns: Column<UserRow>[] = [
  {
    id: "name",
    label: "Name",
    width: 220,
    cell: (row) => (
      <PageLink to="/settings" search={{ tab: "people", open: String(row.id) }}>
        {row.name}
      </PageLink>
    ),
  },
  { id: "role", label: "Role", width: 180, cell: (row) => format.words(row.role) },
  { id: "active", label: "Can sign in", width: 110, cell: (row) => (row.is_active ? "Yes" : "No") },
];

function PeopleFlyout({ people }: { people: UserRow[] }) {
  const { state, change } = useUrl();
  const roles = useQuery(rolesQuery());
  const person = people.find((one) => String(one.id) === state.open);
  const close = () => change({ open: undefined }, true);
  return (
    <Flyout
      isOpen={person !== undefined || state.open === NEW}
      title={person?.name ?? "Add a person"}
      onClose={close}
    >
      <Result query={roles}>
        {(found) => (
          <>
            <PersonForm key={state.open} person={person} roles={found.roles} onDone={close} />
            {person?.is_active && <SignInLink key={person.id} name={person.name} />}
          </>
        )}
      </Result>
    </Flyout>
  );
}

interface PersonFormProps {
  person: UserRow | undefined;
  roles: RoleRow[];
  onDone: () => void;
}

function PersonForm({ person, roles, onDone }: PersonFormProps) {
  const [name, setName] = useState(person?.name ?? "");
  const [role, setRole] = useState(person?.role ?? "reader");
  const [groups, setGroups] = useState(person?.groups ?? null);
  const [isActive, setActive] = useState(person?.is_active ?? true);
  const change = useChange(
    (asked: UserRequest) => send("POST", "/admin/users", asked),
    ["access", "session"],
    onDone,
  );
  return (
    <Form
      label="Person"
      submitLabel={person ? "Save" : "Add"}
      change={change}
      isReady={name.trim() !== ""}
      onCancel={onDone}
      onSubmit={() => change.mutate({ name: name.trim(), role, groups, is_active: isActive })}
    >
      <Field label="Name" required>
        <Input
          value={name}
          readOnly={person !== undefined}
          maxLength={100}
          autoComplete="off"
          onChange={(_, { value }) => setName(value)}
        />
      </Field>
      <Field label="Role" hint={roles.find((one) => one.name === role)?.description ?? ""}>
        <Select value={role} onChange={(_, { value }) => setRole(value)}>
          {roles.map((one) => (
            <option key={one.name} value={one.name}>
              {format.words(one.name)}
            </option>
          ))}
        </Select>
      </Field>
      <GroupsChoice chosen={groups} onChosen={setGroups} />
      <Switch label="Can sign in" checked={isActive} onChange={(_, { checked }) => setActive(checked)} />
    </Form>
  );
}

function SignInLink({ name }: { name: string }) {
  const change = useChange(() => send<LinkAnswer>("POST", "/admin/sign-in-links", { user: name }), []);
  return (
    <Section title="Sign-in link">
      {change.data ? (
        <Secret
          label="Link"
          value={`${window.location.origin}${change.data.path}`}
          note={`It signs ${name} in once, until ${format.time(change.data.expires_at)}.`}
        />
      ) : (
        <Form
          label="Sign-in link"
          submitLabel="Make a sign-in link"
          change={change}
          isReady
          onSubmit={() => change.mutate(undefined)}
        >
          <Text>People sign in with a link that works once, for ten minutes.</Text>
        </Form>
      )}
    </Section>
  );
}
