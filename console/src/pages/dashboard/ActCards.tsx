/** Cards about what to do and what happens. They are read apart from the rest of the dashboard. */
import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { activitiesQuery, recommendationsQuery } from "../../api/actQueries";
import { timelineSummaryQuery } from "../../api/threatQueries";
import type { ActivityRow, RecommendationRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Card } from "../../ui/Card";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { Result } from "../../ui/states";
import { recommendationColumns, Tags } from "../recommendations/columns";
import { cardActivityColumns } from "../remediation/activityColumns";
import { CompleteButton } from "../remediation/CompleteButton";
import { shortEventColumns } from "../timeline/columns";
import { Rows } from "./Rows";

const useStyles = makeStyles({
  half: { gridColumn: "span 6" },
  links: { display: "inline-flex", columnGap: tokens.spacingHorizontalM },
});

const byId = (row: { id: string }) => row.id;

const topRecommendations: Column<RecommendationRow>[] = [
  {
    id: "title",
    label: "Recommendation",
    width: 200,
    cell: (row) => (
      <>
        <PageLink to="/recommendations" search={{ open: row.id }} title={row.title}>
          {row.title}
        </PageLink>{" "}
        {row.tags.length > 0 && <Tags tags={row.tags} />}
      </>
    ),
  },
  recommendationColumns.threats,
  recommendationColumns.exposed,
  recommendationColumns.impact,
];

const completion: Column<ActivityRow> = {
  id: "completion",
  label: "Complete",
  width: 175,
  cell: (row) => <CompleteButton activity={row} />,
};

/** Read apart from the rest: the first exact impacts after a start take a moment. */
export function RecommendationsCard({ groups }: { groups: string | undefined }) {
  const styles = useStyles();
  const query = useQuery(recommendationsQuery({ sort: "-impact", page_size: 10, groups }));
  return (
    <Card
      className={styles.half}
      title="Top security recommendations"
      more={
        <span className={styles.links}>
          <PageLink to="/plan">Plan</PageLink>
          <PageLink to="/recommendations" search={{ status: "partial_exception,full_exception" }}>
            Show exceptions
          </PageLink>
          <PageLink to="/recommendations">Show more</PageLink>
        </span>
      }
    >
      <Result query={query} lines={10}>
        {(page) => (
          <Rows
            label="Top security recommendations"
            columns={topRecommendations}
            rows={page.items}
            rowKey={byId}
          />
        )}
      </Result>
    </Card>
  );
}

export function EventsCard({ groups }: { groups: string | undefined }) {
  const styles = useStyles();
  const query = useQuery(timelineSummaryQuery({ groups }));
  return (
    <Card
      className={styles.half}
      title="Top events of 7 days"
      more={
        <span className={styles.links}>
          <PageLink to="/history">History</PageLink>
          <PageLink to="/timeline">Show more</PageLink>
        </span>
      }
    >
      <Result query={query} lines={4}>
        {(summary) => (
          <Rows
            label="Top events of 7 days"
            columns={shortEventColumns}
            rows={summary.top_events}
            rowKey={(event) => String(event.id)}
          />
        )}
      </Result>
    </Card>
  );
}

export function ActivitiesCard({ groups }: { groups: string | undefined }) {
  const styles = useStyles();
  const mayHandle = useMay("ActiveRemediation.RemediationHandling");
  const query = useQuery(activitiesQuery({ status: "Active", sort: "due_on", page_size: 5, groups }));
  return (
    <Card
      className={styles.half}
      title="Top remediation activities"
      more={
        <span className={styles.links}>
          <PageLink to="/remediation" search={{ tab: "exceptions" }}>
            Exceptions
          </PageLink>
          <PageLink to="/remediation">Show more</PageLink>
        </span>
      }
    >
      <Result query={query} lines={5}>
        {(page) => (
          <Rows
            label="Top remediation activities"
            columns={mayHandle ? [...cardActivityColumns, completion] : cardActivityColumns}
            rows={page.items}
            rowKey={byId}
          />
        )}
      </Result>
    </Card>
  );
}
