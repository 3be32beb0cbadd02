/** The weakness that the address names under `open`; with `explain` the explanation for one device. */
import { Button, Link, Text } from "@fluentui/react-components";
import { ArrowLeft16Regular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { explanationQuery, weaknessDevicesQuery, weaknessQuery } from "../../api/queries";
import type { DeviceRow, SoftwareReference, WeaknessDetail } from "../../api/types";
import { useMay } from "../../app/access";
import { Flyout } from "../../ui/Flyout";
import type { Column } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { PageLink } from "../../ui/links";
import { Failed, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { useSupportWish } from "../corrections/FeedbackForm";
import { ReportInaccuracy } from "../corrections/ReportInaccuracy";
import { ExceptionWizard } from "../remediation/ExceptionWizard";
import { shortDeviceColumns } from "../devices/columns";
import { ExplanationSteps } from "../devices/ExplanationSteps";
import { SsvcTab } from "./Ssvc";
import { AffectedTab, DetailsTab, SourcesTab } from "./WeaknessTabs";

const TABS = [
  { id: "details", label: "Vulnerability details" },
  { id: "devices", label: "Exposed devices" },
  { id: "software", label: "Affected software" },
  { id: "ssvc", label: "SSVC" },
  { id: "sources", label: "Sources" },
];

const WEAK_MATCHES = { name: "confidence", label: "Also devices with weak matches", on: "all" };
const REPORT = "report";
const EXCEPTION = "exception";

function distinctSoftware(detail: WeaknessDetail): SoftwareReference[] {
  return [...new Map(detail.affected_software.map(({ software }) => [software.id, software])).values()];
}

export function WeaknessFlyout() {
  const { state, change } = useUrl();
  // The last name stays while the panel slides out.
  const [name, setName] = useState(state.open);
  if (state.open && state.open !== name) setName(state.open);
  const query = useQuery({ ...weaknessQuery(name ?? "", state.groups), enabled: Boolean(state.open) });
  const close = () => change({ open: undefined, view: undefined, explain: undefined }, true);
  const tab = TABS.some(({ id }) => id === state.view) ? (state.view ?? "details") : "details";
  if (state.view === REPORT && name) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Report inaccuracy" subtitle={name} onClose={close}>
        <Result query={query}>
          {(detail) => (
            <ReportInaccuracy
              subjects={detail.affected_software.map((one) => ({ ...one, name: one.software.name }))}
              weakness={name}
              onCancel={() => change({ view: undefined })}
            />
          )}
        </Result>
      </Flyout>
    );
  }
  if (state.view === EXCEPTION && name) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Exception" subtitle={name} onClose={close}>
        <Result query={query}>
          {(detail) => (
            <ExceptionWizard
              subjectKind="vulnerability"
              subject={detail.weakness.name}
              software={distinctSoftware(detail)}
              onClose={() => change({ view: undefined })}
            />
          )}
        </Result>
      </Flyout>
    );
  }
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={name ?? ""}
      subtitle={query.data?.weakness.title}
      onClose={close}
      actions={query.data && <Actions detail={query.data} />}
      tabs={TABS}
      tab={tab}
      onTab={(id) => change({ view: id === "details" ? undefined : id, explain: undefined })}
    >
      {name && tab === "devices" && <DevicesTab name={name} />}
      {name && tab === "ssvc" && <SsvcTab name={name} />}
      {tab !== "devices" && tab !== "ssvc" && (
        <Result query={query} lines={10}>
          {(detail) => {
            if (tab === "software") return <AffectedTab detail={detail} />;
            if (tab === "sources") return <SourcesTab detail={detail} />;
            return <DetailsTab detail={detail} />;
          }}
        </Result>
      )}
    </Flyout>
  );
}

function Actions({ detail }: { detail: WeaknessDetail }) {
  const { change } = useUrl();
  const related = detail.weakness.software[0];
  const mayExcept = useMay("ActiveRemediation.ExceptionHandling");
  const wish = useSupportWish(detail.weakness.name);
  return (
    <>
      {detail.weakness.is_fix_available && related && (
        <PageLink to="/recommendations" search={{ search: related.name }}>
          Go to the related security recommendation
        </PageLink>
      )}
      {mayExcept && (
        <Button size="small" onClick={() => change({ view: EXCEPTION }, true)}>
          Exception options
        </Button>
      )}
      <Link as="button" onClick={() => change({ view: REPORT }, true)}>
        Report inaccuracy
      </Link>
      {!detail.weakness.is_exposure_known &&
        (wish.data ? (
          <Text role="status">Asked for. An administrator sees it.</Text>
        ) : (
          <Button size="small" disabledFocusable={wish.isPending} onClick={() => wish.mutate(undefined)}>
            Please support this weakness
          </Button>
        ))}
      {wish.error && <Failed error={wish.error} />}
    </>
  );
}

function DevicesTab({ name }: { name: string }) {
  const { state, change } = useUrl();
  if (state.explain) return <WhyOnDevice deviceId={state.explain} name={name} />;
  const why: Column<DeviceRow> = {
    id: "why",
    label: "Reason",
    width: 180,
    cell: (device) => (
      <Link
        as="button"
        aria-label={`Why am I seeing this? ${device.name}`}
        onClick={() => change({ explain: device.id }, true)}
      >
        Why am I seeing this?
      </Link>
    ),
  };
  return (
    <InnerList
      key={name}
      label="Exposed devices"
      columns={[...shortDeviceColumns, why]}
      rowKey={(device) => device.id}
      query={(parameters) => weaknessDevicesQuery(name, parameters)}
      defaultSort="-exposure_score"
      empty="No device in your scope is exposed to this weakness."
      toggle={WEAK_MATCHES}
    />
  );
}

function WhyOnDevice({ deviceId, name }: { deviceId: string; name: string }) {
  const { change } = useUrl();
  const query = useQuery(explanationQuery(deviceId, name));
  return (
    <>
      <div>
        <Button
          appearance="subtle"
          size="small"
          icon={<ArrowLeft16Regular />}
          onClick={() => change({ explain: undefined })}
        >
          All exposed devices
        </Button>
      </div>
      <Result query={query}>{(explanation) => <ExplanationSteps explanation={explanation} />}</Result>
    </>
  );
}
