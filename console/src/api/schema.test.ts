// @vitest-environment node
import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("matches docs/openapi.json (otherwise: npm run types)", async () => {
  const document = new URL("../../../docs/openapi.json", import.meta.url);
  const committed = await readFile(new URL("./schema.d.ts", import.meta.url), "utf8");
  expect(committed).toBe(COMMENT_HEADER + astToString(await openapiTS(document)));
}, 30_000);
