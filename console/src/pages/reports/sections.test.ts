import { describe, expect, it } from "vitest";

import type { ReportSection } from "../../api/types";
import { linesOf, pairsOf, scoreOf } from "./sections";

function section(title: string, given: Partial<ReportSection> = {}): ReportSection {
  return { title, paragraphs: [], columns: [], rows: [], is_chart: false, filter: "", values: [], ...given };
}

const OS = section("By operating system", {
  is_chart: true,
  filter: "os",
  values: ["rhel", "own os"],
  rows: [
    ["rhel", "1,234"],
    ["own os", "2"],
  ],
});
const SEVERITY = section("By most severe weakness", {
  is_chart: true,
  filter: "severity",
  values: ["High"],
  rows: [["High", "3"]],
});
const TREND = section("By most severe weakness over time", {
  columns: ["Day", "High", "Low"],
  rows: [
    ["2026-01-01", "1,000", "0"],
    ["2026-01-31", "3", "0"],
  ],
});
const SCORE = section("Exposure score", {
  is_chart: true,
  columns: ["Day", "Score"],
  rows: [["2026-01-01", "31.5"]],
});
const ALL = [section("Now"), SEVERITY, OS, TREND, SCORE];

describe("the sections of the report", () => {
  it("are bars with the filter of the devices behind them, and their trend", () => {
    const pairs = pairsOf(ALL);
    expect(pairs.map(({ filter, trend }) => [filter, trend?.title])).toEqual([
      ["severity", TREND.title],
      ["os", undefined],
    ]);
    expect(pairs[1]?.bars).toEqual([
      { value: "rhel", label: "Red Hat Enterprise Linux", devices: 1234 },
      { value: "own os", label: "own os", devices: 2 },
    ]);
  });

  it("give lines that are not 0 all the time", () => {
    expect(linesOf(TREND).map(({ name, points }) => [name, points.map(({ y }) => y)])).toEqual([
      ["High", [1000, 3]],
    ]);
  });

  it("hold the score", () => {
    expect(scoreOf(ALL)).toBe(SCORE);
    expect(scoreOf([OS, TREND])).toBeUndefined();
  });
});
