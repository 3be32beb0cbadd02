/** What a plan is asked for, as its address holds it. */
import type { UrlChanges, UrlState } from "../../url/state";

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

/** What the settings beside the actions are planned for: a number of them, a secure score, hours; or none at all. */
export type SettingsKind = "settings" | "secure_score" | "settings_hours" | "none";
export interface SettingsGoal {
  kind: SettingsKind;
  amount: number;
}

export const SETTINGS_GOALS: Record<
  Exclude<SettingsKind, "none">,
  { label: string; field: string; least: number; most: number; usual: number }
> = {
  settings: {
    label: "The best settings",
    field: "How many settings",
    least: 1,
    most: 100,
    usual: USUAL_SETTINGS,
  },
  secure_score: {
    label: "Reach a secure score",
    field: "Secure score in percent",
    least: 0,
    most: 100,
    usual: 90,
  },
  settings_hours: {
    label: "What fits into some hours",
    field: "Hours for settings",
    least: 1,
    most: 100_000,
    usual: 8,
  },
};

/** The goal for settings in an address; the best ten where it names none. `settings=0` asks for none. */
export function settingsOf(state: UrlState): SettingsGoal {
  if (state.settings === "0") return { kind: "none", amount: 0 };
  for (const kind of ["secure_score", "settings_hours", "settings"] as const) {
    const { least, most } = SETTINGS_GOALS[kind];
    const amount = wholeNumber(state[kind], least, most);
    if (amount !== undefined) return { kind, amount };
  }
  return { kind: "settings", amount: USUAL_SETTINGS };
}

/** The same as parameters of the plan and names of the address. */
export function settingsAsked({ kind, amount }: SettingsGoal): Record<string, number> {
  return kind === "none" ? {} : { [kind]: amount };
}

/** The address of a goal for settings. */
export function settingsChange({ kind, amount }: SettingsGoal): UrlChanges {
  const isUsual = kind === "settings" && amount === USUAL_SETTINGS;
  return {
    settings: undefined,
    secure_score: undefined,
    settings_hours: undefined,
    ...(kind === "none" && { settings: "0" }),
    ...(kind !== "none" && !isUsual && { [kind]: String(amount) }),
  };
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
