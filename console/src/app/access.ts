import { useQuery } from "@tanstack/react-query";

import { sessionQuery } from "../api/queries";

/** Names of permissions (docs/security.md); the server decides, the console only leaves out what it would refuse. */
export type Permission =
  | "ActiveRemediation.ExceptionHandling"
  | "ActiveRemediation.RemediationHandling"
  | "ActiveRemediation.ApplicationHandling"
  | "AlertsInvestigation"
  | "ManageSystemSettings"
  | "ManageSecurityBaselines"
  | "ManageSecurity"
  | "TvmViewData";

/** Whether who is signed in has a permission. */
export function useMay(permission: Permission): boolean {
  const { data: session } = useQuery(sessionQuery());
  return session?.permissions.includes(permission) ?? false;
}
