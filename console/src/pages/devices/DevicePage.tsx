import { Badge, makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { deviceQuery, explanationQuery } from "../../api/queries";
import { Flyout } from "../../ui/Flyout";
import { PageFrame } from "../../ui/PageFrame";
import { ExposureMark } from "../../ui/risk";
import { Result } from "../../ui/states";
import type { UrlChanges } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { DeviceChanges, DeviceSoftware, DeviceWeaknesses } from "./DeviceLists";
import { DeviceOverview } from "./DeviceOverview";
import { ExplanationSteps } from "./ExplanationSteps";

const TABS = ["overview", "weaknesses", "software", "changes"] as const;
const LABELS: Record<(typeof TABS)[number], string> = {
  overview: "Overview",
  weaknesses: "Discovered weaknesses",
  software: "Software inventory",
  changes: "Change history",
};

const useStyles = makeStyles({
  tabs: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalMNudge})`, marginBottom: tokens.spacingVerticalM },
  tags: { display: "inline-flex", columnGap: tokens.spacingHorizontalXS },
});

/** Every tab is a list of its own: what belonged to the last one leaves the address. */
const FRESH: UrlChanges = {
  search: undefined,
  severity: undefined,
  state: undefined,
  type: undefined,
  weak: undefined,
  sort: undefined,
  columns: undefined,
  page: undefined,
  explain: undefined,
};

export function DevicePage() {
  const styles = useStyles();
  const { deviceId } = useParams({ from: "/devices/$deviceId" });
  const { state, change } = useUrl();
  const query = useQuery(deviceQuery(deviceId));
  const tab = TABS.find((one) => one === state.tab) ?? "overview";
  const device = query.data?.device;
  return (
    <PageFrame
      title={device ? device.name : "Device"}
      aside={
        device && (
          <>
            <ExposureMark level={device.exposure_level} />
            <span className={styles.tags}>
              {device.tags.map((tag) => (
                <Badge key={tag} appearance="tint" color="informative">
                  {tag}
                </Badge>
              ))}
            </span>
          </>
        )
      }
      isSurface
    >
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          change({ ...FRESH, tab: value === "overview" ? undefined : String(value) }, true)
        }
      >
        {TABS.map((one) => (
          <Tab key={one} value={one}>
            {LABELS[one]}
          </Tab>
        ))}
      </TabList>
      <Result query={query} lines={12}>
        {(detail) => {
          if (tab === "weaknesses") return <DeviceWeaknesses deviceId={deviceId} />;
          if (tab === "software") return <DeviceSoftware deviceId={deviceId} />;
          if (tab === "changes") return <DeviceChanges deviceId={deviceId} />;
          return <DeviceOverview detail={detail} />;
        }}
      </Result>
      <WhyFlyout deviceId={deviceId} />
    </PageFrame>
  );
}

function WhyFlyout({ deviceId }: { deviceId: string }) {
  const { state, change } = useUrl();
  const [name, setName] = useState(state.explain);
  if (state.explain && state.explain !== name) setName(state.explain);
  const query = useQuery({ ...explanationQuery(deviceId, name ?? ""), enabled: Boolean(state.explain) });
  return (
    <Flyout
      isOpen={Boolean(state.explain)}
      title="Why am I seeing this?"
      onClose={() => change({ explain: undefined }, true)}
    >
      <Result query={query}>{(explanation) => <ExplanationSteps explanation={explanation} />}</Result>
    </Flyout>
  );
}
