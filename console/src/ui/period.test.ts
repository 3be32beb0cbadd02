import { describe, expect, it } from "vitest";

import { daysChange, periodChange, rangeOf } from "./period";

describe("the time that a page shows", () => {
  it("is a known period, or the usual one", () => {
    expect(rangeOf({ period: "3m" })).toEqual({ period: "3m" });
    expect(rangeOf({ period: "ever" })).toEqual({ period: "30d" });
    expect(rangeOf({})).toEqual({ period: "30d" });
  });

  it("is the chosen days, which outweigh a period", () => {
    expect(rangeOf({ period: "3m", since: "2026-01-01" })).toEqual({ since: "2026-01-01", until: undefined });
  });

  it("puts exchanged days right and forgets the other kind", () => {
    expect(daysChange("2026-02-01", "2026-01-01")).toEqual({
      period: undefined,
      since: "2026-01-01",
      until: "2026-02-01",
    });
    expect(daysChange("", "2026-01-01")).toEqual({
      period: undefined,
      since: undefined,
      until: "2026-01-01",
    });
    expect(periodChange("30d")).toEqual({ period: undefined, since: undefined, until: undefined });
  });
});
