/** The server's contracts by name. They come from the committed OpenAPI file: run `npm run types`. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type WeaknessRow = Schemas["WeaknessRow"];
export type SoftwareWeaknessRow = Schemas["SoftwareWeaknessRow"];
export type WeaknessDetail = Schemas["WeaknessDetail"];
export type AffectedSoftware = Schemas["AffectedSoftware"];
export type SourceClaim = Schemas["SourceClaim"];
export type SoftwareReference = Schemas["SoftwareReference"];
export type SoftwareRow = Schemas["SoftwareRow"];
export type SoftwareDetail = Schemas["SoftwareDetail"];
export type SoftwareVersionRow = Schemas["SoftwareVersionRow"];
export type DeviceRow = Schemas["DeviceRow"];
export type DeviceDetail = Schemas["DeviceDetail"];
export type DeviceSoftwareRow = Schemas["DeviceSoftwareRow"];
export type FindingRow = Schemas["FindingRow"];
export type Explanation = Schemas["Explanation"];
export type ExplanationStep = Schemas["ExplanationStep"];
export type SoftwareChangeRow = Schemas["SoftwareChangeRow"];
export type Dashboard = Schemas["Dashboard"];
export type FeedRow = Schemas["FeedRow"];
export type KnowledgeState = Schemas["KnowledgeState"];
export type GroupRow = Schemas["GroupRow"];
export type Session = Schemas["Session"];
export type SearchResult = Schemas["SearchResult"];
export type MissingUpdateRow = Schemas["MissingUpdateRow"];

export type CertificateRow = Schemas["CertificateRow"];
export type CertificateSummary = Schemas["CertificateSummary"];
export type UsageInsight = Schemas["UsageInsight"];

export type LookedUpAs = Schemas["LookedUpAs"];
export type RecommendationRow = Schemas["RecommendationRow"];
export type RecommendationDetail = Schemas["RecommendationDetail"];
export type RecommendationTarget = Schemas["RecommendationTarget"];
export type AlternateMitigation = Schemas["AlternateMitigation"];
export type MitigationStatement = Schemas["MitigationStatement"];
export type MitigationApplied = Schemas["MitigationApplied"];
export type MitigationRow = Schemas["MitigationRow"];
export type BluntingCheck = Schemas["BluntingCheck"];
export type PlanPage = Schemas["PlanPage"];
export type PlanStepRow = Schemas["PlanStepRow"];
export type SettingsPlan = Schemas["SettingsPlan"];
export type SettingsPlanStep = Schemas["SettingsPlanStep"];
export type Inaccuracy = Schemas["Inaccuracy"];
export type InaccuracyDecision = Schemas["InaccuracyDecision"];
export type InaccuracyRow = Schemas["InaccuracyRow"];
export type FeedbackRow = Schemas["FeedbackRow"];
export type FeedbackGiven = Schemas["FeedbackGiven"];
export type FeedbackDecision = Schemas["FeedbackDecision"];

export type ExceptionRow = Schemas["ExceptionRow"];
export type ExceptionRequest = Schemas["ExceptionRequest"];
export type ExceptionScopeRequest = Schemas["ExceptionScopeRequest"];
export type ExceptionPolicy = Schemas["ExceptionPolicy"];
export type OfferedGroup = Schemas["OfferedGroup"];

export type DetectionRow = Schemas["DetectionRow"];
export type DetectionDetail = Schemas["DetectionDetail"];
export type DetectionDecision = Schemas["DetectionDecision"];
export type DetectionPullList = Schemas["DetectionPullList"];
export type DetectionPullRow = Schemas["DetectionPullRow"];
export type DetectionPullKind = Schemas["DetectionPullKind"];
export type DetectionPullRequest = Schemas["DetectionPullRequest"];
export type PullTrial = Schemas["PullTrial"];

export type OwnAdvisoryRow = Schemas["OwnAdvisoryRow"];
export type OwnOutcome = Schemas["OwnOutcome"];
export type VexRow = Schemas["VexRow"];
export type VexOutcome = Schemas["VexOutcome"];
export type DeviceSourceRow = Schemas["DeviceSourceRow"];
export type Uploaded = Schemas["Uploaded"];
export type UploadOutcome = Schemas["UploadOutcome"];

export type ActivityRow = Schemas["ActivityRow"];
export type ActivityDetail = Schemas["ActivityDetail"];
export type ActivityDevice = Schemas["ActivityDevice"];
export type ActivityTicket = Schemas["ActivityTicket"];
export type ActivityRequest = Schemas["ActivityRequest"];
export type RemediationForm = Schemas["RemediationForm"];
export type SlaRules = Schemas["SlaRules"];
export type SlaRule = Schemas["SlaRule"];

export type DeviceDecision = Schemas["DeviceDecision"];
export type DeviceGroupRow = Schemas["DeviceGroupRow"];
export type DeviceGroupRequest = Schemas["DeviceGroupRequest"];
export type MatchingRule = Schemas["MatchingRule"];
export type Condition = Schemas["Condition"];
export type RulePreview = Schemas["RulePreview"];
export type TagRow = Schemas["TagRow"];
export type TagRuleRow = Schemas["TagRuleRow"];
export type TagRuleRequest = Schemas["TagRuleRequest"];

export type EventRow = Schemas["EventRow"];
export type TimelineSummary = Schemas["TimelineSummary"];
export type ScoreSeries = Schemas["ScoreSeries"];
export type HistoryTimes = Schemas["HistoryTimes"];
export type Times = Schemas["Times"];
export type OpenOn = Schemas["OpenOn"];
export type SsvcRow = Schemas["SsvcRow"];
export type SsvcDetail = Schemas["SsvcDetail"];
export type FleetChangeRow = Schemas["FleetChangeRow"];
export type ChangeFeed = Schemas["ChangeFeed"];
export type TrackerList = Schemas["TrackerList"];
export type TrackerRow = Schemas["TrackerRow"];
export type TrackerKind = Schemas["TrackerKind"];
export type TrackerRequest = Schemas["TrackerRequest"];

export type IdentityRow = Schemas["IdentityRow"];
export type MergedDeviceRow = Schemas["MergedDeviceRow"];
export type ContextRuleRow = Schemas["ContextRuleRow"];
export type ContextDecision = Schemas["ContextDecision"];
export type DeviceContext = Schemas["DeviceContext"];
export type HighValueUser = Schemas["HighValueUser"];
export type NotificationRule = Schemas["NotificationRule"];
export type NotificationRuleRow = Schemas["NotificationRuleRow"];
export type NotificationState = Schemas["NotificationState"];
export type SentRow = Schemas["SentRow"];
export type ChannelList = Schemas["ChannelList"];
export type ChannelRow = Schemas["ChannelRow"];
export type ChannelRequest = Schemas["ChannelRequest"];
export type ScanRow = Schemas["ScanRow"];
export type ScanRunRow = Schemas["ScanRunRow"];
export type NewScan = Schemas["NewScan"];
export type ScanOutcome = Schemas["Outcome"];

export type UserRow = Schemas["UserRow"];
export type UserRequest = Schemas["UserRequest"];
export type RoleList = Schemas["RoleList"];
export type RoleRow = Schemas["RoleRow"];
export type RoleRequest = Schemas["RoleRequest"];
export type LinkAnswer = Schemas["LinkAnswer"];
export type ApiTokenAnswer = Schemas["ApiTokenAnswer"];
export type ApiTokenRequest = Schemas["ApiTokenRequest"];
export type ApiTokenListed = Schemas["ApiTokenListed"];
export type EnrolmentRequestRow = Schemas["EnrolmentRequestRow"];
export type EnrolmentDecision = Schemas["EnrolmentDecision"];
export type EnrolmentTokenRequest = Schemas["EnrolmentTokenRequest"];
export type EnrolmentTokenRow = Schemas["EnrolmentTokenRow"];

export type IntakeRow = Schemas["IntakeRow"];
export type DetectionMapping = Schemas["DetectionMapping"];
export type VexImport = Schemas["VexImport"];
export type VexImported = Schemas["VexImported"];
export type DecisionAnswer = Schemas["DecisionAnswer"];

export type CheckRow = Schemas["CheckRow"];
export type CheckDetail = Schemas["CheckDetail"];
export type CheckChoice = Schemas["CheckChoice"];
export type CheckValueRow = Schemas["CheckValueRow"];
export type DeviceCheckRow = Schemas["DeviceCheckRow"];
export type SecureScore = Schemas["SecureScore"];
export type SecureScoreCategory = Schemas["SecureScoreCategory"];
export type SecureScoreSeries = Schemas["SecureScoreSeries"];

export type Expected = Schemas["Expected"];
export type BaselineRow = Schemas["BaselineRow"];
export type BaselineDetail = Schemas["BaselineDetail"];
export type BaselineConfigurationRow = Schemas["BaselineConfigurationRow"];
export type BaselineDeviceRow = Schemas["BaselineDeviceRow"];
export type BaselineOverview = Schemas["BaselineOverview"];
export type BaselineProfile = Schemas["Profile"];
export type DeviceBaseline = Schemas["DeviceBaseline"];
export type DeviceConfigurationRow = Schemas["DeviceConfigurationRow"];
export type FailingConfiguration = Schemas["FailingConfiguration"];
export type FailingDevice = Schemas["FailingDevice"];
export type ReportDocument = Schemas["ReportDocument"];
export type ReportSection = Schemas["Section"];

export type DeviceObservations = Schemas["DeviceObservations"];
export type DeviceTroubles = Schemas["DeviceTroubles"];
export type AgentLogRow = Schemas["AgentLogRow"];

export type Severity = WeaknessRow["severity"];
export type ExposureLevel = DeviceRow["exposure_level"];
export type ExploitLevel = WeaknessRow["exploit_level"];
export type MatchStatus = FindingRow["status"];

/** One page of a list: `total` counts all rows that the filters let through, `page` starts at 1. */
export interface Page<Row> {
  items: Row[];
  total: number;
  page: number;
  page_size: number;
  sort: string;
  described: string;
}
