import { useNavigate } from "@tanstack/react-router";

import { devicesQuery } from "../../api/queries";
import { useMay } from "../../app/access";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { BulkActions } from "./BulkDevices";
import { ChangeFeed } from "./ChangeFeed";
import { deviceList } from "./columns";
import { FleetChanges } from "./FleetChanges";
import { UploadButton, UploadFlyout } from "./UploadInventory";

const TABS = [
  { id: "devices", label: "Devices" },
  { id: "changes", label: "Software changes" },
  { id: "feed", label: "Change feed" },
] as const;

export function DevicesPage() {
  const navigate = useNavigate();
  const tab = useTab(TABS);
  const mayManage = useMay("ManageSecurity");
  return (
    <PageFrame title="Devices" aside={mayManage && <UploadButton />} isSurface>
      <PageTabs tabs={TABS} />
      {tab === "changes" && <FleetChanges />}
      {tab === "feed" && <ChangeFeed />}
      {tab === "devices" && (
        <>
          <ListView
            list={deviceList}
            path="/devices"
            query={devicesQuery}
            onOpen={(row) => void navigate({ to: "/devices/$deviceId", params: { deviceId: row.id } })}
            nameOf={(row) => row.name || row.id}
            chosenActions={
              mayManage ? (chosen, clear) => <BulkActions devices={chosen} onClear={clear} /> : undefined
            }
          />
          {mayManage && <UploadFlyout />}
        </>
      )}
    </PageFrame>
  );
}
