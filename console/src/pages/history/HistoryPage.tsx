/** History: scores over time, how long finding and fixing takes, what was open on a past day. */
import { Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { openOnQuery, scoresQuery, timesQuery } from "../../api/threatQueries";
import type { OpenOn, ScoreSeries, Severity, Times } from "../../api/types";
import { Card } from "../../ui/Card";
import { Facts } from "../../ui/Facts";
import { FilesMenu, type ServerFile } from "../../ui/FilesMenu";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { PageFrame } from "../../ui/PageFrame";
import { rangeOf } from "../../ui/period";
import { PeriodChoice } from "../../ui/PeriodChoice";
import { LevelMark } from "../../ui/risk";
import { Empty, Result } from "../../ui/states";
import type { Line } from "../../ui/series";
import { useUrl } from "../../url/useUrl";
import { EXPOSURE_EVENTS } from "./EventDays";
import { ScoreHistory } from "./ScoreHistory";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  whole: { gridColumn: "1 / -1" },
  day: { maxWidth: "220px" },
});

export function HistoryPage() {
  const styles = useStyles();
  const { state } = useUrl();
  return (
    <PageFrame
      title="History"
      aside={
        <>
          <PeriodChoice />
          <FilesMenu label="Reports" files={reports(state.groups)} />
        </>
      }
    >
      <div className={styles.cards}>
        <ScoresCard />
        <TimesCards />
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

function ScoresCard() {
  const styles = useStyles();
  return (
    <Card className={styles.whole} title="Exposure score">
      <ScoreHistory
        query={scoresQuery}
        lineOf={lineOf}
        valueText={format.score}
        empty="The trend appears when there is a second day to show"
        events={EXPOSURE_EVENTS}
      />
    </Card>
  );
}

function TimesCards() {
  const { state } = useUrl();
  const query = useQuery(timesQuery({ ...rangeOf(state), groups: state.groups }));
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
