/** Event timeline: what changed the risk. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { timelineQuery, timelineSummaryQuery } from "../../api/threatQueries";
import type { EventRow } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import { filterNames, ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { DayRange } from "../../ui/PeriodChoice";
import { Empty, Result } from "../../ui/states";
import { listParameters } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { OpenWeakness } from "../weaknesses/columns";
import { eventList, eventType, impactText, ScoreTrend } from "./columns";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "end",
    columnGap: tokens.spacingHorizontalXXXL,
    rowGap: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalM,
  },
  figure: { display: "grid" },
  value: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
  names: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalM },
});

export function TimelinePage() {
  const { change } = useUrl();
  return (
    <PageFrame title="Event timeline" isSurface>
      <Head />
      <ListView
        list={eventList}
        path="/timeline"
        query={timelineQuery}
        onOpen={(event) => change({ open: String(event.id) }, true)}
      />
      <EventFlyout />
    </PageFrame>
  );
}

/** The two headline numbers of the period, and days instead of a period. */
function Head() {
  const styles = useStyles();
  const { state } = useUrl();
  const summary = useQuery(
    timelineSummaryQuery({ since: state.since, until: state.until, groups: state.groups }),
  );
  return (
    <div className={styles.head}>
      <Figure label="New vulnerabilities" value={summary.data?.new_vulnerabilities} />
      <Figure label="Exploitable vulnerabilities" value={summary.data?.exploitable_vulnerabilities} />
      <DayRange key={`${state.since ?? ""} ${state.until ?? ""}`} />
    </div>
  );
}

function Figure({ label, value }: { label: string; value: number | undefined }) {
  const styles = useStyles();
  return (
    <div className={styles.figure}>
      <Text size={200}>{label}</Text>
      <span className={styles.value}>{format.count(value)}</span>
    </div>
  );
}

/** The event is one of the rows in view; there is no other way to ask for it. */
function EventFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery(timelineQuery(listParameters(state, filterNames(eventList), eventList.defaultSort)));
  const event = query.data?.items.find((one) => String(one.id) === id);
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={event ? eventType(event.type)[0] : "Event"}
      subtitle={event && format.time(event.at)}
      onClose={() => change({ open: undefined }, true)}
      actions={event && <Actions event={event} />}
    >
      <Result query={query}>
        {() => (event ? <Details event={event} /> : <Empty title="The event is not among those in view" />)}
      </Result>
    </Flyout>
  );
}

function Actions({ event }: { event: EventRow }) {
  if (!event.recommendation_id) return null;
  return (
    <PageLink to="/recommendations" search={{ open: event.recommendation_id }}>
      Go to related security recommendation
    </PageLink>
  );
}

function Details({ event }: { event: EventRow }) {
  const styles = useStyles();
  const more = event.vulnerability_count - event.vulnerabilities.length;
  return (
    <>
      <Section title="What happened">
        <Text>{event.text}</Text>
        <Facts
          facts={[
            [
              "Related component",
              event.component && (
                <PageLink key="component" to="/software" search={{ search: event.component }}>
                  {event.component}
                </PageLink>
              ),
            ],
            ["Originally impacted devices", impactText(event.originally_impacted)],
            ["Currently impacted devices", impactText(event.currently_impacted)],
            ["Score trend", <ScoreTrend key="trend" event={event} />],
          ]}
        />
      </Section>
      {event.vulnerabilities.length > 0 && (
        <Section title="Weaknesses">
          <div className={styles.names}>
            {event.vulnerabilities.map((name) => (
              <OpenWeakness key={name} name={name} />
            ))}
            {more > 0 && <Text>and {format.count(more)} more</Text>}
          </div>
        </Section>
      )}
    </>
  );
}
