/** Tabs of the weakness flyout. */
import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  tokens,
} from "@fluentui/react-components";

import type { SourceClaim, WeaknessDetail } from "../../api/types";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { ExternalLink, PageLink } from "../../ui/links";
import { EXPLOIT_LABELS, LevelMark, Threats } from "../../ui/risk";
import { Empty } from "../../ui/states";
import { affectedColumns, exposedText, LABELS } from "./columns";

const useStyles = makeStyles({
  links: { display: "grid", rowGap: tokens.spacingVerticalXS, margin: 0, padding: 0, listStyleType: "none" },
  claim: {
    display: "grid",
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalM} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  more: { color: tokens.colorNeutralForeground3, paddingTop: tokens.spacingVerticalS },
});

export function DetailsTab({ detail }: { detail: WeaknessDetail }) {
  const styles = useStyles();
  const { weakness } = detail;
  return (
    <>
      {weakness.is_known_exploited && <KnownExploited detail={detail} />}
      {detail.description && (
        <Section title="Description">
          <ForeignText text={detail.description} />
        </Section>
      )}
      <Section title="Details">
        <Facts
          facts={[
            ["Severity", <LevelMark key="severity" level={weakness.severity} />],
            ["CVSS", weakness.cvss_score === null ? "Not scored" : format.cvss(weakness.cvss_score)],
            ["CVSS vector", detail.cvss_vector],
            ["EPSS", epssText(detail)],
            ["Threats", <Threats key="threats" weakness={weakness} />],
            ["Exploit", EXPLOIT_LABELS[weakness.exploit_level]],
            [
              "Active detections",
              weakness.has_active_detection ? (
                <PageLink
                  key="detections"
                  to="/detections"
                  search={{ weakness: weakness.name, state: "active" }}
                >
                  Show them
                </PageLink>
              ) : null,
            ],
            ["Security update", weakness.is_fix_available ? "Available" : "No security update"],
            ["Labels", weakness.labels?.map((label) => LABELS[label]).join(", ") ?? null],
            ["Exposed devices", exposedText(weakness)],
            [
              "with those under an exception",
              weakness.detected_devices > weakness.exposed_devices
                ? format.count(weakness.detected_devices)
                : null,
            ],
            ["Hazard per device", format.hazard(weakness.hazard)],
            ["First detected", format.time(weakness.first_detected_at)],
            ["Published", format.date(weakness.published_at)],
            ["Updated", format.date(weakness.updated_at)],
            ["Also known as", detail.aliases.join(", ")],
            ["Kind of flaw", detail.cwes.join(", ")],
          ]}
        />
      </Section>
      {detail.references.length > 0 && (
        <Section title="References">
          <ul className={styles.links}>
            {detail.references.map((address, at) => (
              <li key={at}>
                <ExternalLink address={address} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function epssText({ weakness }: WeaknessDetail): string {
  if (weakness.epss === null) return "Not scored";
  const rank = weakness.epss_percentile;
  const above = rank === null ? "" : `, higher than ${(rank * 100).toFixed(0)} % of all`;
  return `${format.epss(weakness.epss)} within 30 days${above}`;
}

function KnownExploited({ detail }: { detail: WeaknessDetail }) {
  const since = detail.known_exploited_since ? ` since ${format.date(detail.known_exploited_since)}` : "";
  const due = detail.due_on ? ` Due on ${format.date(detail.due_on)}.` : "";
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Known to be exploited{since}.</MessageBarTitle>
        {detail.required_action}
        {due}
      </MessageBarBody>
    </MessageBar>
  );
}

export function AffectedTab({ detail }: { detail: WeaknessDetail }) {
  const styles = useStyles();
  const rows = detail.affected_software;
  if (rows.length === 0) return <Empty title="No installed software in your scope is affected." />;
  return (
    <>
      <Grid
        label="Affected software"
        columns={affectedColumns}
        rows={rows}
        rowKey={(row) => `${row.software.id} ${row.version} ${row.source_name}`}
      />
      {detail.affected_software_total > rows.length && (
        <Text size={200} className={styles.more}>
          The first {format.count(rows.length)} of {format.count(detail.affected_software_total)} are shown.
        </Text>
      )}
    </>
  );
}

const RELATIONS: Record<SourceClaim["relation"], string> = {
  self: "This weakness",
  alias: "The same flaw under another name",
  about: "An advisory about it",
};

export function SourcesTab({ detail }: { detail: WeaknessDetail }) {
  const styles = useStyles();
  if (detail.claims.length === 0) return <Empty title="No source says anything about this weakness." />;
  return detail.claims.map((claim, at) => (
    <section key={at} className={styles.claim} aria-label={`${claim.source} ${claim.record_id}`}>
      <Text weight="semibold">
        {claim.source}:{" "}
        {claim.url ? <ExternalLink address={claim.url}>{claim.record_id}</ExternalLink> : claim.record_id}
      </Text>
      {claim.title && <ForeignText text={claim.title} />}
      <Facts
        facts={[
          ["Says", RELATIONS[claim.relation]],
          ["Severity", claim.severity],
          ["CVSS vector", claim.cvss_vector],
          ["Published", claim.published_at && format.date(claim.published_at)],
          ["Modified", claim.modified_at && format.date(claim.modified_at)],
          ["Withdrawn", claim.withdrawn_at && format.date(claim.withdrawn_at)],
        ]}
      />
    </section>
  ));
}
