/** All device groups, or some of them: in forms that give something to a part of the fleet. */
import { Switch } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { groupsQuery } from "../api/queries";
import { Checks } from "./pickers";

interface GroupsChoiceProps {
  /** null: all, also later ones. */
  chosen: number[] | null;
  onChosen: (chosen: number[] | null) => void;
}

export function GroupsChoice({ chosen, onChosen }: GroupsChoiceProps) {
  const { data: groups = [] } = useQuery(groupsQuery());
  return (
    <>
      <Switch
        label="All device groups, also later ones"
        checked={chosen === null}
        onChange={(_, { checked }) => onChosen(checked ? null : groups.map((group) => group.id))}
      />
      {chosen !== null && (
        <Checks
          label="Device groups"
          choices={groups.map((group) => ({ id: String(group.id), label: group.name }))}
          chosen={new Set(chosen.map(String))}
          onChosen={(ids) => onChosen([...ids].map(Number))}
        />
      )}
    </>
  );
}
