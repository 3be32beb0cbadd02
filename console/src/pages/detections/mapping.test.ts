import { describe, expect, it } from "vitest";

import { mappingDraft, mappingOf, mappingProblem } from "./mapping";

function draft() {
  const made = mappingDraft(undefined);
  made.name = "acme-edr";
  made.product = "Acme EDR";
  made.paths.source_id = "alert.id\n\n alert.id \nid";
  made.paths.title = "alert.name";
  return made;
}

describe("a mapping of detections", () => {
  it("takes paths one a line, each once, and words in lower case", () => {
    const made = mappingOf({ ...draft(), severities: "Sev1 = High\nsev9=Low" });
    expect(made.source_id).toEqual(["alert.id", "id"]);
    expect(made.severities).toEqual({ sev1: "High", sev9: "Low" });
    expect(made.statuses).toEqual({});
  });

  it("reads back what was saved", () => {
    const saved = mappingOf({ ...draft(), statuses: "done = resolved" });
    expect(mappingOf(mappingDraft(saved))).toEqual(saved);
  });

  it.each([
    [{ name: "Acme EDR" }, "The name starts"],
    [{ product: " " }, "Name the product"],
    [{ severities: "sev1 = Critical" }, '"sev1 = Critical" is not'],
    [{ statuses: "done" }, '"done" is not'],
  ])("says what is wrong: %o", (changes, problem) => {
    expect(mappingProblem({ ...draft(), ...changes })).toContain(problem);
  });

  it("needs a path to the id", () => {
    const made = draft();
    made.paths.source_id = " \n";
    expect(mappingProblem(made)).toContain("Id of the event");
    expect(mappingProblem(draft())).toBe("");
  });
});
