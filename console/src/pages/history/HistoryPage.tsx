/** History: scores over time, how long finding and fixing takes, what was open on a past day. */
import { Field, Input, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Suspense } from "react";

import { groupsQuery } from "../../api/queries";
import { openOnQuery, scoresQuery, timesQuery } from "../../api/threatQueries";
import type { OpenOn, ScoreSeries, Severity, Times } from "../../api/types";
import { Card } from "../../ui/Card";
import type { Line } from "../../ui/charts";
import { Facts } from "../../ui/Facts";
import { FilesMenu, type ServerFile } from "../../ui/FilesMenu";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { SeriesChart } from "../../ui/lazyCharts";
import { PageFrame } from "../../ui/PageFrame";
import { LevelMark } from "../../ui/risk";
import { Empty, Loading, Result } from "../../ui/states";
import { parts } from "../../url/state";
import { useUrl } from "../../url/useUrl";

const PERIODS = { "30d": "30 days", "3m": "3 months", "6m": "6 months", "12m": "12 months" };
const USUAL_PERIOD = "30d";
/** More lines than this cannot be told apart. */
const MOST_GROUPS = 3;

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  whole: { gridColumn: "1 / -1" },
  day: { maxWidth: "220px" },
  note: { color: tokens.colorNeutralForeground3 },
});

export function HistoryPage() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const period = state.period && state.period in PERIODS ? state.period : USUAL_PERIOD;
  return (
    <PageFrame
      title="History"
      aside={
        <>
          <Select
            size="small"
            aria-label="Period"
            value={period}
            onChange={(_, { value }) => change({ period: value === USUAL_PERIOD ? undefined : value })}
          >
            {Object.entries(PERIODS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          <FilesMenu label="Reports" files={reports(state.groups)} />
        </>
      }
    >
      <div className={styles.cards}>
        <ScoresCard period={period} />
        <TimesCards period={period} />
        <OpenCard />
      </div>
    </PageFrame>
  );
}

const REPORTS = { vulnerable_devices: "Vulnerable devices", executive: "Executive report" };

function reports(groups: string | undefined): ServerFile[] {
  return Object.entries(REPORTS).flatMap(([report, label]) =>
    ["html", "pdf"].map((format) => ({
      label: `${label} (${format.toUpperCase()})`,
      path: "/reports/file",
      parameters: { report, format, groups },
    })),
  );
}

function lineOf(name: string, series: ScoreSeries): Line {
  return {
    name,
    points: series.points.map(({ at, score }) => ({
      x: new Date(at),
      y: score,
      label: format.date(at),
    })),
  };
}

/** The organisation, and the first of the device groups that the page is restricted to. */
function ScoresCard({ period }: { period: string }) {
  const styles = useStyles();
  const { state } = useUrl();
  const { data: groups = [] } = useQuery(groupsQuery());
  const chosen = parts(state.groups).slice(0, MOST_GROUPS);
  const organisation = useQuery(scoresQuery("organisation", undefined, period));
  const ofGroups = useQueries({ queries: chosen.map((id) => scoresQuery("group", id, period)) });
  const nameOf = (id: string) => groups.find((group) => String(group.id) === id)?.name ?? `Group ${id}`;
  return (
    <Card className={styles.whole} title="Exposure score">
      <Result query={organisation} lines={6}>
        {(series) => {
          const lines = [
            lineOf("Organisation", series),
            ...ofGroups.flatMap(({ data }, at) => (data ? [lineOf(nameOf(chosen[at] ?? ""), data)] : [])),
          ].filter((line) => line.points.length > 1);
          if (lines.length === 0)
            return <Empty title="The trend appears when there is a second day to show" />;
          return (
            <Suspense fallback={<Loading lines={6} />}>
              <SeriesChart lines={lines} height={220} most={100} sentence={sentenceOf(lines)} />
            </Suspense>
          );
        }}
      </Result>
      <Text size={200} className={styles.note}>
        Choose device groups above to see up to {MOST_GROUPS} of them beside the organisation.
      </Text>
    </Card>
  );
}

/** Every line's first and last value. */
function sentenceOf(lines: Line[]): string {
  return lines
    .map(({ name, points }) => {
      const first = points[0];
      const last = points.at(-1);
      return first && last
        ? `${name}: from ${format.score(first.y)} on ${first.label} to ${format.score(last.y)} on ${last.label}`
        : name;
    })
    .join("; ");
}

function TimesCards({ period }: { period: string }) {
  const { state } = useUrl();
  const query = useQuery(timesQuery({ period, groups: state.groups }));
  return (
    <>
      {(["detect", "remediate"] as const).map((kind) => (
        <Card key={kind} title={kind === "detect" ? "Time to detect" : "Time to remediate"}>
          <Result query={query} lines={6}>
            {(times) => (
              <>
                <TimesGrid
                  label={kind === "detect" ? "Time to detect" : "Time to remediate"}
                  rows={times[kind]}
                />
                {times.is_sampled && <Text size={200}>From an even part of the devices.</Text>}
              </>
            )}
          </Result>
        </Card>
      ))}
    </>
  );
}

function days(value: number | null): string {
  return value === null ? format.UNKNOWN : `${value.toFixed(value < 10 ? 1 : 0)} d`;
}

const timesColumns: Column<Times>[] = [
  {
    id: "of",
    label: "Of",
    width: 200,
    cell: (row) =>
      row.severity ? <LevelMark level={row.severity as Severity} /> : (row.group_name ?? "All"),
  },
  { id: "count", label: "Count", width: 80, isNumber: true, cell: (row) => format.count(row.count) },
  { id: "median", label: "Median", width: 90, isNumber: true, cell: (row) => days(row.median_days) },
  { id: "p90", label: "90th percentile", width: 120, isNumber: true, cell: (row) => days(row.p90_days) },
];

function TimesGrid({ label, rows }: { label: string; rows: Times[] }) {
  const known = rows.filter((row) => row.count > 0);
  if (known.length === 0) return <Empty title="Nothing of the kind in this period" />;
  return (
    <Grid
      label={label}
      columns={timesColumns}
      rows={known}
      rowKey={(row) => `${row.severity ?? ""} ${row.group_id ?? ""}`}
    />
  );
}

const SEVERITIES: Severity[] = ["Critical", "High", "Medium", "Low", "None", "Unknown"];

function OpenCard() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const query = useQuery(openOnQuery({ as_of: state.as_of, groups: state.groups }));
  return (
    <Card className={styles.whole} title="Open on a day">
      <Field label="Day" hint="At its end. Without a day: now." className={styles.day}>
        <Input
          size="small"
          type="date"
          value={state.as_of ?? ""}
          onChange={(_, { value }) => change({ as_of: value || undefined })}
        />
      </Field>
      <Result query={query} lines={4}>
        {(found) => <Open found={found} />}
      </Result>
    </Card>
  );
}

function Open({ found }: { found: OpenOn }) {
  return (
    <Facts
      facts={[
        ["As of", format.time(found.as_of)],
        ["Findings", format.count(found.findings)],
        ["Weaknesses", format.count(found.vulnerabilities)],
        ["Devices with any", format.count(found.devices)],
        ...SEVERITIES.filter((severity) => found.by_severity[severity]).map(
          (severity): [string, React.ReactNode] => [
            "",
            <LevelMark
              key={severity}
              level={severity}
              label={`${severity}: ${format.count(found.by_severity[severity])}`}
            />,
          ],
        ),
      ]}
    />
  );
}
