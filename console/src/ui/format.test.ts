import { describe, expect, it } from "vitest";

import {
  age,
  counted,
  date,
  days,
  epss,
  person,
  points,
  share,
  system,
  time,
  UNKNOWN,
  withTimes,
} from "./format";

describe("words of the server", () => {
  it("become times, people and systems as people read them", () => {
    expect(withTimes("Seen on 2026-11-22T07:11:53.198273Z, not 2026-11-22.")).toBe(
      "Seen on 22 Nov 2026, 07:11 UTC, not 2026-11-22.",
    );
    expect(person("internal:0:command line")).toBe("command line");
    expect(person("ada")).toBe("ada");
    expect(system("almalinux")).toBe("AlmaLinux");
    expect(system("templeos")).toBe("templeos");
  });
});

describe("values", () => {
  it("never show what is not known as zero", () => {
    expect([epss(null), date(null), time(null)]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    expect([days(null, 0), days("never", 0)]).toEqual([UNKNOWN, UNKNOWN]);
  });

  it("tell an age in whole days", () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    expect(days("2026-11-21T13:00:00Z", now)).toBe("0 days");
    expect(days("2026-11-21T12:00:00Z", now)).toBe("1 day");
  });

  it("show an EPSS below one in a thousand as 0", () => {
    expect([epss(0.00099), epss(0.001), epss(0.9431)]).toEqual(["0 %", "0.1 %", "94.3 %"]);
    expect([share(0), share(0.034), share(0.25)]).toEqual(["0 %", "3.4 %", "25 %"]);
  });

  it("show times in UTC wherever the browser is", () => {
    expect(time("2026-11-22T23:30:00Z")).toBe("22 Nov 2026, 23:30 UTC");
    expect(date("2026-11-22T23:30:00-08:00")).toBe("23 Nov 2026");
  });

  it("show foreign text that is no time as it came", () => {
    expect(date("soon")).toBe("soon");
  });

  it("tell ages in one unit", () => {
    const now = Date.UTC(2026, 10, 22, 12);
    expect(age("2026-11-22T11:59:55Z", now)).toBe("just now");
    expect(age("2026-11-22T09:30:00Z", now)).toBe("2 hours ago");
    expect(age("2025-10-01T00:00:00Z", now)).toBe("1 year ago");
    expect(age(null, now)).toBe("never");
  });

  it("do not round an impact to nothing", () => {
    expect([points(0), points(0.004), points(1.234)]).toEqual(["0.00", "< 0.01", "1.23"]);
  });

  it("agree in number", () => {
    expect([counted(1, "device"), counted(1_200, "weakness", "weaknesses")]).toEqual([
      "1 device",
      "1,200 weaknesses",
    ]);
  });
});
