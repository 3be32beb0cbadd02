import { useMay, type Permission } from "../../app/access";
import { PageFrame } from "../../ui/PageFrame";
import { SideTabs, useTab, type PageTab } from "../../ui/PageTabs";
import { ContextTab } from "./ContextTab";
import { DeviceGroupsTab } from "./DeviceGroupsTab";
import { IdentityTab } from "./IdentityTab";
import { EnrolmentTab } from "./EnrolmentTab";
import { NotificationsTab } from "./NotificationsTab";
import { PeopleTab } from "./PeopleTab";
import { RemediationRulesTab } from "./RemediationRulesTab";
import { RolesTab } from "./RolesTab";
import { ScansTab } from "./ScansTab";
import { TagsTab } from "./TagsTab";
import { TokensTab } from "./TokensTab";
import { TrackersTab } from "./TrackersTab";

type TabId =
  | "groups"
  | "tags"
  | "context"
  | "identity"
  | "enrolment"
  | "scans"
  | "notifications"
  | "trackers"
  | "remediation"
  | "people"
  | "tokens"
  | "roles";

/** Tabs with the permission that reading them needs, where it is more than seeing data. */
const TABS: (PageTab<TabId> & { needs?: Permission })[] = [
  { id: "groups", label: "Device groups" },
  { id: "tags", label: "Tags" },
  { id: "context", label: "Business context" },
  { id: "identity", label: "Device identity" },
  { id: "enrolment", label: "Enrolment", needs: "ManageSecurity" },
  { id: "scans", label: "Authenticated scans", needs: "ManageSecurity" },
  { id: "notifications", label: "Notifications", needs: "ManageSecurity" },
  { id: "trackers", label: "Ticketing systems", needs: "ManageSystemSettings" },
  { id: "remediation", label: "Remediation and exceptions" },
  { id: "people", label: "People", needs: "ManageSystemSettings" },
  { id: "tokens", label: "API tokens", needs: "ManageSystemSettings" },
  { id: "roles", label: "Roles", needs: "ManageSystemSettings" },
];

const CONTENTS: Record<TabId, () => React.ReactNode> = {
  groups: DeviceGroupsTab,
  tags: TagsTab,
  context: ContextTab,
  identity: IdentityTab,
  enrolment: EnrolmentTab,
  scans: ScansTab,
  notifications: NotificationsTab,
  trackers: TrackersTab,
  remediation: RemediationRulesTab,
  people: PeopleTab,
  tokens: TokensTab,
  roles: RolesTab,
};

export function SettingsPage() {
  const may: Partial<Record<Permission, boolean>> = {
    ManageSecurity: useMay("ManageSecurity"),
    ManageSystemSettings: useMay("ManageSystemSettings"),
  };
  const tabs = TABS.filter(({ needs }) => !needs || may[needs]);
  const Content = CONTENTS[useTab(tabs)];
  return (
    <PageFrame title="Settings" isSurface>
      <SideTabs tabs={tabs}>
        <Content />
      </SideTabs>
    </PageFrame>
  );
}
