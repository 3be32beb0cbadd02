/** What is filled in for a remediation activity, and the request that is made of it. */
import type { ActivityRequest, RemediationForm } from "../../api/types";
import { parts } from "../../url/state";

export interface Filled {
  /** Null: each recommendation's own. */
  option: ActivityRequest["option"];
  isEverywhere: boolean;
  groups: Set<string>;
  /** A day, as a date field writes it; empty: as the rules say. */
  dueOn: string;
  priority: NonNullable<ActivityRequest["priority"]>;
  notes: string;
  mitigation: NonNullable<ActivityRequest["mitigation"]>;
  /** Id of the tracker; empty: no ticket. */
  tracker: string;
}

/** The form as it starts: with the groups that the page is restricted to. */
export function fillFor(form: RemediationForm, isOne: boolean, groups: string | undefined): Filled {
  const wanted = new Set(parts(groups));
  const offered = form.groups.map((group) => String(group.id)).filter((id) => wanted.has(id));
  return {
    option: isOne ? form.option : null,
    isEverywhere: wanted.size === 0,
    groups: new Set(offered),
    dueOn: isOne ? (form.due_on?.slice(0, 10) ?? "") : "",
    priority: form.priority,
    notes: "",
    mitigation: "None",
    tracker: "",
  };
}

export function requestOf(recommendation_ids: string[], filled: Filled): ActivityRequest {
  const hasDueDate = filled.dueOn !== "" && filled.option !== "AttentionRequired";
  return {
    recommendation_ids,
    option: filled.option,
    group_ids: filled.isEverywhere ? null : [...filled.groups].map(Number),
    due_on: hasDueDate ? filled.dueOn : null,
    priority: filled.priority,
    notes: filled.notes.trim(),
    mitigation: filled.mitigation,
    tracker_id: filled.tracker ? Number(filled.tracker) : null,
  };
}
