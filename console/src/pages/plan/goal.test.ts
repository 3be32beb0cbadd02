import { describe, expect, it } from "vitest";

import { askedOf, effortOf, effortText, settingsAsked, settingsChange, settingsOf } from "./goal";

describe("the goal in an address", () => {
  it("is the best ten actions where none is named", () => {
    expect(askedOf({})).toEqual({ actions: 10, effort: undefined });
  });

  it.each([
    [{ score: "30" }, { score: 30 }],
    [{ score: "0" }, { score: 0 }],
    [{ hours: "40" }, { hours: 40 }],
    [{ actions: "3" }, { actions: 3 }],
  ])("is exactly one of three: %j", (state, asked) => {
    expect(askedOf(state)).toEqual({ ...asked, effort: undefined });
  });

  it.each(["-1", "101", "1e2", "x", "3.5", ""])("is not the score %j", (score) => {
    expect(askedOf({ score })).toEqual({ actions: 10, effort: undefined });
  });
});

describe("hours of a kind of action", () => {
  it("come back as they were given", () => {
    expect(effortText(effortOf("Update=2,Uninstall=0.5"))).toBe("Update=2,Uninstall=0.5");
  });

  it("leave out what is no number of hours", () => {
    expect(effortOf("Update=x,Upgrade=-1,Other=3,Uninstall=1")).toEqual({ Uninstall: "1" });
    expect(effortText({})).toBeUndefined();
  });
});

describe("settings beside the actions", () => {
  it("are ten unless an address says otherwise", () => {
    expect(settingsOf({})).toEqual({ kind: "settings", amount: 10 });
    expect(settingsOf({ settings: "x" })).toEqual({ kind: "settings", amount: 10 });
    expect(settingsChange({ kind: "settings", amount: 10 })).toEqual({
      settings: undefined,
      secure_score: undefined,
      settings_hours: undefined,
    });
  });

  it.each([
    [{ settings: "0" }, {}],
    [{ settings: "3" }, { settings: 3 }],
    [{ secure_score: "0" }, { secure_score: 0 }],
    [{ settings_hours: "8" }, { settings_hours: 8 }],
  ])("are asked for by one goal, and come back: %j", (state, asked) => {
    const goal = settingsOf(state);
    expect(settingsAsked(goal)).toEqual(asked);
    expect(settingsChange(goal)).toMatchObject(state);
  });
});
