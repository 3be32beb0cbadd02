/** A matching rule as a form fills it in: for each kind how it compares, and values, one a line. */
import type { Condition, MatchingRule } from "../../api/types";

export type Kind = Condition["kind"];
export type Operator = NonNullable<Condition["operator"]>;

export const KINDS: Record<Kind, string> = {
  name: "Device name",
  domain: "Domain",
  tag: "Tag",
  os_platform: "OS platform",
};

export const OPERATORS: Record<Operator, string> = {
  equals: "is",
  starts_with: "starts with",
  ends_with: "ends with",
  contains: "contains",
};

export const MOST_VALUES = 10;

export interface Part {
  operator: Operator;
  values: string;
}
export type Draft = Record<Kind, Part>;

const ORDER = ["name", "domain", "tag", "os_platform"] as const satisfies Kind[];

export function draftOf(rule: MatchingRule | undefined): Draft {
  const part = (kind: Kind): Part => {
    const found = rule?.conditions?.find((condition) => condition.kind === kind);
    return { operator: found?.operator ?? "equals", values: found?.values.join("\n") ?? "" };
  };
  return { name: part("name"), domain: part("domain"), tag: part("tag"), os_platform: part("os_platform") };
}

/** Different values of a text, one a line. */
export function valuesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}

/** Kinds without values are no conditions. */
export function ruleOf(draft: Draft): MatchingRule {
  return {
    conditions: ORDER.map((kind) => ({
      kind,
      operator: draft[kind].operator,
      values: valuesOf(draft[kind].values),
    })).filter((condition) => condition.values.length > 0),
  };
}

/** Whether the server can take it: at most ten values of each kind. */
export function isWithinLimits(draft: Draft): boolean {
  return ORDER.every((kind) => valuesOf(draft[kind].values).length <= MOST_VALUES);
}

/** A rule in a sentence. */
export function ruleText(rule: MatchingRule): string {
  const texts = (rule.conditions ?? []).map(
    ({ kind, operator, values }) =>
      `${KINDS[kind]} ${OPERATORS[operator ?? "equals"]} ${values.join(" or ")}`,
  );
  return texts.join(" and ") || "No rule: devices are placed by hand";
}
