import { deviceChecksQuery } from "../../api/postureQueries";
import { ListView } from "../../ui/ListView";
import { deviceCheckList } from "./columns";

/** What every check says of one device. */
export function DeviceChecks({ deviceId }: { deviceId: string }) {
  return <ListView list={deviceCheckList} query={(parameters) => deviceChecksQuery(deviceId, parameters)} />;
}
