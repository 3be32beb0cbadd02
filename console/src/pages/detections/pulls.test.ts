import { describe, expect, it } from "vitest";

import { pullState, trialText } from "./pulls";

const good = { is_enabled: true, failures: 0, is_stale: false, last_success_at: "2026-01-01T00:00:00Z" };

describe("a connection that is asked for alerts", () => {
  it("says in a word how it is, and whether somebody has to look", () => {
    expect(pullState(good)).toEqual({ word: "Works", isBad: false });
    expect(pullState({ ...good, last_success_at: null })).toEqual({ word: "Not asked yet", isBad: false });
    expect(pullState({ ...good, is_stale: true })).toEqual({ word: "Silent", isBad: true });
    expect(pullState({ ...good, is_stale: true, failures: 2 })).toEqual({ word: "Fails", isBad: true });
  });

  it("is not silent while it is switched off", () => {
    expect(pullState({ ...good, is_enabled: false, failures: 3, is_stale: true }).isBad).toBe(false);
  });

  it("tells what a trial gave, or why it gave nothing", () => {
    expect(trialText({ is_good: true, alerts: 1, is_more: true, failure: "" })).toBe(
      "It works: 1 alert would be taken, and there are more. Nothing was kept.",
    );
    expect(trialText({ is_good: false, alerts: 0, is_more: false, failure: "It refuses the secret." })).toBe(
      "It refuses the secret.",
    );
  });
});
