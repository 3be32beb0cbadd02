import { activitiesQuery, exceptionsQuery, mitigationsQuery } from "../../api/actQueries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { activityList } from "./activityColumns";
import { ActivityFlyout } from "./ActivityFlyout";
import { exceptionList } from "./exceptionColumns";
import { ApprovalNote } from "./ApprovalNote";
import { ExceptionFlyout } from "./ExceptionFlyout";
import { mitigationList } from "./mitigationColumns";
import { IMPORT, VexActions, VexImportFlyout } from "./ExceptionVex";

const TABS = [
  { id: "activities", label: "Activities" },
  { id: "exceptions", label: "Exceptions" },
  { id: "mitigations", label: "Alternate mitigations" },
] as const;

export function RemediationPage() {
  const tab = useTab(TABS);
  return (
    <PageFrame title="Remediation" aside={tab === "exceptions" && <VexActions />} isSurface>
      <PageTabs tabs={TABS} />
      {tab === "activities" && <Activities />}
      {tab === "exceptions" && <Exceptions />}
      {tab === "mitigations" && (
        <ListView list={mitigationList} path="/remediation/mitigations" query={mitigationsQuery} />
      )}
    </PageFrame>
  );
}

function Activities() {
  const { change } = useUrl();
  return (
    <>
      <ListView
        list={activityList}
        path="/remediation/activities"
        query={activitiesQuery}
        onOpen={(row) => change({ open: row.id, view: undefined }, true)}
      />
      <ActivityFlyout />
    </>
  );
}

function Exceptions() {
  const { state, change } = useUrl();
  const isImport = state.open === undefined && state.view === IMPORT;
  return (
    <>
      <ApprovalNote />
      <ListView
        list={exceptionList}
        path="/exceptions"
        query={exceptionsQuery}
        onOpen={(row) => change({ open: String(row.id), view: undefined }, true)}
      />
      {isImport ? <VexImportFlyout /> : <ExceptionFlyout />}
    </>
  );
}
