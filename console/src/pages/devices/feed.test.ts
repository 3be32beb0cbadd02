import { describe, expect, it } from "vitest";

import { feedParameters } from "./feed";

describe("the feed of changes", () => {
  it("goes back from the newest, part by part", () => {
    expect(feedParameters({}, undefined)).toMatchObject({ since: undefined, limit: 100 });
    expect(feedParameters({}, 42)).toMatchObject({ before: 42 });
  });

  it("goes forward from a day, and then from where it was", () => {
    expect(feedParameters({ since: "2026-01-31" }, undefined)).toMatchObject({ since: "2026-01-31" });
    const next = feedParameters({ since: "2026-01-31", change: "removed" }, 42);
    expect(next).toMatchObject({ after: 42, change: "removed" });
    expect(next).not.toHaveProperty("since");
  });
});
