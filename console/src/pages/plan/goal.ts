/** What a plan is asked for, as its address holds it. */
import type { UrlState } from "../../url/state";

export const KINDS_WITH_EFFORT = ["Update", "Upgrade", "Uninstall", "ConfigurationChange"] as const;
export type EffortKind = (typeof KINDS_WITH_EFFORT)[number];
const USUAL_ACTIONS = 10;
const USUAL_SETTINGS = 10;

/** Parameters of the plan; exactly one of score, actions and hours is there. */
export interface Asked {
  [name: string]: string | number | undefined;
  score?: number | undefined;
  actions?: number | undefined;
  hours?: number | undefined;
  effort?: string | undefined;
}

/** A whole number inside its bounds, else undefined. */
export function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/** The goal of an address; the best ten actions where it names none. */
export function askedOf(state: UrlState): Asked {
  const { effort } = state;
  const score = wholeNumber(state.score, 0, 100);
  if (score !== undefined) return { score, effort };
  const hours = wholeNumber(state.hours, 1, 100_000);
  if (hours !== undefined) return { hours, effort };
  return { actions: wholeNumber(state.actions, 1, 100) ?? USUAL_ACTIONS, effort };
}

/** How many settings are planned beside the actions; 0: none. */
export function settingsOf(state: UrlState): number {
  return wholeNumber(state.settings, 0, 100) ?? USUAL_SETTINGS;
}

/** The address of a number of settings. */
export function settingsText(settings: number): string | undefined {
  return settings === USUAL_SETTINGS ? undefined : String(settings);
}

/** "Update=2,Uninstall=0.5" -> hours by kind; what cannot be read is left out. */
export function effortOf(text: string | undefined): Partial<Record<EffortKind, string>> {
  const found: Partial<Record<EffortKind, string>> = {};
  for (const part of (text ?? "").split(",")) {
    const [name, hours] = part.split("=");
    const kind = KINDS_WITH_EFFORT.find((one) => one === name);
    if (kind && hours && Number(hours) > 0) found[kind] = hours;
  }
  return found;
}

/** Hours by kind -> the parameter; undefined where none is given. */
export function effortText(hours: Partial<Record<EffortKind, string>>): string | undefined {
  const given = KINDS_WITH_EFFORT.filter((kind) => Number(hours[kind]) > 0);
  return given.length > 0 ? given.map((kind) => `${kind}=${hours[kind]}`).join(",") : undefined;
}
