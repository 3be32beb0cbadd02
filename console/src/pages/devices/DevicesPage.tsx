import { useNavigate } from "@tanstack/react-router";

import { devicesQuery } from "../../api/queries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { deviceList } from "./columns";

export function DevicesPage() {
  const navigate = useNavigate();
  return (
    <PageFrame title="Devices" isSurface>
      <ListView
        list={deviceList}
        path="/devices"
        query={devicesQuery}
        onOpen={(row) => void navigate({ to: "/devices/$deviceId", params: { deviceId: row.id } })}
      />
    </PageFrame>
  );
}
