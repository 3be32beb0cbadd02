/** What the page and the dashboard show of the secure score. */
import { makeStyles, ProgressBar, Text, tokens } from "@fluentui/react-components";

import type { SecureScore, SecureScoreCategory } from "../../api/types";
import { PageLink } from "../../ui/links";
import { CATEGORIES } from "./columns";
import { percentOf } from "./secureScore";

const useStyles = makeStyles({
  score: { display: "flex", alignItems: "baseline", columnGap: tokens.spacingHorizontalM },
  figure: { fontSize: "40px", lineHeight: "48px", fontWeight: tokens.fontWeightSemibold },
  note: { color: tokens.colorNeutralForeground3 },
  bars: { display: "grid", rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: "none" },
  entry: { display: "grid", gridTemplateColumns: "1fr auto", rowGap: tokens.spacingVerticalXXS },
  value: { fontVariantNumeric: "tabular-nums" },
  bar: { gridColumn: "1 / -1" },
});

export function SecureScoreFigure({ score }: { score: SecureScore }) {
  const styles = useStyles();
  if (score.percent === null) {
    return <Text className={styles.note}>No score yet: no device tells settings that are checked.</Text>;
  }
  return (
    <div className={styles.score}>
      <span className={styles.figure} data-testid="secure-score">
        {score.percent.toFixed(1)} %
      </span>
      <Text className={styles.note}>higher is better</Text>
    </div>
  );
}

/** A bar for each category; each opens the checks of it. */
export function CategoryBars({ categories }: { categories: SecureScoreCategory[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.bars}>
      {categories.map((one) => {
        const percent = percentOf(one);
        const label = CATEGORIES[one.category];
        return (
          <li key={one.category} className={styles.entry}>
            <PageLink to="/checks" search={{ category: one.category }}>
              {label}
            </PageLink>
            <span className={styles.value}>
              {percent === null ? "Not assessed" : `${one.points.toFixed(1)} / ${one.maximum.toFixed(1)}`}
            </span>
            <ProgressBar
              className={styles.bar}
              thickness="large"
              value={(percent ?? 0) / 100}
              aria-label={`${label}: ${percent === null ? "not assessed" : `${percent.toFixed(0)} %`}`}
            />
          </li>
        );
      })}
    </ul>
  );
}
