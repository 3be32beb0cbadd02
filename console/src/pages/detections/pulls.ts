/** What is said of connections that are asked for alerts. */
import type { DetectionPullRow, PullTrial } from "../../api/types";
import * as format from "../../ui/format";

type Told = Pick<DetectionPullRow, "is_enabled" | "failures" | "is_stale" | "last_success_at">;

/** Its state in a word; `isBad` where somebody has to look at it. */
export function pullState(pull: Told): { word: string; isBad: boolean } {
  if (!pull.is_enabled) return { word: "Switched off", isBad: false };
  if (pull.failures > 0) return { word: "Fails", isBad: true };
  if (pull.is_stale) return { word: "Silent", isBad: true };
  return { word: pull.last_success_at === null ? "Not asked yet" : "Works", isBad: false };
}

export function trialText(trial: PullTrial): string {
  if (!trial.is_good) return trial.failure;
  const more = trial.is_more ? ", and there are more" : "";
  return `It works: ${format.counted(trial.alerts, "alert")} would be taken${more}. Nothing was kept.`;
}
