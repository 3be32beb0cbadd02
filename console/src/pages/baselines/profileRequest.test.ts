import { describe, expect, it } from "vitest";

import type { BaselineConfigurationRow, BaselineDetail, Expected } from "../../api/types";
import {
  areSettingsReady,
  draftOf,
  isPlaceReady,
  NEW_PROFILE,
  profileOf,
  thresholdProblem,
} from "./profileRequest";

const NOTHING: Expected = { equals: null, one_of: null, at_least: null, at_most: null };

function configuration(id: string, own: BaselineConfigurationRow["own_expected"]): BaselineConfigurationRow {
  return {
    check_id: id,
    title: id,
    category: "os",
    subcategory: "",
    setting: "some.setting",
    expected: "",
    check_expected: "",
    is_customised: own !== null,
    own_expected: own,
    source: "",
    applicable_devices: 0,
    compliant_devices: 0,
    non_compliant_devices: 0,
    unknown_devices: 0,
    exempt_devices: 0,
  };
}

const KEPT: BaselineDetail = {
  baseline: {
    id: "1",
    name: "Servers",
    description: "",
    benchmark: "CIS",
    version: "1.0",
    level: "L1",
    platform: "linux",
    distribution: "debian",
    os_version: "12",
    is_enabled: false,
    settings: 2,
    groups: [1, 2],
    tags: ["web", "db"],
    devices: 0,
    compliant_devices: 0,
    non_compliant_devices: 0,
    unknown_devices: 0,
    created_by: "ada",
    created_at: "2026-01-01T00:00:00Z",
    changed_by: null,
    changed_at: null,
  },
  configurations: [
    configuration("check-a", null),
    configuration("check-b", { ...NOTHING, at_least: 24 }),
    configuration("check-c", { ...NOTHING, one_of: ["a", "b"] }),
    configuration("check-d", { ...NOTHING, equals: "" }),
  ],
  missing_checks: [],
};

describe("a profile", () => {
  it("comes back as it was kept", () => {
    const sent = profileOf(draftOf(KEPT));
    expect(sent.configurations).toEqual([
      { check_id: "check-a", expected: null },
      { check_id: "check-b", expected: { ...NOTHING, at_least: 24 } },
      { check_id: "check-c", expected: { ...NOTHING, one_of: ["a", "b"] } },
      { check_id: "check-d", expected: { ...NOTHING, equals: "" } },
    ]);
    expect([sent.groups, sent.tags, sent.is_enabled, sent.os_version]).toEqual([
      [1, 2],
      ["web", "db"],
      false,
      "12",
    ]);
  });

  it("needs a setting, thresholds that can be read, and a device group", () => {
    expect(areSettingsReady(NEW_PROFILE)).toBe(false);
    expect(areSettingsReady(draftOf(KEPT))).toBe(true);
    const unread = new Map([["check-a", { kind: "at_most", text: "ten" } as const]]);
    expect(areSettingsReady({ ...NEW_PROFILE, chosen: unread })).toBe(false);
    expect([isPlaceReady(NEW_PROFILE), isPlaceReady({ ...NEW_PROFILE, groups: [] })]).toEqual([true, false]);
  });

  it.each([
    [{ kind: "at_least", text: " -3 " }, true],
    [{ kind: "at_least", text: "" }, false],
    [{ kind: "one_of", text: "\n" }, false],
    [{ kind: "equals", text: "" }, true],
    [{ kind: "check", text: "x" }, true],
  ] as const)("takes the threshold %j: %s", (threshold, isGood) => {
    expect(thresholdProblem(threshold) === undefined).toBe(isGood);
  });
});
