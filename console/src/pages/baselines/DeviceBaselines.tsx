import { useQuery } from "@tanstack/react-query";

import { deviceBaselinesQuery } from "../../api/postureQueries";
import { Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { Empty, Result } from "../../ui/states";
import { ResultMark } from "../posture/columns";
import { deviceConfigurationColumns } from "./columns";

/** The baseline profiles that are for one device, and what each asks of it. */
export function DeviceBaselines({ deviceId }: { deviceId: string }) {
  const query = useQuery(deviceBaselinesQuery(deviceId));
  return (
    <Result query={query} lines={10}>
      {(baselines) =>
        baselines.length === 0 ? (
          <Empty title="No enabled baseline profile is for this device">
            <PageLink to="/baselines">See all security baselines</PageLink>
          </Empty>
        ) : (
          baselines.map((one) => (
            <Section key={one.id} level={2} title={one.name}>
              <div>
                <ResultMark result={one.compliance} />
                {` · ${format.counted(one.configurations.length, "setting")} · `}
                <PageLink to="/baselines" search={{ open: one.id }}>
                  View profile
                </PageLink>
              </div>
              <Grid
                label={`Settings of ${one.name}`}
                columns={deviceConfigurationColumns}
                rows={one.configurations}
                rowKey={(row) => row.check_id}
              />
            </Section>
          ))
        )
      }
    </Result>
  );
}
