import { describe, expect, it } from "vitest";

import { vexDocument } from "./vexDocument";

describe("a VEX file", () => {
  it("is one JSON object", () => {
    expect(vexDocument('{"statements": []}')).toEqual({ statements: [] });
  });

  it.each(["", "<xml/>", "[]", "null", '"text"'])("is not %s", (text) => {
    expect(() => vexDocument(text)).toThrow("choose an OpenVEX");
  });
});
