/** The stretch of time that a page shows: a period back from now, or days that somebody chose. */
import type { UrlChanges, UrlState } from "../url/state";

export const PERIODS: Record<string, string> = {
  "7d": "7 days",
  "30d": "30 days",
  "3m": "3 months",
  "6m": "6 months",
  "12m": "12 months",
};
export const USUAL_PERIOD = "30d";
export const CUSTOM = "custom";

/** Parameters of the API: days, or a period. */
export interface Range {
  period?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  [name: string]: string | undefined;
}

/** What the address asks for; the usual period where it says nothing that is known. */
export function rangeOf({ period, since, until }: UrlState): Range {
  if (since || until) return { since, until };
  return { period: period && period in PERIODS ? period : USUAL_PERIOD };
}

/** The address of days. A first and a last day that were exchanged are put right. */
export function daysChange(since: string, until: string): UrlChanges {
  const isExchanged = since !== "" && until !== "" && since > until;
  return {
    period: undefined,
    since: (isExchanged ? until : since) || undefined,
    until: (isExchanged ? since : until) || undefined,
  };
}

/** The address of a period. */
export function periodChange(period: string): UrlChanges {
  return { period: period === USUAL_PERIOD ? undefined : period, since: undefined, until: undefined };
}
