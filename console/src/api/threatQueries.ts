/** Reads of what happened and happens: detections, the timeline, history. */
import type { Parameters } from "./client";
import { inPath, list, read } from "./read";
import type {
  DetectionDetail,
  DetectionMapping,
  DetectionPullList,
  DetectionRow,
  EventRow,
  FleetChangeRow,
  HistoryTimes,
  IntakeRow,
  OpenOn,
  ReportDocument,
  ScoreSeries,
  SsvcDetail,
  SsvcRow,
  TimelineSummary,
} from "./types";

export const detectionsQuery = (parameters: Parameters) =>
  list<DetectionRow>(["detections", "list"], "/detections", parameters);
export const detectionQuery = (id: string) =>
  read<DetectionDetail>(["detections", "detail", id], `/detections/${inPath(id)}`);
export const intakesQuery = () => read<IntakeRow[]>(["detections", "intakes"], "/detection-intakes");
export const mappingsQuery = () =>
  read<DetectionMapping[]>(["detections", "mappings"], "/detection-mappings");

export const pullsQuery = () => read<DetectionPullList>(["detections", "pulls"], "/detection-pulls");

export const timelineQuery = (parameters: Parameters) =>
  list<EventRow>(["timeline", "list"], "/timeline", parameters);
export const timelineSummaryQuery = (parameters: Parameters) =>
  read<TimelineSummary>(["timeline", "summary", parameters], "/timeline/summary", parameters);

export const scoresQuery = (kind: ScoreSeries["kind"], subject: string | undefined, range: Parameters) =>
  read<ScoreSeries>(["history", "scores", kind, subject, range], "/history/scores", {
    kind,
    subject,
    ...range,
  });
export const timesQuery = (parameters: Parameters) =>
  read<HistoryTimes>(["history", "times", parameters], "/history/times", parameters);
export const openOnQuery = (parameters: Parameters) =>
  read<OpenOn>(["history", "open", parameters], "/history/open", parameters);

export const ssvcListQuery = (parameters: Parameters) =>
  list<SsvcRow>(["weaknesses", "ssvc"], "/ssvc", parameters);
export const ssvcQuery = (name: string, groups?: string) =>
  read<SsvcDetail[]>(["weaknesses", "decisions", name, groups], `/weaknesses/${inPath(name)}/ssvc`, {
    groups,
  });
export const fleetChangesQuery = (parameters: Parameters) =>
  list<FleetChangeRow>(["devices", "fleet-changes"], "/software-changes", parameters);

export const reportQuery = (parameters: Parameters) =>
  read<ReportDocument>(["history", "report", parameters], "/reports/data", parameters);
