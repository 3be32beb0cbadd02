/** One decision about one device or many; what is absent stays as it is. */
import { send } from "../../api/client";
import type { DecisionAnswer, DeviceDecision } from "../../api/types";
import { useChange } from "../../ui/Form";
import type { DEVICE_VALUES } from "./columns";

/** What a decision about devices, and a merge of two, changes. */
export const DEVICE_TOPICS = [
  "devices",
  "groups",
  "dashboard",
  "software",
  "weaknesses",
  "recommendations",
  "plan",
];

export const AS_RULES = "unset";
export const FACING = { yes: "Yes", no: "No", unset: "As observed" } as const;
export const VALUE_MEANING: Record<(typeof DEVICE_VALUES)[number], string> = {
  High: "High: counts as much as a tenth of all devices",
  Normal: "Normal: counts once",
  Low: "Low: counts three quarters",
};

export type Decided = Partial<Omit<DeviceDecision, "devices">>;

const NOTHING: Omit<DeviceDecision, "devices"> = {
  add_tags: [],
  remove_tags: [],
  value: null,
  criticality: null,
  internet_facing: null,
  group_id: null,
  is_excluded: null,
  reason: "",
};

export function useDecision(deviceIds: string[]) {
  return useChange(
    (decided: Decided) =>
      send<DecisionAnswer>("POST", "/devices/decisions", {
        ...NOTHING,
        ...decided,
        devices: { ids: deviceIds, groups: [], tags: [] },
      } satisfies DeviceDecision),
    DEVICE_TOPICS,
  );
}

/** Tags of a text, one a line, each once. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}
