/** The one flyout: a panel at the right edge, opened by the address and closed with Escape. */
import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  Tab,
  TabList,
  Text,
  tokens,
} from "@fluentui/react-components";
import { Dismiss24Regular } from "@fluentui/react-icons";
import type { ReactNode } from "react";

export interface FlyoutTab {
  id: string;
  label: string;
}

interface FlyoutProps {
  isOpen: boolean;
  title: string;
  subtitle?: ReactNode;
  onClose: () => void;
  tabs?: FlyoutTab[];
  tab?: string;
  onTab?: (id: string) => void;
  /** What can be done with the thing: links and buttons below its title. */
  actions?: ReactNode;
  children: ReactNode;
}

const useStyles = makeStyles({
  panel: { width: "min(760px, 100vw)" },
  header: { rowGap: tokens.spacingVerticalXS, paddingBottom: tokens.spacingVerticalS },
  title: { overflowWrap: "anywhere" },
  subtitle: { color: tokens.colorNeutralForeground3 },
  tabs: {
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalMNudge})`,
    marginTop: tokens.spacingVerticalS,
    overflowX: "auto",
    scrollbarWidth: "thin",
  },
  actions: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  body: { paddingBottom: tokens.spacingVerticalL },
});

export function Flyout(props: FlyoutProps) {
  const { isOpen, title, subtitle, onClose, tabs, tab, onTab, actions, children } = props;
  const styles = useStyles();
  return (
    <OverlayDrawer
      position="end"
      className={styles.panel}
      open={isOpen}
      onOpenChange={(_, { open }) => {
        if (!open) onClose();
      }}
    >
      <DrawerHeader className={styles.header}>
        <DrawerHeaderTitle
          className={styles.title}
          action={
            <Button appearance="subtle" aria-label="Close" icon={<Dismiss24Regular />} onClick={onClose} />
          }
        >
          {title}
        </DrawerHeaderTitle>
        {subtitle && <Text className={styles.subtitle}>{subtitle}</Text>}
        {actions && (
          <div className={styles.actions} role="group" aria-label="Actions">
            {actions}
          </div>
        )}
        {tabs && (
          <TabList
            className={styles.tabs}
            size="small"
            selectedValue={tab ?? tabs[0]?.id}
            onTabSelect={(_, { value }) => onTab?.(String(value))}
          >
            {tabs.map(({ id, label }) => (
              <Tab key={id} value={id}>
                {label}
              </Tab>
            ))}
          </TabList>
        )}
      </DrawerHeader>
      <DrawerBody className={styles.body} tabIndex={0}>
        {children}
      </DrawerBody>
    </OverlayDrawer>
  );
}
