import { softwareListQuery } from "../../api/queries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { useUrl } from "../../url/useUrl";
import { softwareList } from "./columns";
import { SoftwareFlyout } from "./SoftwareFlyout";

export function SoftwarePage() {
  const { change } = useUrl();
  return (
    <PageFrame title="Software inventory" isSurface>
      <ListView
        list={softwareList}
        path="/software"
        query={softwareListQuery}
        onOpen={(row) => change({ open: row.id, view: undefined }, true)}
      />
      <SoftwareFlyout />
    </PageFrame>
  );
}
