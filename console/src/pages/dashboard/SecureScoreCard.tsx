import { useQuery } from "@tanstack/react-query";

import { secureScoreQuery } from "../../api/postureQueries";
import { Card } from "../../ui/Card";
import { PageLink } from "../../ui/links";
import { Result } from "../../ui/states";
import { CategoryBars, SecureScoreFigure } from "../posture/SecureScoreParts";

/** Read apart from the rest of the dashboard. */
export function SecureScoreCard({ groups, className }: { groups: string | undefined; className?: string }) {
  const query = useQuery(secureScoreQuery(groups));
  return (
    <Card
      className={className}
      title="Secure score for devices"
      more={
        <PageLink to="/checks" search={{ tab: "score" }}>
          Show more
        </PageLink>
      }
    >
      <Result query={query} lines={6}>
        {(score) => (
          <>
            <SecureScoreFigure score={score} />
            <CategoryBars categories={score.categories} />
          </>
        )}
      </Result>
    </Card>
  );
}
