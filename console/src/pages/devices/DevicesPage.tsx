import { useNavigate } from "@tanstack/react-router";

import { devicesQuery } from "../../api/queries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { deviceList } from "./columns";
import { FleetChanges } from "./FleetChanges";

const TABS = [
  { id: "devices", label: "Devices" },
  { id: "changes", label: "Software changes" },
] as const;

export function DevicesPage() {
  const navigate = useNavigate();
  const tab = useTab(TABS);
  return (
    <PageFrame title="Devices" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "changes" ? (
        <FleetChanges />
      ) : (
        <ListView
          list={deviceList}
          path="/devices"
          query={devicesQuery}
          onOpen={(row) => void navigate({ to: "/devices/$deviceId", params: { deviceId: row.id } })}
        />
      )}
    </PageFrame>
  );
}
