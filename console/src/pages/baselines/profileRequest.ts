/** A baseline profile as a form fills it in, and the request that it becomes. */
import type { BaselineDetail, BaselineProfile, Expected } from "../../api/types";
import { valuesOf } from "../settings/rule";

export type Platform = BaselineProfile["platform"];
export type ThresholdKind = "check" | "equals" | "one_of" | "at_least" | "at_most";

/** What a profile asks of a setting; of kind `check`: what the check asks. `text` of `one_of` is one value a line. */
export interface Threshold {
  kind: ThresholdKind;
  text: string;
}

export interface Draft {
  name: string;
  description: string;
  benchmark: string;
  version: string;
  level: string;
  platform: Platform;
  distribution: string;
  osVersion: string;
  /** By id of the check. */
  chosen: ReadonlyMap<string, Threshold>;
  /** null: all, also later ones. */
  groups: number[] | null;
  /** One a line; none: any. */
  tags: string;
  isEnabled: boolean;
}

export const AS_CHECK: Threshold = { kind: "check", text: "" };

export const NEW_PROFILE: Draft = {
  name: "",
  description: "",
  benchmark: "",
  version: "",
  level: "",
  platform: "linux",
  distribution: "",
  osVersion: "",
  chosen: new Map(),
  groups: null,
  tags: "",
  isEnabled: true,
};

/** A kept profile for changing. It must be read without a choice of device groups: all of its groups are kept. */
export function draftOf({ baseline, configurations }: BaselineDetail): Draft {
  return {
    name: baseline.name,
    description: baseline.description,
    benchmark: baseline.benchmark,
    version: baseline.version,
    level: baseline.level,
    platform: baseline.platform,
    distribution: baseline.distribution,
    osVersion: baseline.os_version,
    chosen: new Map(configurations.map((one) => [one.check_id, thresholdOf(one.own_expected)])),
    groups: baseline.groups,
    tags: baseline.tags.join("\n"),
    isEnabled: baseline.is_enabled,
  };
}

export function profileOf(draft: Draft): BaselineProfile {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    benchmark: draft.benchmark.trim(),
    version: draft.version.trim(),
    level: draft.level.trim(),
    platform: draft.platform,
    distribution: draft.distribution.trim(),
    os_version: draft.osVersion.trim(),
    configurations: [...draft.chosen].map(([id, threshold]) => ({
      check_id: id,
      expected: expectedOf(threshold),
    })),
    groups: draft.groups,
    tags: valuesOf(draft.tags),
    is_enabled: draft.isEnabled,
  };
}

/** Why a threshold cannot be sent; undefined where it can. */
export function thresholdProblem({ kind, text }: Threshold): string | undefined {
  if (kind === "at_least" || kind === "at_most") {
    return /^-?\d{1,15}$/.test(text.trim()) ? undefined : "A whole number.";
  }
  if (kind === "one_of") return valuesOf(text).length > 0 ? undefined : "At least one value, one a line.";
  return undefined;
}

/** Whether settings are chosen, and each can be sent. */
export function areSettingsReady({ chosen }: Draft): boolean {
  return chosen.size > 0 && [...chosen.values()].every((one) => thresholdProblem(one) === undefined);
}

/** Whether there is a device group to be for. */
export function isPlaceReady({ groups }: Draft): boolean {
  return groups === null || groups.length > 0;
}

function thresholdOf(expected: Expected | null): Threshold {
  if (expected === null) return AS_CHECK;
  if (expected.one_of != null) return { kind: "one_of", text: expected.one_of.join("\n") };
  if (expected.at_least != null) return { kind: "at_least", text: String(expected.at_least) };
  if (expected.at_most != null) return { kind: "at_most", text: String(expected.at_most) };
  return { kind: "equals", text: expected.equals ?? "" };
}

const NOTHING_ASKED: Expected = { equals: null, one_of: null, at_least: null, at_most: null };

function expectedOf({ kind, text }: Threshold): Expected | null {
  if (kind === "check") return null;
  if (kind === "equals") return { ...NOTHING_ASKED, equals: text };
  if (kind === "one_of") return { ...NOTHING_ASKED, one_of: valuesOf(text) };
  return { ...NOTHING_ASKED, [kind]: Number(text.trim()) };
}
