import { recommendationsQuery } from "../../api/actQueries";
import { PageLink } from "../../ui/links";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { useUrl } from "../../url/useUrl";
import { recommendationList } from "./columns";
import { RecommendationFlyout } from "./RecommendationFlyout";

export function RecommendationsPage() {
  const { change } = useUrl();
  return (
    <PageFrame
      title="Recommendations"
      aside={<PageLink to="/plan">Make a plan of the best ones</PageLink>}
      isSurface
    >
      <ListView
        list={recommendationList}
        path="/recommendations"
        query={recommendationsQuery}
        onOpen={(row) => change({ open: row.id, view: undefined }, true)}
      />
      <RecommendationFlyout />
    </PageFrame>
  );
}
