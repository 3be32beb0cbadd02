/** Tabs of a page. Every tab is a list of its own: what belonged to the last one leaves the address. */
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";

import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";

import { FRESH_LIST } from "../url/state";
import { useUrl } from "../url/useUrl";

const NARROW = "@media (max-width: 900px)";

const useStyles = makeStyles({
  tabs: {
    flexShrink: 0,
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalMNudge})`,
    marginBottom: tokens.spacingVerticalM,
    overflowX: "auto",
    scrollbarWidth: "thin",
  },
  whole: { display: "contents" },
  beside: {
    display: "grid",
    gridTemplateColumns: "216px minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalXL,
    flexGrow: 1,
    minHeight: 0,
    [NARROW]: { gridTemplateColumns: "minmax(0, 1fr)", gridTemplateRows: "auto minmax(0, 1fr)" },
  },
  side: {
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    "& .fui-Tab__content": { textAlign: "left", whiteSpace: "nowrap" },
    [NARROW]: {
      flexDirection: "row",
      borderRight: "none",
      marginBottom: tokens.spacingVerticalM,
      overflowX: "auto",
      scrollbarWidth: "thin",
    },
  },
  content: { display: "flex", flexDirection: "column", minWidth: 0, minHeight: 0 },
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

interface PageTabsProps<Id extends string> {
  tabs: readonly PageTab<Id>[];
  className?: string;
  isVertical?: boolean;
}

export function PageTabs<Id extends string>({ tabs, className, isVertical = false }: PageTabsProps<Id>) {
  const styles = useStyles();
  const { change } = useUrl();
  const tab = useTab(tabs);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tab]);
  return (
    <div ref={list} className={styles.whole}>
      <TabList
        className={className ?? styles.tabs}
        vertical={isVertical}
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
    </div>
  );
}

interface SideTabsProps<Id extends string> {
  tabs: readonly PageTab<Id>[];
  children: ReactNode;
}

/** Many tabs: beside the content where there is room, above it where there is none. */
export function SideTabs<Id extends string>({ tabs, children }: SideTabsProps<Id>) {
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  return (
    <div className={styles.beside}>
      <PageTabs tabs={tabs} className={styles.side} isVertical={!isNarrow} />
      <div className={styles.content}>{children}</div>
    </div>
  );
}

const narrow = window.matchMedia(NARROW.replace("@media ", ""));

function subscribe(onChange: () => void): () => void {
  narrow.addEventListener("change", onChange);
  return () => narrow.removeEventListener("change", onChange);
}

function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}
