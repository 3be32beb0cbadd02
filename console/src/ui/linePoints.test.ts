import { expect, it } from "vitest";

import { linePoints } from "./linePoints";

it("goes from the oldest on the left to the newest on the right, the most on top", () => {
  expect(linePoints([0, 5, 10], 23, 13)).toBe("1.5,11.5 11.5,6.5 21.5,1.5");
});

it("lies in the middle where nothing moved", () => {
  expect(linePoints([7, 7], 23, 13)).toBe("1.5,6.5 21.5,6.5");
});
