import { describe, expect, it } from "vitest";

import type { RemediationForm } from "../../api/types";
import { fillFor, requestOf } from "./activityRequest";

const FORM: RemediationForm = {
  recommendation_id: "va-_-debian-_-examplessl",
  title: "Update examplessl",
  options: ["Update", "AttentionRequired"],
  option: "Update",
  groups: [
    { id: 1, name: "Servers", devices: 3 },
    { id: 2, name: "Desks", devices: 4 },
  ],
  exposed_devices: 7,
  priority: "High",
  due_on: "2026-12-24T00:00:00Z",
  due_reason: "",
  trackers: {},
  active_activities: 0,
};

describe("a request for remediation", () => {
  it("starts with what the recommendation suggests", () => {
    const asked = requestOf([FORM.recommendation_id], fillFor(FORM, true, undefined));
    expect(asked).toEqual({
      recommendation_ids: [FORM.recommendation_id],
      option: "Update",
      group_ids: null,
      due_on: "2026-12-24",
      priority: "High",
      notes: "",
      mitigation: "None",
      tracker_id: null,
    });
  });

  it("keeps to the device groups in force, and to those that are exposed", () => {
    const asked = requestOf(["a"], fillFor(FORM, true, "2,9"));
    expect(asked.group_ids).toEqual([2]);
  });

  it("has no due date where attention is all that can be asked for", () => {
    const filled = { ...fillFor(FORM, true, undefined), option: "AttentionRequired" as const };
    expect(requestOf(["a"], filled).due_on).toBeNull();
  });

  it("leaves option and date of a plan's steps to each of them", () => {
    const asked = requestOf(["a", "b"], fillFor(FORM, false, undefined));
    expect([asked.option, asked.due_on]).toEqual([null, null]);
  });
});
