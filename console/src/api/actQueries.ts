/** Reads of what can be done and what is being done. As in queries.ts, a key's first word is its topic. */
import type { Parameters } from "./client";
import { inPath, list, read, wholeList } from "./read";
import type {
  ActivityDetail,
  ActivityDevice,
  ActivityRow,
  DeviceRow,
  ExceptionPolicy,
  ExceptionRow,
  FeedbackRow,
  InaccuracyRow,
  MitigationRow,
  OfferedGroup,
  PlanPage,
  RecommendationDetail,
  RecommendationRow,
  RemediationForm,
  SlaRules,
  WeaknessRow,
} from "./types";

export const recommendationsQuery = (parameters: Parameters) =>
  list<RecommendationRow>(["recommendations", "list"], "/recommendations", parameters);
export const recommendationQuery = (id: string, groups?: string) =>
  read<RecommendationDetail>(["recommendations", "detail", id, groups], `/recommendations/${inPath(id)}`, {
    groups,
  });
export const recommendationDevicesQuery = (id: string, parameters: Parameters) =>
  list<DeviceRow>(["recommendations", "devices", id], `/recommendations/${inPath(id)}/devices`, parameters);
export const recommendationWeaknessesQuery = (id: string, parameters: Parameters) =>
  list<WeaknessRow>(
    ["recommendations", "weaknesses", id],
    `/recommendations/${inPath(id)}/weaknesses`,
    parameters,
  );

export const planQuery = (parameters: Parameters) =>
  read<PlanPage>(["plan", parameters], "/plan", parameters);

export const inaccuraciesQuery = (parameters: Parameters) =>
  wholeList<InaccuracyRow>(["inaccuracies", "list"], "/inaccuracies", parameters, ["state"]);

export const feedbackQuery = (parameters: Parameters) =>
  wholeList<FeedbackRow>(["feedback", "list"], "/feedback", parameters, ["state", "kind"]);

export const exceptionsQuery = (parameters: Parameters) =>
  list<ExceptionRow>(["exceptions", "list"], "/exceptions", parameters);
export const exceptionQuery = (id: string) =>
  read<ExceptionRow>(["exceptions", "detail", id], `/exceptions/${inPath(id)}`);
export const exceptionDevicesQuery = (id: string, parameters: Parameters) =>
  list<DeviceRow>(["exceptions", "devices", id], `/exceptions/${inPath(id)}/devices`, parameters);
export const exceptionGroupsPath = (id: number) => `/exceptions/${id}/groups`;
export const exceptionGroupsQuery = (subject_kind: ExceptionRow["subject_kind"], subject: string) =>
  read<OfferedGroup[]>(["exceptions", "groups", subject_kind, subject], "/exceptions/groups", {
    subject_kind,
    subject,
  });

export const activitiesQuery = (parameters: Parameters) =>
  list<ActivityRow>(["remediation", "list"], "/remediation/activities", parameters);
export const mitigationsQuery = (parameters: Parameters) =>
  list<MitigationRow>(["remediation", "mitigations"], "/remediation/mitigations", parameters);
export const activityQuery = (id: string) =>
  read<ActivityDetail>(["remediation", "detail", id], `/remediation/activities/${inPath(id)}`);
export const activityDevicesQuery = (id: string, parameters: Parameters) =>
  list<ActivityDevice>(
    ["remediation", "devices", id],
    `/remediation/activities/${inPath(id)}/devices`,
    parameters,
  );
export const remediationFormQuery = (recommendationId: string) =>
  read<RemediationForm>(
    ["remediation", "form", recommendationId],
    `/recommendations/${inPath(recommendationId)}/remediation-form`,
  );
export const slaQuery = () => read<SlaRules>(["remediation", "sla"], "/remediation/sla");
export const exceptionPolicyQuery = () =>
  read<ExceptionPolicy>(["exceptions", "policy"], "/exceptions/policy");
