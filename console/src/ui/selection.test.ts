import { describe, expect, it } from "vitest";

import { chosenAfter, MOST_CHOSEN } from "./selection";

const keyOf = (row: { id: number }) => String(row.id);
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: from + at }));

describe("chosen rows", () => {
  it("come from several pages, each once", () => {
    const first = chosenAfter(new Map(), rows(0, 3), true, keyOf);
    const both = chosenAfter(first, rows(2, 5), true, keyOf);
    expect([...both.keys()]).toEqual(["0", "1", "2", "3", "4"]);
    expect([...chosenAfter(both, rows(1, 4), false, keyOf).keys()]).toEqual(["0", "4"]);
  });

  it("are never more than the server takes at once", () => {
    expect(chosenAfter(new Map(), rows(0, MOST_CHOSEN + 30), true, keyOf).size).toBe(MOST_CHOSEN);
  });
});
