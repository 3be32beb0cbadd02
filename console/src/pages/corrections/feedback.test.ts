import { expect, it } from "vitest";

import { FEEDBACK_KINDS, FORM_KINDS, subjectPage } from "./feedback";

it("leads to what it is about", () => {
  expect(subjectPage({ subject_kind: "vulnerability", subject: "CVE-2099-1" })).toEqual({
    to: "/weaknesses",
    search: { open: "CVE-2099-1" },
  });
  expect(subjectPage({ subject_kind: "recommendation", subject: "va-_-x-_-y" }).to).toBe("/recommendations");
});

it("offers everything but the wish in a form", () => {
  expect([...FORM_KINDS, "support_wish"].sort()).toEqual(Object.keys(FEEDBACK_KINDS).sort());
});
