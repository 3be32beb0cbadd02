import { weaknessesQuery } from "../../api/queries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { weaknessList } from "./columns";
import { SsvcList } from "./Ssvc";
import { WeaknessFlyout } from "./WeaknessFlyout";

const TABS = [
  { id: "weaknesses", label: "Weaknesses" },
  { id: "ssvc", label: "SSVC decisions" },
] as const;

export function WeaknessesPage() {
  const { change } = useUrl();
  const tab = useTab(TABS);
  return (
    <PageFrame title="Weaknesses" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "ssvc" ? (
        <SsvcList />
      ) : (
        <ListView
          list={weaknessList}
          path="/weaknesses"
          query={weaknessesQuery}
          onOpen={(row) => change({ open: row.name, view: undefined }, true)}
        />
      )}
      <WeaknessFlyout />
    </PageFrame>
  );
}
