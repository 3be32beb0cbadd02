import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  ProgressBar,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { deviceContextQuery } from "../../api/settingsQueries";
import type { DeviceDetail, Severity } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { ExposureMark, LevelMark } from "../../ui/risk";
import { Empty, Result } from "../../ui/states";
import { PageLink } from "../../ui/links";
import { changed } from "../../url/state";
import { osText, RiskMark, yesNo } from "./columns";

const SEVERITIES: Severity[] = ["Critical", "High", "Medium", "Low", "None", "Unknown"];

const useStyles = makeStyles({
  columns: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(340px, 100%), 1fr))",
    columnGap: tokens.spacingHorizontalXXXL,
    alignItems: "start",
  },
  terms: { display: "grid", rowGap: tokens.spacingVerticalS, margin: 0, padding: 0, listStyleType: "none" },
  term: { display: "grid", gridTemplateColumns: "1fr auto", rowGap: "2px", overflowWrap: "anywhere" },
  share: { fontVariantNumeric: "tabular-nums" },
  bar: { gridColumn: "1 / -1" },
  note: { color: tokens.colorNeutralForeground3 },
});

export function DeviceOverview({ detail }: { detail: DeviceDetail }) {
  const styles = useStyles();
  return (
    <>
      <Notes detail={detail} />
      <div className={styles.columns}>
        <Exposure detail={detail} />
        <WhatMakesIt detail={detail} />
        <Identity detail={detail} />
        <Network detail={detail} />
        <WhyItMatters deviceId={detail.device.id} />
      </div>
    </>
  );
}

function Notes({ detail }: { detail: DeviceDetail }) {
  return (
    <>
      {detail.is_excluded && (
        <MessageBar intent="info">
          <MessageBarBody>
            This device is excluded from scores and lists. {detail.exclusion_reason ?? ""}
          </MessageBarBody>
        </MessageBar>
      )}
      {detail.is_restart_pending && (
        <MessageBar intent="warning">
          <MessageBarBody>
            A restart is pending: the running kernel {detail.kernel_running} is not the newest one installed.
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

function Exposure({ detail }: { detail: DeviceDetail }) {
  const { device, severity_counts: counts } = detail;
  const rows = SEVERITIES.filter((severity) => counts[severity]);
  return (
    <Section level={2} title="Exposure">
      <Facts
        facts={[
          ["Exposure level", <ExposureMark key="level" level={device.exposure_level} />],
          ["Exposure score", format.score(device.exposure_score)],
          [
            "as detected, without exceptions",
            device.exposure_score_detected === device.exposure_score
              ? null
              : format.score(device.exposure_score_detected),
          ],
          ["Risk level", <RiskMark key="risk" level={device.risk_level} />],
          ["Device value", device.device_value],
          ["Criticality", device.criticality],
          ["Internet facing", yesNo(device.is_internet_facing)],
          [
            "Weaknesses",
            <PageLink key="weaknesses" to="." search={{ tab: "weaknesses" }}>
              {format.count(device.weaknesses)}
            </PageLink>,
          ],
          ...rows.map((severity): [string, React.ReactNode] => [
            "",
            <PageLink key={severity} to="." search={{ tab: "weaknesses", severity }}>
              <LevelMark level={severity} label={`${severity}: ${format.count(counts[severity])}`} />
            </PageLink>,
          ]),
          [
            "Not assessed",
            detail.not_assessed === 0
              ? "Nothing: every installation is covered by a source"
              : `${format.counted(detail.not_assessed, "installation")}, because no source covers them`,
          ],
          ["Knowledge version", String(detail.knowledge_version)],
        ]}
      />
    </Section>
  );
}

function WhatMakesIt({ detail }: { detail: DeviceDetail }) {
  const styles = useStyles();
  if (detail.score_terms.length === 0) {
    return (
      <Section level={2} title="What makes the score">
        <Empty title="Nothing adds to this device's score" />
      </Section>
    );
  }
  return (
    <Section level={2} title="What makes the score">
      <ul className={styles.terms}>
        {detail.score_terms.map((term, at) => (
          <li key={at} className={styles.term}>
            <TermLabel label={term.label} />
            <span className={styles.share}>{(term.share * 100).toFixed(1)} %</span>
            <ProgressBar
              className={styles.bar}
              value={Math.min(1, term.share)}
              aria-label={`Share of ${term.label}`}
            />
          </li>
        ))}
      </ul>
      <Text size={200} className={styles.note}>
        Shares of the hazards that add up to this device&apos;s score.
      </Text>
    </Section>
  );
}

/** A term that is one weakness opens its explanation; "n further weaknesses" does not. */
function TermLabel({ label }: { label: string }) {
  if (!/^[A-Za-z]\S*-\S+$/.test(label)) return <span>{label}</span>;
  return (
    <PageLink to="." search={(state) => changed(state, { explain: label })}>
      {label}
    </PageLink>
  );
}

function Identity({ detail }: { detail: DeviceDetail }) {
  const { device } = detail;
  return (
    <Section level={2} title="Device">
      <Facts
        facts={[
          ["Operating system", osText(device)],
          ["Platform", device.os_platform],
          ["Architecture", detail.architecture],
          ["Kernel running", detail.kernel_running],
          ["Kernels installed", detail.kernels_installed.join(", ")],
          ["Hardware", [detail.hardware_vendor, detail.hardware_model].filter(Boolean).join(" ")],
          ["Domain", device.domain],
          ["Device group", device.group_name],
          ["Tags", device.tags.join(", ")],
          ["Sensor health", device.health],
          ["Onboarding", device.onboarding],
          ["Sensor version", detail.sensor_version],
          ["Found by", format.words(detail.discovery_source)],
          ["Last report", format.time(detail.last_report_at)],
          ["Last seen", format.time(device.last_seen_at)],
          ["First seen", format.time(device.first_seen_at)],
          ["Device id", device.id],
        ]}
      />
    </Section>
  );
}

function Network({ detail }: { detail: DeviceDetail }) {
  return (
    <Section level={2} title="Network interfaces">
      {detail.interfaces.length === 0 ? (
        <Empty title="None reported" />
      ) : (
        <Facts
          facts={detail.interfaces.map((one) => [
            one.name,
            [one.addresses.join(", "), one.mac, one.state].filter(Boolean).join(" · "),
          ])}
        />
      )}
    </Section>
  );
}

/** Business context, with its reasons. */
function WhyItMatters({ deviceId }: { deviceId: string }) {
  const query = useQuery(deviceContextQuery(deviceId));
  return (
    <Section level={2} title="Why it matters">
      <Result query={query} lines={3}>
        {({ reasons, sensitive, users }) =>
          reasons.length + sensitive.length + users.length === 0 ? (
            <Empty title="Nothing is known that makes it matter more" />
          ) : (
            <Facts
              facts={[
                ...reasons.map((one): [string, string] => [one.title, `${one.reason} (${one.state})`]),
                ...sensitive.map((one): [string, string] => [
                  one.label,
                  `${format.counted(one.items, "item")}, found by ${one.source}`,
                ]),
                ["High-value users", users.join(", ")],
              ]}
            />
          )
        }
      </Result>
    </Section>
  );
}
