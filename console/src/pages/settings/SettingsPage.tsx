import { useMay } from "../../app/access";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { DeviceGroupsTab } from "./DeviceGroupsTab";
import { RemediationRulesTab } from "./RemediationRulesTab";
import { TagsTab } from "./TagsTab";
import { TrackersTab } from "./TrackersTab";

const TABS = [
  { id: "groups", label: "Device groups" },
  { id: "tags", label: "Tags" },
  { id: "trackers", label: "Ticketing systems" },
  { id: "remediation", label: "Remediation and exceptions" },
] as const;

export function SettingsPage() {
  const mayConnect = useMay("ManageSystemSettings");
  const tabs = TABS.filter(({ id }) => id !== "trackers" || mayConnect);
  const tab = useTab(tabs);
  return (
    <PageFrame title="Settings" isSurface>
      <PageTabs tabs={tabs} />
      {tab === "groups" && <DeviceGroupsTab />}
      {tab === "tags" && <TagsTab />}
      {tab === "trackers" && <TrackersTab />}
      {tab === "remediation" && <RemediationRulesTab />}
    </PageFrame>
  );
}
