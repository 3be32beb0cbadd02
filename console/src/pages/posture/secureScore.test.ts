import { describe, expect, it } from "vitest";

import { percentLine, percentOf } from "./secureScore";

describe("the secure score", () => {
  it("is unknown, not zero, where nothing is assessed", () => {
    expect(percentOf({ points: 0, maximum: 0 })).toBeNull();
    expect(percentOf({ points: 0, maximum: 8 })).toBe(0);
    expect(percentOf({ points: 6, maximum: 8 })).toBe(75);
  });

  it("has no points in its history where nothing was assessed", () => {
    const line = percentLine("Organisation", [
      { at: "2026-01-01T00:00:00Z", points: 0, maximum: 0 },
      { at: "2026-01-02T00:00:00Z", points: 1, maximum: 4 },
      { at: "2026-01-03T00:00:00Z", points: 2, maximum: 4 },
    ]);
    expect(line.points.map((point) => point.y)).toEqual([25, 50]);
  });
});
