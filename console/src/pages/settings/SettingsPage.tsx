import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { DeviceGroupsTab } from "./DeviceGroupsTab";
import { RemediationRulesTab } from "./RemediationRulesTab";
import { TagsTab } from "./TagsTab";

const TABS = [
  { id: "groups", label: "Device groups" },
  { id: "tags", label: "Tags" },
  { id: "remediation", label: "Remediation and exceptions" },
] as const;

export function SettingsPage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Settings" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "groups" && <DeviceGroupsTab />}
      {tab === "tags" && <TagsTab />}
      {tab === "remediation" && <RemediationRulesTab />}
    </PageFrame>
  );
}
