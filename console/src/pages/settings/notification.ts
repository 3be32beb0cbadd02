/** Notification rules in words, and what a new one starts with. */
import type { NotificationRule } from "../../api/types";

type Event = NonNullable<NotificationRule["events"]>[number];

export const EVENTS: Record<Event, string> = {
  new_vulnerability: "New vulnerability found",
  exploit_verified: "Exploit was verified",
  public_exploit: "New public exploit",
  exploit_kit: "Exploit added to an exploit kit",
};
export const REPORTS: Record<NonNullable<NotificationRule["report"]>, string> = {
  vulnerable_devices: "Vulnerable devices report",
  executive: "Executive report",
};

export function newRule(channelId: number): NotificationRule {
  return {
    name: "",
    channel_id: channelId,
    description: "",
    is_active: true,
    groups: null,
    events: ["new_vulnerability"],
    min_severity: "Critical",
    include_organisation: true,
    recipients: [],
    pace: "soon",
    report: null,
    schedule: "weekly",
  };
}

/** What a rule tells, in a sentence. */
export function ruleSentence(rule: NotificationRule): string {
  if (rule.report) return `${REPORTS[rule.report]}, ${rule.schedule ?? "weekly"}`;
  const events = (rule.events ?? []).map((event) => EVENTS[event]).join(", ");
  const pace = rule.pace === "daily" ? "once a day" : "soon";
  return `${events || "Nothing"}; from severity ${rule.min_severity ?? "Low"}; ${pace}`;
}

/** Addresses of a text, one a line or separated by commas. */
export function addressesOf(text: string): string[] {
  return [...new Set(text.split(/[\n,;]/).map((one) => one.trim()))].filter(Boolean);
}
