/** What happened on and around a device. */
import { detectionsQuery, timelineQuery } from "../../api/threatQueries";
import { InnerList } from "../../ui/InnerList";
import { ListView } from "../../ui/ListView";
import { deviceDetectionList } from "../detections/columns";
import { shortEventColumns } from "../timeline/columns";

export function DeviceDetections({ deviceId }: { deviceId: string }) {
  return (
    <ListView
      list={deviceDetectionList}
      query={(parameters) => detectionsQuery({ ...parameters, device: deviceId })}
    />
  );
}

export function DeviceTimeline({ deviceId }: { deviceId: string }) {
  return (
    <InnerList
      label="Events"
      columns={shortEventColumns}
      rowKey={(event) => String(event.id)}
      query={(parameters) => timelineQuery({ ...parameters, device: deviceId, period: "12m" })}
      defaultSort="-at"
      empty="Nothing has happened around this device in the last 12 months."
    />
  );
}
