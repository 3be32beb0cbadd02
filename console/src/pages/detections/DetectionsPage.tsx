import { detectionsQuery } from "../../api/threatQueries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { useUrl } from "../../url/useUrl";
import { detectionList } from "./columns";
import { DetectionFlyout } from "./DetectionFlyout";

export function DetectionsPage() {
  const { change } = useUrl();
  return (
    <PageFrame title="Detections" isSurface>
      <ListView
        list={detectionList}
        path="/detections"
        query={detectionsQuery}
        onOpen={(row) => change({ open: row.id }, true)}
      />
      <DetectionFlyout />
    </PageFrame>
  );
}
