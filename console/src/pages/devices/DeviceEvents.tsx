/** What happened on and around a device, and the updates that it lacks. */
import { deviceUpdatesQuery } from "../../api/queries";
import { detectionsQuery, timelineQuery } from "../../api/threatQueries";
import { InnerList } from "../../ui/InnerList";
import { ListView } from "../../ui/ListView";
import { deviceDetectionList } from "../detections/columns";
import { deviceUpdateColumns, WAITING } from "../software/updateColumns";
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

export function DeviceUpdates({ deviceId }: { deviceId: string }) {
  return (
    <InnerList
      label="Missing updates"
      columns={deviceUpdateColumns}
      rowKey={(update) => update.id}
      query={(parameters) => deviceUpdatesQuery(deviceId, parameters)}
      defaultSort="-weaknesses"
      empty="No update of its system's catalogue is missing."
      toggle={WAITING}
    />
  );
}
