/** Tabs of a page. Every tab is a list of its own: what belonged to the last one leaves the address. */
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";

import { FRESH_LIST } from "../url/state";
import { useUrl } from "../url/useUrl";

const useStyles = makeStyles({
  tabs: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalMNudge})`, marginBottom: tokens.spacingVerticalM },
});

export interface PageTab<Id extends string> {
  id: Id;
  label: string;
}

/** The tab that the address names, else the first. */
export function useTab<Id extends string>(tabs: readonly PageTab<Id>[]): Id {
  const { state } = useUrl();
  const found = tabs.find(({ id }) => id === state.tab) ?? tabs[0];
  if (!found) throw new Error("a page with tabs needs one");
  return found.id;
}

export function PageTabs<Id extends string>({ tabs }: { tabs: readonly PageTab<Id>[] }) {
  const styles = useStyles();
  const { change } = useUrl();
  const tab = useTab(tabs);
  return (
    <TabList
      className={styles.tabs}
      selectedValue={tab}
      onTabSelect={(_, { value }) =>
        change({ ...FRESH_LIST, tab: value === tabs[0]?.id ? undefined : String(value) }, true)
      }
    >
      {tabs.map(({ id, label }) => (
        <Tab key={id} value={id}>
          {label}
        </Tab>
      ))}
    </TabList>
  );
}
