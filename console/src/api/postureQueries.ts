/** Reads of configuration checks and the secure score. A key's first word is its topic, as in queries.ts. */
import type { Parameters } from "./client";
import { inPath, list, read, wholeList } from "./read";
import type {
  BaselineDetail,
  BaselineDeviceRow,
  BaselineOverview,
  BaselineRow,
  CheckDetail,
  CheckRow,
  DeviceBaseline,
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

export const baselinesQuery = (groups?: string) =>
  read<BaselineRow[]>(["checks", "baselines", groups], "/baselines", { groups });
export const baselineOverviewQuery = (groups?: string) =>
  read<BaselineOverview>(["checks", "baseline-compliance", groups], "/baseline-compliance", { groups });
export const baselineQuery = (id: string, groups?: string) =>
  read<BaselineDetail>(["checks", "baseline", id, groups], `/baselines/${inPath(id)}`, { groups });
export const baselineDevicesQuery = (id: string, parameters: Parameters) =>
  list<BaselineDeviceRow>(["checks", "baseline-devices", id], `/baselines/${inPath(id)}/devices`, parameters);
export const deviceBaselinesQuery = (id: string) =>
  read<DeviceBaseline[]>(["checks", "baselines-of", id], `/devices/${inPath(id)}/baselines`);
