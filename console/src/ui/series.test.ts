import { describe, expect, it } from "vitest";

import type { EventRow } from "../api/types";
import { dayText, eventDays, sentenceOf, trendLine, valueAt } from "./series";

function event(at: string, text: string, devices: number): EventRow {
  const impact = { devices, share: devices / 10 };
  return {
    id: 1,
    at,
    type: "new_vulnerability",
    text,
    component: "",
    product: "",
    recommendation_id: null,
    vulnerabilities: [],
    vulnerability_count: 0,
    originally_impacted: impact,
    currently_impacted: impact,
    score_trend: "up",
    score_change: null,
  };
}

const points = [
  { x: new Date("2026-01-01T00:00:00Z"), y: 10, label: "01 Jan" },
  { x: new Date("2026-01-03T00:00:00Z"), y: 30, label: "03 Jan" },
];

describe("events on a series", () => {
  it("are gathered by day, newest first, those that hit most devices before others", () => {
    const days = eventDays([
      event("2026-01-02T09:00:00Z", "small", 1),
      event("2026-01-02T08:00:00Z", "large", 5),
      event("2026-01-03T01:00:00Z", "later", 2),
    ]);
    expect(days.map((one) => [one.day, dayText(one)])).toEqual([
      ["2026-01-03", "later"],
      ["2026-01-02", "large; small"],
    ]);
    expect(days[1]?.at.toISOString()).toBe("2026-01-02T08:00:00.000Z");
  });

  it("make no dot where nothing hit a device", () => {
    expect(eventDays([event("2026-01-02T09:00:00Z", "elsewhere", 0)])).toEqual([]);
  });

  it("name three events of a day and count the others", () => {
    const many = ["a", "b", "c", "d", "e"].map((text) => event("2026-01-02T09:00:00Z", text, 1));
    expect(dayText({ day: "2026-01-02", at: new Date(), events: many })).toBe("a; b; c; and 2 more");
  });

  it("stand at the value in force at their time", () => {
    expect(valueAt(points, new Date("2026-01-02T00:00:00Z"))).toBe(10);
    expect(valueAt(points, new Date("2026-02-01T00:00:00Z"))).toBe(30);
    expect(valueAt(points, new Date("2025-12-31T00:00:00Z"))).toBeNull();
  });
});

it("a series is told in a sentence", () => {
  expect(sentenceOf([{ name: "Organisation", points }], (value) => `${value} %`)).toBe(
    "Organisation: from 10 % on 01 Jan to 30 % on 03 Jan",
  );
});

it("counts of days end today", () => {
  const line = trendLine([4, 2, 3], new Date("2026-01-03T12:00:00Z"));
  expect(line.points.map((point) => [point.label, point.y])).toEqual([
    ["01 Jan 2026", 4],
    ["02 Jan 2026", 2],
    ["03 Jan 2026", 3],
  ]);
});
