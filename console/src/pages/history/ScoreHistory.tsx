/** A score over time, of the organisation and of device groups, with a dot for each day on which something happened. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQueries, useQuery, type UseQueryOptions } from "@tanstack/react-query";
import { Suspense } from "react";

import { groupsQuery, sessionQuery } from "../../api/queries";
import { Empty, Failed, Loading } from "../../ui/states";
import { SeriesChart } from "../../ui/lazyCharts";
import { rangeOf, type Range } from "../../ui/period";
import { sentenceOf, type Line } from "../../ui/series";
import { parts } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { EventDays, useEventDays } from "./EventDays";
import { subjectsOf, type Subject } from "./subjects";

const useStyles = makeStyles({ note: { color: tokens.colorNeutralForeground3 } });

interface ScoreHistoryProps<Series> {
  /** The series of one subject. */
  query: (
    kind: Subject["kind"],
    subject: string | undefined,
    range: Range,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the key's type differs from score to score
  ) => UseQueryOptions<Series, Error, Series, any>;
  lineOf: (name: string, series: Series) => Line;
  valueText: (value: number) => string;
  /** What to say while there are no two points. */
  empty: string;
  /** Types of the events that move this score, as the API names them. */
  events: string;
}

export function ScoreHistory<Series>({ query, lineOf, valueText, empty, events }: ScoreHistoryProps<Series>) {
  const styles = useStyles();
  const { state } = useUrl();
  const range = rangeOf(state);
  const { data: groups = [] } = useQuery(groupsQuery());
  const { data: session } = useQuery(sessionQuery());
  const subjects = subjectsOf(session?.is_all_groups ?? true, groups, parts(state.groups));
  const answers = useQueries({ queries: subjects.map(({ kind, id }) => query(kind, id, range)) });
  const days = useEventDays(range, events, state.groups);
  const failed = answers.find((one) => one.error && one.data === undefined);
  if (failed?.error) return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  if (answers.some((one) => one.data === undefined)) return <Loading lines={6} />;
  const lines = answers
    .flatMap(({ data }, at) => (data === undefined ? [] : [lineOf(subjects[at]?.name ?? "", data)]))
    .filter((line) => line.points.length > 1);
  return (
    <>
      {lines.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <Suspense fallback={<Loading lines={6} />}>
          <SeriesChart
            lines={lines}
            height={220}
            most={100}
            sentence={sentenceOf(lines, valueText)}
            valueText={valueText}
            days={days}
          />
        </Suspense>
      )}
      <EventDays days={days} events={events} />
      <Text size={200} className={styles.note}>
        Choose up to three device groups above to compare them.
      </Text>
    </>
  );
}
