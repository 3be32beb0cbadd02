/** Tabs of the recommendation flyout. */
import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from "@fluentui/react-components";

import { Suspense } from "react";

import type { RecommendationDetail } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { SeriesChart } from "../../ui/lazyCharts";
import { PageLink } from "../../ui/links";
import { EXPLOIT_LABELS, LevelMark } from "../../ui/risk";
import { sentenceOf, trendLine } from "../../ui/series";
import { Loading } from "../../ui/states";
import { usageFacts } from "../software/usage";
import { REMEDIATIONS, STATUSES, Tags, targetColumns } from "./columns";

const useStyles = makeStyles({
  note: { color: tokens.colorNeutralForeground3, paddingTop: tokens.spacingVerticalS },
});

export function OverviewTab({ detail }: { detail: RecommendationDetail }) {
  const styles = useStyles();
  const { recommendation: row, targets } = detail;
  const isExcepted = row.status !== "active";
  return (
    <>
      <Notes detail={detail} />
      <Section title="Details">
        <Facts
          facts={[
            ["Remediation type", REMEDIATIONS[row.remediation_type]],
            ["Recommended version", row.recommended_version],
            ["Status", STATUSES[row.status]],
            ["Impact on the exposure score", `${format.points(row.impact)} points less`],
            ["as detected", isExcepted ? `${format.points(row.impact_detected)} points less` : null],
            ["Weaknesses", format.count(row.weaknesses)],
            ["Highest severity", <LevelMark key="severity" level={row.highest_severity} />],
            ["Exploit", EXPLOIT_LABELS[row.exploit_level]],
            [
              "Exposed devices",
              `${format.count(row.exposed_devices)} of ${format.count(row.installed_devices)} that have it`,
            ],
            [
              "after exceptions",
              isExcepted ? format.counted(row.exposed_devices_after_exceptions, "device") : null,
            ],
            [
              "Impact on the secure score",
              row.secure_score_impact ? `${format.points(row.secure_score_impact)} points more` : null,
            ],
            ...(detail.check_id ? [] : usageFacts(detail.usage)),
            ["Remediation activities", format.count(row.activities ?? 0)],
            ["Exposed critical devices", format.count(row.exposed_critical_devices)],
            ["OS platform", row.platforms.map(format.system).join(", ")],
            ["Tags", row.tags.length > 0 ? <Tags key="tags" tags={row.tags} /> : null],
          ]}
        />
      </Section>
      <ExposedTrend row={row} />
      <Section title="Versions and what to move to">
        <Grid
          label="Versions"
          columns={targetColumns}
          rows={targets}
          rowKey={(target) => `${target.software} ${target.version} ${target.platform}`}
        />
        {detail.targets_total > targets.length && (
          <Text size={200} className={styles.note}>
            The first {format.count(targets.length)} of {format.count(detail.targets_total)} are shown.
          </Text>
        )}
      </Section>
    </>
  );
}

/** Exposed devices over the days that are recorded. */
function ExposedTrend({ row }: { row: RecommendationDetail["recommendation"] }) {
  const trend = row.exposed_trend ?? [];
  if (trend.length < 2) return null;
  const line = trendLine(trend, new Date());
  return (
    <Section title="Exposed devices over time">
      <Suspense fallback={<Loading lines={4} />}>
        <SeriesChart
          lines={[line]}
          sentence={sentenceOf([line], format.count)}
          valueText={(value) => format.counted(value, "device")}
        />
      </Suspense>
    </Section>
  );
}

function Notes({ detail }: { detail: RecommendationDetail }) {
  const { tags, product } = detail.recommendation;
  const isEnding = tags.some((tag) => tag.includes("eos_"));
  return (
    <>
      {tags.includes("zero_day") && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            A weakness of {product} is known and no security update exists. See the alternate mitigations.
          </MessageBarBody>
        </MessageBar>
      )}
      {isEnding && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Installed versions are, or will soon be, without support.{" "}
            <PageLink to="/software" search={{ search: product }}>
              Version distribution
            </PageLink>
          </MessageBarBody>
        </MessageBar>
      )}
      {tags.includes("pending_restart") && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Some devices have the update and wait for a restart. They are still exposed.
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
