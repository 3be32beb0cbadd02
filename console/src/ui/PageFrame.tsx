import { makeStyles, Title3, tokens } from "@fluentui/react-components";
import { useEffect, type ReactNode } from "react";

const useStyles = makeStyles({
  page: {
    display: "flex",
    flexDirection: "column",
    minHeight: 0,
    flexGrow: 1,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL}`,
    overflowY: "auto",
    "@media (max-width: 600px)": { padding: tokens.spacingHorizontalM },
  },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    marginBottom: tokens.spacingVerticalM,
  },
  surface: {
    display: "flex",
    flexDirection: "column",
    minHeight: "320px",
    flexGrow: 1,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow2,
    "@media (max-width: 600px)": { padding: tokens.spacingHorizontalS },
  },
  title: { overflowWrap: "anywhere" },
});

interface PageFrameProps {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  /** Lists stand on one white surface; pages of cards do not. */
  isSurface?: boolean;
  children: ReactNode;
}

/** Head and body of a page; its title is the tab's title too. */
export function PageFrame({ title, aside, isSurface = false, children }: PageFrameProps) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} - Weakspot`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Title3 as="h1" className={styles.title}>
          {title}
        </Title3>
        {aside}
      </div>
      {isSurface ? <div className={styles.surface}>{children}</div> : children}
    </div>
  );
}
