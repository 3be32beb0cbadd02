import { describe, expect, it } from "vitest";

import { draftOf, isWithinLimits, ruleOf, ruleText } from "./rule";

const RULE = {
  conditions: [
    { kind: "name" as const, operator: "starts_with" as const, values: ["web", "www (old), new"] },
    { kind: "tag" as const, operator: "equals" as const, values: ["dmz"] },
  ],
};

describe("a matching rule", () => {
  it("comes back from the form as it was", () => {
    expect(ruleOf(draftOf(RULE))).toEqual(RULE);
  });

  it("has no condition of a kind without values", () => {
    expect(ruleOf(draftOf(undefined))).toEqual({ conditions: [] });
  });

  it("says that kinds are joined by and, values by or", () => {
    expect(ruleText(RULE)).toBe("Device name starts with web or www (old), new and Tag is dmz");
  });

  it("takes ten different values of a kind", () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `tag ${at}`).join("\n");
    const draft = draftOf(undefined);
    expect(isWithinLimits({ ...draft, tag: { operator: "equals", values: many(10) } })).toBe(true);
    expect(isWithinLimits({ ...draft, tag: { operator: "equals", values: many(11) } })).toBe(false);
  });
});
