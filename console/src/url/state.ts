/**
 * What the address of a page holds: filters, sort, page, columns, tab and the open flyout, in the API's
 * own words and as plain text, so that an address can be read, shared and typed.
 */

export const FILTERS = [
  "search",
  "severity",
  "exploit",
  "exposed",
  "fix",
  "software",
  "type",
  "weak",
  "assessed",
  "level",
  "os",
  "health",
  "state",
  "remediation",
  "tag",
  "threat",
  "confidence",
  "status",
  "justification",
  "subject",
  "device",
  "weakness",
  "placed",
  "correlated",
  "mitigation",
  "priority",
  "due",
  "recommendation",
  "progress",
  "device_tag",
  "criticality",
  "value",
  "internet_facing",
  "onboarding",
  "excluded",
  "event",
  "impacted",
  "period",
  "since",
  "until",
  "as_of",
  "cisa",
  "deployer",
  "change",
  "days",
  "category",
  "platform",
  "assessed_as",
  "enabled",
  "result",
  "kind",
  "component",
  "exposed_devices",
  "detection",
  "product",
  "epss",
  "age",
  "os_version",
  "risky",
  "self_signed",
  "key_size",
  "signature",
] as const;
const LIST = ["sort", "page", "page_size", "columns"] as const;
const VIEW = ["open", "view", "explain", "tab", "groups"] as const;
/** What the plan is asked for. */
const PLAN = ["score", "actions", "hours", "effort", "settings", "secure_score", "settings_hours"] as const;
const KNOWN = [...FILTERS, ...LIST, ...VIEW, ...PLAN] as const;

export type FilterName = (typeof FILTERS)[number];
export type UrlState = Partial<Record<(typeof KNOWN)[number], string>>;

const LONGEST_VALUE = 500;
export const PAGE_SIZES = [30, 50, 100] as const;

/** Keep the known names with text values; anything else in an address is dropped. */
export function readUrlState(raw: Record<string, unknown>): UrlState {
  const state: UrlState = {};
  for (const name of KNOWN) {
    const value = raw[name];
    if (typeof value === "string" && value !== "" && value.length <= LONGEST_VALUE) state[name] = value;
  }
  return state;
}

/** Query text -> names and values; repeated names are joined by commas, as the API accepts them. */
export function parseQuery(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = values[name];
    values[name] = before === undefined ? value : `${before},${value}`;
  }
  return values;
}

/** Names and values -> query text with its question mark; empty values are left out. Commas stay readable. */
export function formatQuery(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" && value !== "") query.set(name, value);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : "";
}

/** Comma-separated value -> its parts. */
export function parts(value: string | undefined): string[] {
  return value ? value.split(",").filter(Boolean) : [];
}

/** State after changes; `undefined` removes. Anything but a change of page or view goes to the first page. */
export function changed(state: UrlState, changes: UrlChanges): UrlState {
  const next: UrlState = {};
  const isNewList = [...FILTERS, "sort", "page_size", "groups", "tab"].some((name) => name in changes);
  for (const name of KNOWN) {
    const value = name in changes ? changes[name] : state[name];
    if (value && !(name === "page" && isNewList && !("page" in changes))) next[name] = value;
  }
  return next;
}

/** Leaves nothing of one list to the next one on the same page. */
export const FRESH_LIST: UrlChanges = Object.fromEntries(
  [...FILTERS, ...LIST, "open", "view", "explain"].map((name) => [name, undefined]),
);

export type UrlChanges = { [Name in keyof UrlState]?: string | undefined };

/** Page number of an address; 1 for anything that is not one. */
export function pageOf(state: UrlState): number {
  const page = Number(state.page ?? 1);
  return Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1;
}

/** Page size of an address, one of PAGE_SIZES. */
export function pageSizeOf(state: UrlState): number {
  const size = Number(state.page_size);
  return PAGE_SIZES.find((offered) => offered === size) ?? PAGE_SIZES[0];
}

/** Next sort of a column: descending first for numbers and times, then the other way round. */
export function nextSort(current: string, field: string, isDescendingFirst: boolean): string {
  const down = `-${field}`;
  if (current === field) return down;
  if (current === down) return field;
  return isDescendingFirst ? down : field;
}

/** Parameters of a list call for the filters that this list knows. */
export function listParameters(
  state: UrlState,
  filters: readonly FilterName[],
  defaultSort: string,
): Record<string, string | number | undefined> {
  const parameters: Record<string, string | number | undefined> = {};
  for (const name of filters) parameters[name] = state[name];
  return {
    ...parameters,
    groups: state.groups,
    sort: state.sort ?? defaultSort,
    page: pageOf(state),
    page_size: pageSizeOf(state),
  };
}
