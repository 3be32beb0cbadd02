import type { Fact } from "../../ui/Facts";
import type { UsageInsight } from "../../api/types";
import * as format from "../../ui/format";

const NOT_REPORTED = "Not reported";

/** How much a software is used: facts that say of how many devices that is known. */
export function usageFacts(usage: UsageInsight | null | undefined): Fact[] {
  if (!usage) return [["Usage in 30 days", NOT_REPORTED]];
  const looking = format.counted(usage.reporting_devices, "device");
  return [
    ["Devices using it", `${format.count(usage.using_devices)} of ${looking} that tell what runs`],
    [
      "Median usage",
      usage.median_days === null ? "Not seen running" : `${usageDays(usage.median_days)} of the last 30 days`,
    ],
  ];
}

/** A median may lie between two days. */
function usageDays(days: number): string {
  return Number.isInteger(days) ? String(days) : days.toFixed(1);
}
