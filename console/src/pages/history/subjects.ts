/** Whose scores are compared. */
import type { GroupRow } from "../../api/types";

export interface Subject {
  kind: "organisation" | "group";
  id: string | undefined;
  name: string;
}

/** More lines than this cannot be told apart. */
const MOST_GROUPS = 3;

/**
 * The organisation for who may see all of it, and the first of the device groups that the page is restricted to.
 * Who sees some groups only gets those instead: the organisation's score is not theirs to read.
 */
export function subjectsOf(
  seesAll: boolean,
  groups: readonly GroupRow[],
  chosen: readonly string[],
): Subject[] {
  const names = new Map(groups.map((group) => [String(group.id), group.name]));
  const ids = chosen.length > 0 || seesAll ? chosen : [...names.keys()];
  const some = ids
    .slice(0, MOST_GROUPS)
    .map((id): Subject => ({ kind: "group", id, name: names.get(id) ?? `Group ${id}` }));
  return seesAll ? [{ kind: "organisation", id: undefined, name: "Organisation" }, ...some] : some;
}
