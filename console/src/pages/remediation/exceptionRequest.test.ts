import { describe, expect, it } from "vitest";

import { isPlaceReady, lines, NEW_PLACE, requestOf, type Reason } from "./exceptionRequest";

const REASON: Reason = { justification: "risk_accepted", context: " known ", days: "60", until: "" };

describe("a request for an exception", () => {
  it("sends only what belongs to its kind of place", () => {
    const place = {
      ...NEW_PLACE,
      kind: "tag" as const,
      isAllGroups: true,
      groups: new Map([[1, "Servers"]]),
      tags: " web \n\nweb\ndb, old",
    };
    expect(requestOf("recommendation", "va-_-a-_-b", place, REASON)).toEqual({
      subject_kind: "recommendation",
      subject: "va-_-a-_-b",
      scope: {
        kind: "tag",
        is_all_groups: false,
        group_ids: [],
        tags: ["web", "db, old"],
        devices: [],
        software: [],
      },
      justification: "risk_accepted",
      context: "known",
      days: 60,
      until: null,
    });
  });

  it("ends with the chosen day", () => {
    const asked = requestOf(
      "vulnerability",
      "CVE-2099-0001",
      { ...NEW_PLACE, kind: "global" },
      {
        ...REASON,
        days: "",
        until: "2026-12-31",
      },
    );
    expect([asked.days, asked.until]).toEqual([null, "2026-12-31T23:59:59Z"]);
  });

  it.each([
    [{ ...NEW_PLACE }, false],
    [{ ...NEW_PLACE, isAllGroups: true }, true],
    [{ ...NEW_PLACE, kind: "global" as const }, true],
    [{ ...NEW_PLACE, kind: "tag" as const, tags: " \n " }, false],
    [{ ...NEW_PLACE, kind: "device" as const, devices: new Map([["a", "web01"]]) }, true],
  ])("needs a place: %#", (place, isReady) => {
    expect(isPlaceReady(place)).toBe(isReady);
  });

  it("reads one tag a line", () => {
    expect(lines("a\r\nb\n")).toEqual(["a", "b"]);
  });
});
