import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { FeedsTab } from "./FeedsTab";
import { OwnAdvisoriesTab } from "./OwnAdvisoriesTab";
import { VexTab } from "./VexTab";

const TABS = [
  { id: "feeds", label: "Sources" },
  { id: "own", label: "Own advisories" },
  { id: "vex", label: "VEX documents" },
] as const;

export function IntelligencePage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Intelligence" isSurface>
      <PageTabs tabs={TABS} />
      {tab === "feeds" && <FeedsTab />}
      {tab === "own" && <OwnAdvisoriesTab />}
      {tab === "vex" && <VexTab />}
    </PageFrame>
  );
}
