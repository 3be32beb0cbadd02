import { detectionsQuery } from "../../api/threatQueries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { detectionList } from "./columns";
import { DetectionFlyout } from "./DetectionFlyout";
import { IntakesTab } from "./IntakesTab";

const TABS = [
  { id: "detections", label: "Detections" },
  { id: "intakes", label: "Intakes" },
] as const;

export function DetectionsPage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Detections" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "intakes" ? <IntakesTab /> : <Detections />}
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
