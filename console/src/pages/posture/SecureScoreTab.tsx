/** The secure score: how much of what can be reached is reached, by category and over time. */
import { makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Suspense } from "react";

import { secureScoreQuery, secureScoreSeriesQuery } from "../../api/postureQueries";
import { groupsQuery } from "../../api/queries";
import { Card } from "../../ui/Card";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { SeriesChart } from "../../ui/lazyCharts";
import { Empty, Loading, Result } from "../../ui/states";
import { parts } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { CategoryBars, SecureScoreFigure } from "./SecureScoreParts";
import { percentLine, seriesSentence } from "./secureScore";

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
  note: { color: tokens.colorNeutralForeground3 },
});

export function SecureScoreTab() {
  const styles = useStyles();
  const { state } = useUrl();
  const query = useQuery(secureScoreQuery(state.groups));
  return (
    <Result query={query} lines={10}>
      {(score) => (
        <div className={styles.cards}>
          <Card title="Secure score for devices">
            <SecureScoreFigure score={score} />
            <Facts
              facts={[
                ["Points", `${score.points.toFixed(1)} of ${score.maximum.toFixed(1)}`],
                [
                  "Without exceptions",
                  score.points_detected === score.points
                    ? null
                    : `${score.points_detected.toFixed(1)} points`,
                ],
                [
                  "Assessed devices",
                  `${format.count(score.assessed_devices)} of ${format.count(score.devices)}`,
                ],
                [
                  "Assessed checks",
                  `${format.count(score.assessed_checks)} of ${format.count(score.checks)}`,
                ],
              ]}
            />
            {score.assessed_devices < score.devices && (
              <Text size={200} className={styles.note}>
                Devices that tell no settings change neither points nor maximum.
              </Text>
            )}
          </Card>
          <Card title="By category">
            <CategoryBars categories={score.categories} />
          </Card>
          <HistoryCard />
        </div>
      )}
    </Result>
  );
}

/** The organisation, and the first of the device groups that the page is restricted to. */
function HistoryCard() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const period = state.period && state.period in PERIODS ? state.period : USUAL_PERIOD;
  const { data: groups = [] } = useQuery(groupsQuery());
  const chosen = parts(state.groups).slice(0, MOST_GROUPS);
  const organisation = useQuery(secureScoreSeriesQuery("organisation", undefined, period));
  const ofGroups = useQueries({ queries: chosen.map((id) => secureScoreSeriesQuery("group", id, period)) });
  const nameOf = (id: string) => groups.find((group) => String(group.id) === id)?.name ?? `Group ${id}`;
  return (
    <Card
      className={styles.whole}
      title="History"
      more={
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
      }
    >
      <Result query={organisation} lines={6}>
        {(series) => {
          const lines = [
            percentLine("Organisation", series.points),
            ...ofGroups.flatMap(({ data }, at) =>
              data ? [percentLine(nameOf(chosen[at] ?? ""), data.points)] : [],
            ),
          ].filter((line) => line.points.length > 1);
          if (lines.length === 0) return <Empty title="The history appears when the score has changed" />;
          return (
            <Suspense fallback={<Loading lines={6} />}>
              <SeriesChart
                lines={lines}
                height={220}
                most={100}
                sentence={seriesSentence(lines)}
                valueText={(value) => `${value.toFixed(1)} %`}
              />
            </Suspense>
          );
        }}
      </Result>
    </Card>
  );
}
