import { exceptionsQuery } from "../../api/actQueries";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs } from "../../ui/PageTabs";
import { useUrl } from "../../url/useUrl";
import { exceptionList } from "./exceptionColumns";
import { ExceptionFlyout } from "./ExceptionFlyout";

const TABS = [{ id: "exceptions", label: "Exceptions" }] as const;

export function RemediationPage() {
  const { change } = useUrl();
  return (
    <PageFrame title="Remediation" isSurface>
      <PageTabs tabs={TABS} />
      <ListView
        list={exceptionList}
        path="/exceptions"
        query={exceptionsQuery}
        onOpen={(row) => change({ open: String(row.id), view: undefined }, true)}
      />
      <ExceptionFlyout />
    </PageFrame>
  );
}
