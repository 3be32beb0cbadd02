import { detectionsQuery } from "../../api/threatQueries";
import { useMay } from "../../app/access";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { detectionList } from "./columns";
import { DetectionFlyout } from "./DetectionFlyout";
import { IntakesTab } from "./IntakesTab";
import { PullsTab } from "./PullsTab";

const TABS = [
  { id: "detections", label: "Detections" },
  { id: "intakes", label: "Intakes" },
] as const;
const CONNECTIONS = { id: "pulls", label: "Connections" } as const;

export function DetectionsPage() {
  const mayConnect = useMay("ManageSystemSettings");
  const tabs = mayConnect ? [...TABS, CONNECTIONS] : TABS;
  const tab = useTab(tabs);
  return (
    <PageFrame title="Detections" isSurface>
      <PageTabs tabs={tabs} />
      {tab === "detections" && <Detections />}
      {tab === "intakes" && <IntakesTab />}
      {tab === "pulls" && <PullsTab />}
    </PageFrame>
  );
}

function Detections() {
  const { change } = useUrl();
  return (
    <>
      <ListView
        list={detectionList}
        path="/detections"
        query={detectionsQuery}
        onOpen={(row) => change({ open: row.id }, true)}
      />
      <DetectionFlyout />
    </>
  );
}
