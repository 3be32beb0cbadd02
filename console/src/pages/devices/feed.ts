/** What is asked of the feed of changes. */
import type { Parameters } from "../../api/client";
import type { UrlState } from "../../url/state";

const REPORTS_AT_ONCE = 100;

/** Whether it goes forward from a day; otherwise back from the newest. */
export function isFrom({ since }: UrlState): boolean {
  return since !== undefined;
}

/** A part of the feed; `position` is where the part before ended. */
export function feedParameters(state: UrlState, position: number | undefined): Parameters {
  const { change, software, device, groups } = state;
  const filters = { change, software, device, groups, limit: REPORTS_AT_ONCE };
  if (position === undefined) return { ...filters, since: state.since };
  return isFrom(state) ? { ...filters, after: position } : { ...filters, before: position };
}
