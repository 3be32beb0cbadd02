import { expect, it } from "vitest";

import { addressesOf, newRule, ruleSentence } from "./notification";

it("says what a rule tells", () => {
  expect(ruleSentence(newRule(1))).toBe("New vulnerability found; from severity Critical; soon");
  expect(ruleSentence({ ...newRule(1), report: "executive", schedule: "monthly" })).toBe(
    "Executive report, monthly",
  );
});

it("reads addresses however they are separated", () => {
  expect(addressesOf("a@example.org, b@example.org\n\nc@example.org; a@example.org")).toEqual([
    "a@example.org",
    "b@example.org",
    "c@example.org",
  ]);
});
