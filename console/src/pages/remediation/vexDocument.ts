import { ApiProblem } from "../../api/client";
import type { VexImport } from "../../api/types";

const TITLE = "The file is no VEX document";

/** The document in a file. Raises ApiProblem when it is not a JSON object. */
export function vexDocument(text: string): VexImport["document"] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new ApiProblem(0, TITLE, "It is not JSON; choose an OpenVEX, CSAF or CycloneDX document.");
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw new ApiProblem(
      0,
      TITLE,
      "It is not one JSON object; choose an OpenVEX, CSAF or CycloneDX document.",
    );
  }
  return found as VexImport["document"];
}
