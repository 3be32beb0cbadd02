/** Permissions in words. One that is not known here is shown by its name. */

export const PERMISSIONS: Record<string, [label: string, meaning: string]> = {
  ViewData: ["View data: security operations", "See devices, detections and device groups."],
  TvmViewData: [
    "View data: vulnerability management",
    "See weaknesses, software, recommendations and scores.",
  ],
  "ActiveRemediation.SecurityOperations": [
    "Active remediation: security operations",
    "Take actions on devices.",
  ],
  "ActiveRemediation.ExceptionHandling": [
    "Active remediation: exceptions",
    "Ask for, approve and end exceptions.",
  ],
  "ActiveRemediation.RemediationHandling": [
    "Active remediation: remediation",
    "Request remediation, open tickets, complete activities.",
  ],
  "ActiveRemediation.ApplicationHandling": [
    "Active remediation: applications",
    "Block and allow applications.",
  ],
  ManageSecurityBaselines: ["Manage security baselines", "Make and change profiles of baselines."],
  AlertsInvestigation: ["Investigate alerts", "Say what detections are and whom they are for."],
  ManageSystemSettings: [
    "Manage system settings",
    "People, roles, device groups, ticketing systems. Whoever has it can give themselves everything.",
  ],
  ManageSecurity: [
    "Manage security settings",
    "Devices, tags, exclusions, own advisories, scans, notifications, enrolment.",
  ],
};

export function permissionLabel(name: string): string {
  return PERMISSIONS[name]?.[0] ?? name;
}

/** Device groups by name; null means all, also later ones. */
export function groupsText(ids: number[] | null, names: ReadonlyMap<number, string>): string {
  if (ids === null) return "All device groups";
  if (ids.length === 0) return "None: sees no device";
  return ids.map((id) => names.get(id) ?? `Group ${id}`).join(", ");
}
