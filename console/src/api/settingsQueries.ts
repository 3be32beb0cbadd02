/** Reads of what administrators set. A key's first word is its topic, as in queries.ts. */
import { inPath, read } from "./read";
import type {
  ApiTokenListed,
  ChannelList,
  ContextRuleRow,
  DeviceContext,
  DeviceGroupRow,
  EnrolmentRequestRow,
  HighValueUser,
  IdentityRow,
  MergedDeviceRow,
  NotificationState,
  RoleList,
  ScanRow,
  ScanRunRow,
  TagRow,
  TagRuleRow,
  TrackerList,
  UserRow,
} from "./types";

export const deviceGroupsQuery = () => read<DeviceGroupRow[]>(["groups", "rules"], "/device-groups");
export const tagRulesQuery = () => read<TagRuleRow[]>(["groups", "tag-rules"], "/tag-rules");
export const tagsQuery = () => read<TagRow[]>(["groups", "tags"], "/tags");
export const trackersQuery = () => read<TrackerList>(["remediation", "trackers"], "/remediation/trackers");

export const identityQuery = () => read<IdentityRow[]>(["devices", "identity"], "/identity-findings");
export const mergedDevicesQuery = () => read<MergedDeviceRow[]>(["devices", "merged"], "/merged-devices");
export const contextRulesQuery = () =>
  read<ContextRuleRow[]>(["devices", "context-rules"], "/business-context/rules");
export const highValueUsersQuery = () =>
  read<HighValueUser[]>(["devices", "high-value-users"], "/business-context/high-value-users");
export const deviceContextQuery = (id: string) =>
  read<DeviceContext>(["devices", "of", id, "context"], `/devices/${inPath(id)}/context`);

export const notificationsQuery = () =>
  read<NotificationState>(["notifications", "rules"], "/notifications/rules");
export const channelsQuery = () =>
  read<ChannelList>(["notifications", "channels"], "/notifications/channels");

export const scansQuery = () => read<ScanRow[]>(["scans", "list"], "/scans");
export const scanRunsQuery = (id: number) => read<ScanRunRow[]>(["scans", "runs", id], `/scans/${id}/runs`);

export const peopleQuery = () => read<UserRow[]>(["access", "people"], "/admin/users");
export const rolesQuery = () => read<RoleList>(["access", "roles"], "/admin/roles");
export const apiTokensQuery = () => read<ApiTokenListed[]>(["access", "tokens"], "/admin/api-tokens");
export const enrolmentRequestsQuery = () =>
  read<EnrolmentRequestRow[]>(["devices", "enrolment-requests"], "/admin/enrolment-requests");
