/** Configuration: recommended settings, and the secure score that comes of them. */
import { checksQuery } from "../../api/postureQueries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { CheckFlyout } from "./CheckFlyout";
import { checkList } from "./columns";
import { SecureScoreTab } from "./SecureScoreTab";

const TABS = [
  { id: "checks", label: "Checks" },
  { id: "score", label: "Secure score" },
] as const;

export function ChecksPage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Configuration" isSurface={tab === "checks"}>
      <PageTabs tabs={TABS} />
      {tab === "score" ? <SecureScoreTab /> : <Checks />}
    </PageFrame>
  );
}

function Checks() {
  const { change } = useUrl();
  return (
    <>
      <ListView
        list={checkList}
        path="/checks"
        query={checksQuery}
        onOpen={(row) => change({ open: row.id, view: undefined }, true)}
      />
      <CheckFlyout />
    </>
  );
}
