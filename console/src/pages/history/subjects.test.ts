import { describe, expect, it } from "vitest";

import type { GroupRow } from "../../api/types";
import { subjectsOf } from "./subjects";

const groups = [1, 2, 3, 4].map((id) => ({ id, name: `Site ${id}` }) as GroupRow);

describe("whose scores are compared", () => {
  it("is the organisation beside the chosen groups, at most three of them", () => {
    expect(subjectsOf(true, groups, []).map((one) => one.name)).toEqual(["Organisation"]);
    expect(subjectsOf(true, groups, ["2", "1", "4", "3"]).map((one) => one.name)).toEqual([
      "Organisation",
      "Site 2",
      "Site 1",
      "Site 4",
    ]);
  });

  it("is never the organisation for who sees some groups only", () => {
    expect(subjectsOf(false, groups, []).map((one) => one.name)).toEqual(["Site 1", "Site 2", "Site 3"]);
    expect(subjectsOf(false, groups, ["4"])).toEqual([{ kind: "group", id: "4", name: "Site 4" }]);
  });
});
