/** Reads of configuration checks and the secure score. A key's first word is its topic, as in queries.ts. */
import type { Parameters } from "./client";
import { inPath, list, read, wholeList } from "./read";
import type {
  CheckDetail,
  CheckRow,
  DeviceCheckRow,
  DeviceRow,
  SecureScore,
  SecureScoreSeries,
} from "./types";

export const checksQuery = (parameters: Parameters) =>
  list<CheckRow>(["checks", "list"], "/checks", parameters);
export const checkQuery = (id: string, groups?: string) =>
  read<CheckDetail>(["checks", "detail", id, groups], `/checks/${inPath(id)}`, { groups });
export const checkDevicesQuery = (id: string, parameters: Parameters) =>
  list<DeviceRow>(["checks", "devices", id], `/checks/${inPath(id)}/devices`, parameters);
export const deviceChecksQuery = (id: string, parameters: Parameters) =>
  wholeList<DeviceCheckRow>(["checks", "of", id], `/devices/${inPath(id)}/checks`, parameters, []);

export const secureScoreQuery = (groups?: string) =>
  read<SecureScore>(["checks", "score", groups], "/secure-score", { groups });
export const secureScoreSeriesQuery = (
  kind: SecureScoreSeries["kind"],
  subject: string | undefined,
  range: Parameters,
) =>
  read<SecureScoreSeries>(["checks", "score-series", kind, subject, range], "/history/secure-score", {
    kind,
    subject,
    ...range,
  });
