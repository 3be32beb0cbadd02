/** Days on which something happened, as links: what the dots of a chart show, for everybody. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { timelineQuery } from "../../api/threatQueries";
import type { EventRow } from "../../api/types";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import type { Range } from "../../ui/period";
import { dayText, eventDays, type EventDay } from "../../ui/series";

const MOST_EVENTS = 200;
const SHOWN_DAYS = 6;
const NO_EVENTS: EventRow[] = [];

/** Events that hit devices and move the exposure score. */
export const EXPOSURE_EVENTS =
  "new_vulnerability,public_exploit,exploit_verified,exploit_kit,newly_exposed,fixed,regressed";
export const SECURE_SCORE_EVENTS = "new_configuration_assessment";

const useStyles = makeStyles({
  days: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXXS,
    margin: 0,
  },
  text: {
    margin: 0,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
});

/** The newest days of a stretch of time; none while they are not known. */
export function useEventDays(range: Range, events: string, groups: string | undefined): EventDay[] {
  const { data } = useQuery(timelineQuery({ ...range, event: events, groups, page_size: MOST_EVENTS }));
  return eventDays(data?.items ?? NO_EVENTS);
}

interface EventDaysProps {
  days: EventDay[];
  events: string;
}

export function EventDays({ days, events }: EventDaysProps) {
  const styles = useStyles();
  if (days.length === 0) return null;
  return (
    <section aria-label="Days with events">
      <Text size={200} weight="semibold">
        Days with events
      </Text>
      <dl className={styles.days}>
        {days.slice(0, SHOWN_DAYS).map((one) => (
          <Day key={one.day} one={one} events={events} />
        ))}
      </dl>
    </section>
  );
}

function Day({ one, events }: { one: EventDay; events: string }) {
  const styles = useStyles();
  const text = dayText(one);
  return (
    <>
      <dt>
        <PageLink to="/timeline" search={{ since: one.day, until: one.day, event: events }}>
          {format.date(one.day)}
        </PageLink>
      </dt>
      <dd className={styles.text} title={text}>
        {text}
      </dd>
    </>
  );
}
