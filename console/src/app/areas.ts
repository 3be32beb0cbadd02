/** The areas of the navigation, in their order, with the permission that an area needs. */
import {
  AppsListDetail20Regular,
  BookInformation20Regular,
  Board20Regular,
  Bug20Regular,
  Certificate20Regular,
  Desktop20Regular,
  Edit20Regular,
  Lightbulb20Regular,
  Wrench20Regular,
  AlertUrgent20Regular,
  Settings20Regular,
  CalendarClock20Regular,
  DataTrending20Regular,
  DesktopPulse20Regular,
  TaskListLtr20Regular,
  ShieldCheckmark20Regular,
  type FluentIcon,
} from "@fluentui/react-icons";

import type { Permission } from "./access";

interface Area {
  to: string;
  label: string;
  Icon: FluentIcon;
  needs?: Permission;
}

export const AREAS = [
  { to: "/", label: "Dashboard", Icon: Board20Regular },
  { to: "/recommendations", label: "Recommendations", Icon: Lightbulb20Regular },
  { to: "/remediation", label: "Remediation", Icon: Wrench20Regular },
  { to: "/weaknesses", label: "Weaknesses", Icon: Bug20Regular },
  { to: "/checks", label: "Configuration", Icon: TaskListLtr20Regular },
  { to: "/baselines", label: "Security baselines", Icon: ShieldCheckmark20Regular },
  { to: "/timeline", label: "Event timeline", Icon: CalendarClock20Regular },
  { to: "/history", label: "History", Icon: DataTrending20Regular },
  { to: "/vulnerable-devices", label: "Vulnerable devices", Icon: DesktopPulse20Regular },
  { to: "/software", label: "Software inventory", Icon: AppsListDetail20Regular },
  { to: "/certificates", label: "Certificates", Icon: Certificate20Regular },
  { to: "/devices", label: "Devices", Icon: Desktop20Regular },
  { to: "/detections", label: "Detections", Icon: AlertUrgent20Regular },
  { to: "/intelligence", label: "Intelligence", Icon: BookInformation20Regular },
  { to: "/corrections", label: "Corrections", Icon: Edit20Regular, needs: "ManageSecurity" },
  { to: "/settings", label: "Settings", Icon: Settings20Regular },
] as const satisfies Area[];
