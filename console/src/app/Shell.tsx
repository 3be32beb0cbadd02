/** Frame of every page: head with search and live indicator, navigation, knowledge banner. */
import {
  Button,
  Image,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Text,
  tokens,
} from "@fluentui/react-components";
import { PersonCircle20Regular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";

import { send } from "../api/client";
import { sessionQuery } from "../api/queries";
import { AREAS } from "./areas";
import { GlobalSearch } from "./GlobalSearch";
import { GroupFilter } from "./GroupFilter";
import { KnowledgeBanner } from "./KnowledgeBanner";
import { LiveIndicator } from "./LiveIndicator";

const useStyles = makeStyles({
  frame: {
    display: "grid",
    gridTemplateColumns: "220px minmax(0, 1fr)",
    gridTemplateRows: "48px minmax(0, 1fr)",
    height: "100%",
    backgroundColor: tokens.colorNeutralBackground2,
    "@media (max-width: 900px)": { gridTemplateColumns: "52px minmax(0, 1fr)" },
  },
  head: {
    gridColumn: "1 / -1",
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalL,
    padding: `0 ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 600px)": {
      columnGap: tokens.spacingHorizontalS,
      padding: `0 ${tokens.spacingHorizontalM}`,
    },
  },
  brand: {
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalS,
    width: "196px",
    flexShrink: 0,
    "@media (max-width: 900px)": { width: "auto" },
  },
  gap: { flexGrow: 1, "@media (max-width: 600px)": { display: "none" } },
  areas: {
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalXXS,
    padding: tokens.spacingVerticalS,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowY: "auto",
  },
  area: {
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    height: "36px",
    padding: `0 ${tokens.spacingHorizontalS}`,
    borderRadius: tokens.borderRadiusMedium,
    borderLeft: "3px solid transparent",
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    fontSize: tokens.fontSizeBase300,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
    "& svg": { flexShrink: 0 },
  },
  areaOpen: {
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorNeutralBackground1Selected,
    borderLeftColor: tokens.colorCompoundBrandStroke,
  },
  areaLabel: { "@media (max-width: 900px)": { display: "none" } },
  main: { display: "flex", flexDirection: "column", minHeight: 0, minWidth: 0 },
  skip: {
    position: "absolute",
    left: "-9999px",
    ":focus": { left: tokens.spacingHorizontalM, top: tokens.spacingVerticalM, zIndex: 10 },
  },
});

export function Shell() {
  const styles = useStyles();
  return (
    <div className={styles.frame}>
      <Button className={styles.skip} onClick={() => document.getElementById("page")?.focus()}>
        Skip to the page
      </Button>
      <header className={styles.head}>
        <div className={styles.brand}>
          <Image src="/favicon.svg" width={24} height={24} alt="" />
          <Text weight="semibold" size={400} className={styles.areaLabel}>
            Weakspot
          </Text>
        </div>
        <GlobalSearch />
        <span className={styles.gap} />
        <LiveIndicator />
        <GroupFilter />
        <Account />
      </header>
      <nav className={styles.areas} aria-label="Areas">
        <Areas />
      </nav>
      <main id="page" className={styles.main} tabIndex={-1}>
        <KnowledgeBanner />
        <Outlet />
      </main>
    </div>
  );
}

function Areas() {
  const styles = useStyles();
  const { data: session } = useQuery(sessionQuery());
  return AREAS.filter((area) => !("needs" in area) || session?.permissions.includes(area.needs)).map(
    ({ to, label, Icon }) => (
      <Link
        key={to}
        to={to}
        className={styles.area}
        activeProps={{ className: mergeClasses(styles.area, styles.areaOpen) }}
        activeOptions={{ exact: to === "/", includeSearch: false }}
        aria-label={label}
        title={label}
      >
        <Icon aria-hidden />
        <span className={styles.areaLabel}>{label}</span>
      </Link>
    ),
  );
}

function Account() {
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery());
  const { mutate: signOut } = useMutation({
    mutationFn: () => send<undefined>("DELETE", "/session"),
    // Whatever the answer, nothing of the session stays in this page.
    onSettled: () => window.location.assign("/"),
    onMutate: () => client.cancelQueries(),
  });
  if (!session) return null;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={<PersonCircle20Regular />}
          aria-label={`Account of ${session.user.name}`}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem disabled>
            {session.user.name} ({session.user.role})
          </MenuItem>
          <MenuItem disabled>Weakspot {session.version}</MenuItem>
          <MenuItem onClick={() => signOut()}>Sign out</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
