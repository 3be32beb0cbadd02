/** The software that the address names under `open`. */
import { Link, MessageBar, MessageBarBody, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import {
  softwareDevicesQuery,
  softwareQuery,
  softwareUpdatesQuery,
  softwareWeaknessesQuery,
} from "../../api/queries";
import { timelineQuery } from "../../api/threatQueries";
import type { SoftwareDetail } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { PageLink } from "../../ui/links";
import { EXPLOIT_LABELS, LevelMark } from "../../ui/risk";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { FeedbackForm } from "../corrections/FeedbackForm";
import { ReportInaccuracy } from "../corrections/ReportInaccuracy";
import { shortDeviceColumns } from "../devices/columns";
import { Tags } from "../recommendations/columns";
import { shortEventColumns } from "../timeline/columns";
import { countedColumns } from "../weaknesses/columns";
import { updateColumns, WAITING } from "./updateColumns";
import { usageFacts } from "./usage";
import { devicesText, typeLabel, versionColumns, weaknessCount } from "./columns";

const TABS = [
  { id: "details", label: "Overview" },
  { id: "weaknesses", label: "Discovered weaknesses" },
  { id: "devices", label: "Installed devices" },
  { id: "updates", label: "Missing updates" },
  { id: "timeline", label: "Event timeline" },
];

const WEAK_MATCHES = { name: "confidence", label: "Weak matches too", on: "all" };
const REPORT = "report";
const FEEDBACK = "feedback";

export function SoftwareFlyout() {
  const { state, change } = useUrl();
  // The last id stays while the panel slides out.
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...softwareQuery(id ?? "", state.groups), enabled: Boolean(state.open) });
  const tab = TABS.some((one) => one.id === state.view) ? (state.view ?? "details") : "details";
  const row = query.data?.software;
  const close = () => change({ open: undefined, view: undefined }, true);
  if (state.view === REPORT && id) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Report inaccuracy" subtitle={row?.name} onClose={close}>
        <Result query={query}>{(detail) => <Report id={id} detail={detail} />}</Result>
      </Flyout>
    );
  }
  if (state.view === FEEDBACK && id) {
    return (
      <Flyout isOpen={Boolean(state.open)} title="Something is wrong" subtitle={row?.name} onClose={close}>
        <FeedbackForm subjectKind="software" subject={id} onCancel={() => change({ view: undefined })} />
      </Flyout>
    );
  }
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={row?.name ?? "Software"}
      subtitle={
        row && [format.system(row.vendor), typeLabel(row.type), devicesText(row)].filter(Boolean).join(" · ")
      }
      onClose={close}
      actions={
        row && (
          <>
            {row.weaknesses !== null && row.weaknesses > 0 && (
              <PageLink to="/recommendations" search={{ search: row.name }}>
                Security recommendations
              </PageLink>
            )}
            {row.weaknesses !== null && (
              <Link as="button" onClick={() => change({ view: REPORT }, true)}>
                Report inaccuracy
              </Link>
            )}
            <Link as="button" onClick={() => change({ view: FEEDBACK }, true)}>
              Something else is wrong
            </Link>
          </>
        )
      }
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "details" ? undefined : next })}
    >
      {tab === "details" && <Result query={query}>{(detail) => <Overview detail={detail} />}</Result>}
      {id && tab === "weaknesses" && (
        <InnerList
          key={`weaknesses ${id}`}
          label="Discovered weaknesses"
          columns={countedColumns}
          rowKey={(weakness) => weakness.name}
          query={(parameters) => softwareWeaknessesQuery(id, parameters)}
          defaultSort="-hazard"
          empty={row?.weaknesses === null ? "No source covers this software." : "No weaknesses are known."}
          toggle={WEAK_MATCHES}
        />
      )}
      {id && tab === "devices" && (
        <InnerList
          key={`devices ${id}`}
          label="Installed devices"
          columns={shortDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => softwareDevicesQuery(id, parameters)}
          defaultSort="-exposure_score"
          empty="No device in your scope has this software."
        />
      )}
      {id && tab === "updates" && (
        <InnerList
          key={`updates ${id}`}
          label="Missing updates"
          columns={updateColumns}
          rowKey={(update) => update.id}
          query={(parameters) => softwareUpdatesQuery(id, parameters)}
          defaultSort="-missing_devices"
          empty="No update of its vendor's catalogue is missing on a device in your scope."
          toggle={WAITING}
        />
      )}
      {id && tab === "timeline" && (
        <InnerList
          key={`timeline ${id}`}
          label="Events"
          columns={shortEventColumns}
          rowKey={(event) => String(event.id)}
          query={(parameters) => timelineQuery({ ...parameters, software: id, period: "12m" })}
          defaultSort="-at"
          empty="Nothing has happened around this software in the last 12 months."
        />
      )}
    </Flyout>
  );
}

/** The weakness is chosen here; the worst ones are suggested. */
function Report({ id, detail }: { id: string; detail: SoftwareDetail }) {
  const { change } = useUrl();
  const { data } = useQuery(softwareWeaknessesQuery(id, { sort: "-hazard", page_size: 200 }));
  return (
    <ReportInaccuracy
      subjects={detail.versions.map((version) => ({ ...version, name: detail.software.name }))}
      weaknesses={data?.items.map((weakness) => weakness.name) ?? []}
      onCancel={() => change({ view: undefined })}
    />
  );
}

function Overview({ detail }: { detail: SoftwareDetail }) {
  const { software, versions } = detail;
  const isAssessed = software.weaknesses !== null;
  return (
    <>
      {!isAssessed && (
        <MessageBar intent="info">
          <MessageBarBody>
            Not assessed: no source of intelligence covers this software. That says nothing about its safety.
          </MessageBarBody>
        </MessageBar>
      )}
      <Section title="Details">
        <Facts
          facts={[
            ["Weaknesses", weaknessCount(software.weaknesses)],
            [
              "Highest severity",
              software.weaknesses ? <LevelMark key="severity" level={software.highest_severity} /> : null,
            ],
            ["Exploit", isAssessed ? EXPLOIT_LABELS[software.exploit_level] : null],
            ["Exposed devices", isAssessed ? format.count(software.exposed_devices) : null],
            ["Installed devices", format.count(software.installed_devices)],
            ...usageFacts(detail.usage),
            ["Tags", software.tags?.length ? <Tags key="tags" tags={software.tags} /> : null],
            ["Impact on the exposure score", isAssessed ? `${format.points(software.impact)} points` : null],
          ]}
        />
      </Section>
      <Section title="Version distribution">
        <Grid
          label="Versions"
          columns={versionColumns}
          rows={versions}
          rowKey={(row) => `${row.version} ${row.platform} ${row.architecture} ${row.source_name}`}
        />
        {detail.versions_total > versions.length && (
          <Text size={200}>
            The first {format.count(versions.length)} of {format.count(detail.versions_total)} are shown.
          </Text>
        )}
      </Section>
    </>
  );
}
