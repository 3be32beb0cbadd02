/** The recommendation that the address names under `open`. */
import { Button, Link, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";

import {
  recommendationDevicesQuery,
  recommendationQuery,
  recommendationWeaknessesQuery,
} from "../../api/actQueries";
import { apiUrl } from "../../api/client";
import type { RecommendationDetail } from "../../api/types";
import { useMay } from "../../app/access";
import { FilesMenu, type ServerFile } from "../../ui/FilesMenu";
import { Flyout } from "../../ui/Flyout";
import { InnerList } from "../../ui/InnerList";
import { PageLink } from "../../ui/links";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { FeedbackForm } from "../corrections/FeedbackForm";
import { ExceptionWizard } from "../remediation/ExceptionWizard";
import { RequestWizard } from "../remediation/RequestWizard";
import { shortDeviceColumns } from "../devices/columns";
import { shortWeaknessColumns } from "../weaknesses/columns";
import { componentText } from "./columns";
import { MitigationsTab } from "./MitigationsTab";
import { OverviewTab } from "./RecommendationTabs";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "devices", label: "Exposed devices" },
  { id: "weaknesses", label: "Weaknesses" },
  { id: "mitigations", label: "Alternate mitigations" },
];

const MOST_NAMED = 5;
const EXCEPTION = "exception";
const REQUEST = "request";
const REPORT = "report";

export function RecommendationFlyout() {
  const { state, change } = useUrl();
  // The last id stays while the panel slides out.
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...recommendationQuery(id ?? "", state.groups), enabled: Boolean(state.open) });
  const tab = TABS.some((one) => one.id === state.view) ? (state.view ?? "overview") : "overview";
  const row = query.data?.recommendation;
  const close = () => change({ open: undefined, view: undefined }, true);
  const back = () => change({ view: undefined });
  if (state.view === REQUEST && id) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Request remediation" subtitle={row?.title} onClose={close}>
        <RequestWizard recommendationIds={[id]} onClose={back} />
      </Flyout>
    );
  }
  if (state.view === EXCEPTION && id) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Exception" subtitle={row?.title} onClose={close}>
        <Result query={query}>
          {(detail) => (
            <ExceptionWizard
              subjectKind="recommendation"
              subject={detail.recommendation.id}
              software={detail.software}
              onClose={back}
            />
          )}
        </Result>
      </Flyout>
    );
  }
  if (state.view === REPORT && id) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Report inaccuracy" subtitle={row?.title} onClose={close}>
        <Result query={query}>{(detail) => <Report detail={detail} onCancel={back} />}</Result>
      </Flyout>
    );
  }
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={row?.title ?? "Recommendation"}
      subtitle={row && componentText(row)}
      onClose={close}
      actions={query.data && <Actions detail={query.data} groups={state.groups} />}
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "overview" ? undefined : next })}
    >
      {id && tab === "devices" && (
        <InnerList
          key={`devices ${id}`}
          label="Exposed devices"
          columns={shortDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => recommendationDevicesQuery(id, parameters)}
          defaultSort="-exposure_score"
          empty="No device in your scope is exposed."
        />
      )}
      {id && tab === "weaknesses" && (
        <InnerList
          key={`weaknesses ${id}`}
          label="Weaknesses"
          columns={shortWeaknessColumns}
          rowKey={(weakness) => weakness.name}
          query={(parameters) => recommendationWeaknessesQuery(id, parameters)}
          defaultSort="-hazard"
          empty="No weaknesses are known."
        />
      )}
      {tab !== "devices" && tab !== "weaknesses" && (
        <Result query={query} lines={10}>
          {(detail) =>
            tab === "mitigations" ? <MitigationsTab detail={detail} /> : <OverviewTab detail={detail} />
          }
        </Result>
      )}
    </Flyout>
  );
}

const BLOCK_LISTS = {
  applocker: "AppLocker",
  wdac: "WDAC",
  fapolicyd: "fapolicyd",
  santa: "Santa",
  ioc_csv: "IOC CSV",
};

/** The vulnerable versions, for what keeps them from running. */
function blockLists(id: string, groups: string | undefined): ServerFile[] {
  return Object.entries(BLOCK_LISTS).map(([format, label]) => ({
    label,
    path: `/recommendations/${encodeURIComponent(id)}/block-list`,
    parameters: { format, groups },
  }));
}

interface ReportProps {
  detail: RecommendationDetail;
  onCancel: () => void;
}

/** What is wrong about the recommendation itself; a finding that is not so is corrected at its software. */
function Report({ detail, onCancel }: ReportProps) {
  const { recommendation, software } = detail;
  return (
    <>
      {software.length > 0 && (
        <Text>
          A weakness that the software does not have is corrected at{" "}
          {software.slice(0, MOST_NAMED).map((one, at) => (
            <Fragment key={one.id}>
              {at > 0 && ", "}
              <PageLink to="/software" search={{ open: one.id, view: REPORT }}>
                {one.name}
              </PageLink>
            </Fragment>
          ))}
          . Anything else goes here.
        </Text>
      )}
      <FeedbackForm subjectKind="recommendation" subject={recommendation.id} onCancel={onCancel} />
    </>
  );
}

interface ActionsProps {
  detail: RecommendationDetail;
  groups: string | undefined;
}

function Actions({ detail, groups }: ActionsProps) {
  const { recommendation, software } = detail;
  const { change } = useUrl();
  const mayRemediate = useMay("ActiveRemediation.RemediationHandling");
  const mayBlock = useMay("ActiveRemediation.ApplicationHandling");
  const mayExcept = useMay("ActiveRemediation.ExceptionHandling");
  const only = software.length === 1 ? software[0] : undefined;
  const devices = `/recommendations/${encodeURIComponent(recommendation.id)}/devices`;
  return (
    <>
      {mayRemediate && (
        <Button size="small" appearance="primary" onClick={() => change({ view: REQUEST }, true)}>
          Request remediation
        </Button>
      )}
      {mayExcept && (
        <Button size="small" onClick={() => change({ view: EXCEPTION }, true)}>
          Exception options
        </Button>
      )}
      {mayBlock && <FilesMenu label="Block list" files={blockLists(recommendation.id, groups)} />}
      {only ? (
        <PageLink to="/software" search={{ open: only.id }}>
          Open software page
        </PageLink>
      ) : (
        <PageLink to="/software" search={{ search: recommendation.product }}>
          Open its software
        </PageLink>
      )}
      <Link as="button" onClick={() => change({ view: REPORT }, true)}>
        Report inaccuracy
      </Link>
      <PageLink to="/remediation" search={{ recommendation: recommendation.id }}>
        Its activities
      </PageLink>
      <Link href={apiUrl(devices, { groups, format: "csv" })} download>
        <Text>Export devices</Text>
      </Link>
    </>
  );
}
