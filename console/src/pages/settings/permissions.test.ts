import { describe, expect, it } from "vitest";

import { groupsText, permissionLabel } from "./permissions";

describe("what somebody may see", () => {
  const names = new Map([[1, "Servers"]]);

  it("tells all groups from none", () => {
    expect(groupsText(null, names)).toBe("All device groups");
    expect(groupsText([], names)).toBe("None: sees no device");
  });

  it("names groups, and those that are gone by number", () => {
    expect(groupsText([1, 7], names)).toBe("Servers, Group 7");
  });

  it("shows a permission that is not known here by its name", () => {
    expect(permissionLabel("Something.New")).toBe("Something.New");
  });
});
