import { Badge, Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { deviceQuery, deviceWeaknessesQuery, explanationQuery } from "../../api/queries";
import { useMay } from "../../app/access";
import { Flyout } from "../../ui/Flyout";
import { PageLink } from "../../ui/links";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { ExposureMark } from "../../ui/risk";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { ReportInaccuracy } from "../corrections/ReportInaccuracy";
import { DeviceBaselines } from "../baselines/DeviceBaselines";
import { DeviceChecks } from "../posture/DeviceChecks";
import { DeviceDetections, DeviceTimeline, DeviceUpdates } from "./DeviceEvents";
import { DeviceChanges, DeviceSoftware, DeviceWeaknesses } from "./DeviceLists";
import { DeviceDetails } from "./DeviceDetails";
import { DeviceSources } from "./DeviceSources";
import { DeviceTroubles } from "./DeviceTroubles";
import { DeviceOverview } from "./DeviceOverview";
import { MANAGE, ManageFlyout } from "./ManageDevice";
import { MergedNote } from "./MergeDevice";
import { ExplanationSteps } from "./ExplanationSteps";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "weaknesses", label: "Discovered weaknesses" },
  { id: "software", label: "Software inventory" },
  { id: "updates", label: "Missing updates" },
  { id: "checks", label: "Configuration" },
  { id: "baselines", label: "Baseline compliance" },
  { id: "detections", label: "Detections" },
  { id: "timeline", label: "Event timeline" },
  { id: "changes", label: "Change history" },
  { id: "details", label: "Details" },
  { id: "sources", label: "Sources" },
  { id: "troubles", label: "Sensor" },
] as const;

const useStyles = makeStyles({
  tags: { display: "inline-flex", columnGap: tokens.spacingHorizontalXS },
});

export function DevicePage() {
  const styles = useStyles();
  const { deviceId } = useParams({ from: "/devices/$deviceId" });
  const tab = useTab(TABS);
  const { change } = useUrl();
  const mayManage = useMay("ManageSecurity");
  const query = useQuery(deviceQuery(deviceId));
  const device = query.data?.device;
  return (
    <PageFrame
      title={device ? device.name : "Device"}
      aside={
        device && (
          <>
            <ExposureMark level={device.exposure_level} />
            {device.health !== "Active" && (
              <PageLink to="." search={{ tab: "troubles" }}>
                {device.health}
              </PageLink>
            )}
            <span className={styles.tags}>
              {device.tags.map((tag) => (
                <Badge key={tag} appearance="tint" color="informative">
                  {tag}
                </Badge>
              ))}
            </span>
            {mayManage && (
              <Button size="small" onClick={() => change({ view: MANAGE }, true)}>
                Manage device
              </Button>
            )}
          </>
        )
      }
      isSurface
    >
      {mayManage && <MergedNote />}
      <PageTabs tabs={TABS} />
      <Result query={query} lines={12}>
        {(detail) => {
          if (tab === "weaknesses") return <DeviceWeaknesses deviceId={deviceId} />;
          if (tab === "software") return <DeviceSoftware deviceId={deviceId} />;
          if (tab === "updates") return <DeviceUpdates deviceId={deviceId} />;
          if (tab === "checks") return <DeviceChecks deviceId={deviceId} />;
          if (tab === "baselines") return <DeviceBaselines deviceId={deviceId} />;
          if (tab === "detections") return <DeviceDetections deviceId={deviceId} />;
          if (tab === "details") return <DeviceDetails deviceId={deviceId} />;
          if (tab === "sources") return <DeviceSources deviceId={deviceId} />;
          if (tab === "troubles") return <DeviceTroubles device={detail.device} />;
          if (tab === "timeline") return <DeviceTimeline deviceId={deviceId} />;
          if (tab === "changes") return <DeviceChanges deviceId={deviceId} />;
          return <DeviceOverview detail={detail} />;
        }}
      </Result>
      <WhyFlyout deviceId={deviceId} />
      {query.data && <ManageFlyout detail={query.data} />}
    </PageFrame>
  );
}

const REPORT = "report";

function WhyFlyout({ deviceId }: { deviceId: string }) {
  const { state, change } = useUrl();
  const [name, setName] = useState(state.explain);
  if (state.explain && state.explain !== name) setName(state.explain);
  const query = useQuery({ ...explanationQuery(deviceId, name ?? ""), enabled: Boolean(state.explain) });
  const isReport = state.view === REPORT;
  return (
    <Flyout
      isOpen={Boolean(state.explain)}
      title={isReport ? "Report inaccuracy" : "Why am I seeing this?"}
      subtitle={isReport ? name : undefined}
      onClose={() => change({ explain: undefined, view: undefined }, true)}
      actions={
        !isReport &&
        query.data?.is_present && (
          <Link as="button" onClick={() => change({ view: REPORT }, true)}>
            Report inaccuracy
          </Link>
        )
      }
    >
      {isReport && name ? (
        <Report deviceId={deviceId} name={name} />
      ) : (
        <Result query={query}>{(explanation) => <ExplanationSteps explanation={explanation} />}</Result>
      )}
    </Flyout>
  );
}

function Report({ deviceId, name }: { deviceId: string; name: string }) {
  const { change } = useUrl();
  const query = useQuery(deviceWeaknessesQuery(deviceId, { search: name, page_size: 100 }));
  return (
    <Result query={query}>
      {(page) => (
        <ReportInaccuracy
          subjects={page.items
            .filter((finding) => finding.weakness.name === name)
            .map((finding) => ({ ...finding, name: finding.software.name }))}
          weakness={name}
          onCancel={() => change({ view: undefined })}
        />
      )}
    </Result>
  );
}
