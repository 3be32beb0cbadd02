/** Reads of what administrators set. A key's first word is its topic, as in queries.ts. */
import { read } from "./read";
import type { DeviceGroupRow, TagRow, TagRuleRow, TrackerList } from "./types";

export const deviceGroupsQuery = () => read<DeviceGroupRow[]>(["groups", "rules"], "/device-groups");
export const tagRulesQuery = () => read<TagRuleRow[]>(["groups", "tag-rules"], "/tag-rules");
export const tagsQuery = () => read<TagRow[]>(["groups", "tags"], "/tags");
export const trackersQuery = () => read<TrackerList>(["remediation", "trackers"], "/remediation/trackers");
