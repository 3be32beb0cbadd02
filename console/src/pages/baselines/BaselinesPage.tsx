/** Security baselines: profiles of settings, and how the devices that they are for stand to them. */
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { baselineOverviewQuery, baselinesQuery } from "../../api/postureQueries";
import type { BaselineOverview } from "../../api/types";
import { useMay } from "../../app/access";
import { Card } from "../../ui/Card";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { BaselineFlyout, NEW } from "./BaselineFlyout";
import { SettingExceptions } from "./SettingExceptions";
import { baselineColumns, failingDeviceColumns, failingSettingColumns } from "./columns";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "minmax(220px, 1fr) minmax(0, 1.4fr) minmax(0, 2fr)",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  whole: { gridColumn: "1 / -1" },
});

const TABS = [
  { id: "profiles", label: "Profiles" },
  { id: "exceptions", label: "Exceptions" },
] as const;

export function BaselinesPage() {
  const { change } = useUrl();
  const tab = useTab(TABS);
  const mayManage = useMay("ManageSecurityBaselines");
  const mayExcept = useMay("ActiveRemediation.ExceptionHandling");
  const fresh = (label: string) => (
    <Button size="small" appearance="primary" onClick={() => change({ open: NEW, view: undefined }, true)}>
      {label}
    </Button>
  );
  if (tab === "exceptions") {
    return (
      <PageFrame title="Security baselines" aside={mayExcept && fresh("New exception")} isSurface>
        <PageTabs tabs={TABS} />
        <SettingExceptions mayExcept={mayExcept} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title="Security baselines" aside={mayManage && fresh("New profile")}>
      <PageTabs tabs={TABS} />
      <Profiles mayManage={mayManage} />
    </PageFrame>
  );
}

function Profiles({ mayManage }: { mayManage: boolean }) {
  const styles = useStyles();
  const { state, change } = useUrl();
  const profiles = useQuery(baselinesQuery(state.groups));
  const overview = useQuery(baselineOverviewQuery(state.groups));
  return (
    <>
      <div className={styles.cards}>
        <OverviewCards query={overview} />
        <Card className={styles.whole} title="Profiles">
          <Result query={profiles} lines={6}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty title="There is no profile yet">
                  A profile is a set of checks with the devices that are to comply with all of them.
                  {mayManage ? " Write the first one with New profile." : ""}
                </Empty>
              ) : (
                <Grid
                  label="Profiles"
                  columns={baselineColumns}
                  rows={rows}
                  rowKey={(row) => row.id}
                  openKey={state.open}
                  onOpen={(row) => change({ open: row.id, view: undefined }, true)}
                />
              )
            }
          </Result>
        </Card>
      </div>
      <BaselineFlyout mayManage={mayManage} />
    </>
  );
}

function OverviewCards({ query }: { query: ReturnType<typeof useQuery<BaselineOverview>> }) {
  return (
    <>
      <Card title="Device compliance">
        <Result query={query} lines={4}>
          {(found) => (
            <Facts
              facts={[
                ["Devices with a profile", format.count(found.devices)],
                ["Compliant", format.count(found.compliant_devices)],
                ["Not compliant", format.count(found.non_compliant_devices)],
                ["Not known", format.count(found.unknown_devices)],
                ["Enabled profiles", format.count(found.profiles.length)],
              ]}
            />
          )}
        </Result>
      </Card>
      <Card title="Devices that fail most">
        <Result query={query} lines={4}>
          {({ top_failing_devices: rows }) =>
            rows.length === 0 ? (
              <Empty title="No device is known to fail a setting" />
            ) : (
              <Grid
                label="Devices that fail most"
                columns={failingDeviceColumns}
                rows={rows}
                rowKey={(row) => row.id}
              />
            )
          }
        </Result>
      </Card>
      <Card title="Settings that fail most">
        <Result query={query} lines={4}>
          {({ top_failing_configurations: rows }) =>
            rows.length === 0 ? (
              <Empty title="No setting is known to fail on a device" />
            ) : (
              <Grid
                label="Settings that fail most"
                columns={failingSettingColumns}
                rows={rows}
                rowKey={(row) => `${row.baseline_id} ${row.check_id}`}
              />
            )
          }
        </Result>
      </Card>
    </>
  );
}
