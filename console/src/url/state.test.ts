import { describe, expect, it } from "vitest";

import {
  changed,
  formatQuery,
  listParameters,
  nextSort,
  pageOf,
  pageSizeOf,
  parseQuery,
  parts,
  readUrlState,
} from "./state";

describe("an address", () => {
  it("is read and written in the API's own words", () => {
    const text = "?severity=Critical,High&sort=-epss&open=CVE-2026-0001&groups=1,2";
    expect(formatQuery(readUrlState(parseQuery(text)))).toBe(text);
  });

  it("keeps text with markup and separators whole", () => {
    const state = { search: "<b>a&b=c</b> + %", open: "org.example:tool/1" };
    expect(readUrlState(parseQuery(formatQuery(state)))).toEqual(state);
  });

  it("drops what it does not know, what is not text and what is too long", () => {
    expect(readUrlState({ evil: "1", page: 3, search: "x".repeat(501), sort: "name" })).toEqual({
      sort: "name",
    });
  });

  it("accepts a repeated name as a list", () => {
    expect(parts(readUrlState(parseQuery("?severity=High&severity=Low")).severity)).toEqual(["High", "Low"]);
  });
});

describe("a change of the address", () => {
  const before = { severity: "High", page: "4", open: "CVE-2026-0001", groups: "2" };

  it("goes to the first page when the list becomes another one", () => {
    expect(changed(before, { severity: "Low" })).toEqual({
      severity: "Low",
      open: "CVE-2026-0001",
      groups: "2",
    });
    expect(changed(before, { sort: "name" })).not.toHaveProperty("page");
  });

  it("stays on its page when only a flyout or the columns change", () => {
    expect(changed(before, { open: undefined, columns: "name,epss" })).toEqual({
      severity: "High",
      page: "4",
      groups: "2",
      columns: "name,epss",
    });
  });
});

describe("page and page size", () => {
  it.each(["0", "-1", "1.5", "x", "1e9"])("falls back to the first page for %s", (page) => {
    expect(pageOf({ page })).toBe(1);
  });

  it("offers only the known sizes", () => {
    expect(pageSizeOf({ page_size: "100" })).toBe(100);
    expect(pageSizeOf({ page_size: "5000" })).toBe(30);
  });
});

describe("sorting by a column", () => {
  it("starts with the largest number, and the first name, then turns round", () => {
    expect(nextSort("name", "epss", true)).toBe("-epss");
    expect(nextSort("-epss", "epss", true)).toBe("epss");
    expect(nextSort("-epss", "name", false)).toBe("name");
    expect(nextSort("name", "name", false)).toBe("-name");
  });
});

describe("the parameters of a call", () => {
  it("hold only the filters of this list, with its sort unless another is chosen", () => {
    const state = { severity: "High", level: "Low", groups: "3", page: "2" };
    expect(listParameters(state, ["severity", "search"], "-hazard")).toEqual({
      severity: "High",
      search: undefined,
      groups: "3",
      sort: "-hazard",
      page: 2,
      page_size: 30,
    });
  });
});
