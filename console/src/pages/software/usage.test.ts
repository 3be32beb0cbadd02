import { describe, expect, it } from "vitest";

import { usageFacts } from "./usage";

const USAGE = { installed_devices: 5, reporting_devices: 3, using_devices: 2, median_days: 7.5 };

describe("usage of a software", () => {
  it("is not reported where no device tells what runs", () => {
    expect(usageFacts(null)).toEqual([["Usage in 30 days", "Not reported"]]);
  });

  it("names the devices that it is known of", () => {
    expect(usageFacts(USAGE)).toEqual([
      ["Devices using it", "2 of 3 devices that tell what runs"],
      ["Median usage", "7.5 of the last 30 days"],
    ]);
  });

  it("is never called zero days", () => {
    const [, median] = usageFacts({ ...USAGE, using_devices: 0, median_days: null });
    expect(median?.[1]).toBe("Not seen running");
  });
});
