/** The secure score: how much of what can be reached is reached, by category and over time. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { secureScoreQuery, secureScoreSeriesQuery } from "../../api/postureQueries";
import { Card } from "../../ui/Card";
import { Facts } from "../../ui/Facts";
import * as format from "../../ui/format";
import { PeriodChoice } from "../../ui/PeriodChoice";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { SECURE_SCORE_EVENTS } from "../history/EventDays";
import { ScoreHistory } from "../history/ScoreHistory";
import { CategoryBars, SecureScoreFigure } from "./SecureScoreParts";
import { percentLine } from "./secureScore";

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

function HistoryCard() {
  const styles = useStyles();
  return (
    <Card className={styles.whole} title="History" more={<PeriodChoice />}>
      <ScoreHistory
        query={secureScoreSeriesQuery}
        lineOf={(name, series) => percentLine(name, series.points)}
        valueText={(value) => `${value.toFixed(1)} %`}
        empty="The history appears when the score has changed"
        events={SECURE_SCORE_EVENTS}
      />
    </Card>
  );
}
