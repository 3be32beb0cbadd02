import { describe, expect, it } from "vitest";

import { pageOfRows } from "./read";

const ROWS = [
  { name: "b", count: 10, note: null },
  { name: "a", count: 9, note: "Second <b>" },
  { name: "a10", count: 2, note: "x" },
];

describe("a list that the server sends whole", () => {
  it("is sorted by numbers as numbers, either way", () => {
    expect(pageOfRows(ROWS, { sort: "-count" }).items.map((row) => row.count)).toEqual([10, 9, 2]);
    expect(pageOfRows(ROWS, { sort: "count" }).items.map((row) => row.count)).toEqual([2, 9, 10]);
  });

  it("is searched in all that it holds", () => {
    expect(pageOfRows(ROWS, { search: "SECOND <B>" }).items).toHaveLength(1);
    expect(pageOfRows(ROWS, { search: "nothing" }).total).toBe(0);
  });

  it("is cut into pages; the total counts what is found", () => {
    const page = pageOfRows(ROWS, { page: 2, page_size: 2, sort: "name" });
    expect([page.total, page.items.map((row) => row.name)]).toEqual([3, ["b"]]);
  });
});
