import { makeStyles, mergeClasses, Subtitle2, tokens } from "@fluentui/react-components";
import { Fragment, type ReactNode } from "react";

const useStyles = makeStyles({
  facts: {
    display: "grid",
    gridTemplateColumns: "minmax(0, max-content) minmax(50%, 1fr)",
    columnGap: tokens.spacingHorizontalXXL,
    rowGap: tokens.spacingVerticalXS,
    margin: 0,
  },
  label: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: "anywhere" },
  code: { fontFamily: tokens.fontFamilyMonospace },
  section: { display: "grid", rowGap: tokens.spacingVerticalS, paddingTop: tokens.spacingVerticalL },
  text: { whiteSpace: "pre-line", overflowWrap: "anywhere", margin: 0 },
});

export type Fact = [label: string, value: ReactNode];

/** Labels and values; facts without a value (null) are left out. */
export function Facts({ facts, isCode = false }: { facts: Fact[]; isCode?: boolean }) {
  const styles = useStyles();
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== "")
        .map(([label, value], at) => (
          <Fragment key={at}>
            <dt className={styles.label}>{label}</dt>
            <dd className={mergeClasses(styles.value, isCode && styles.code)}>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}

interface SectionProps {
  title: string;
  /** Heading level: 3 below a flyout's title, 2 on a page. */
  level?: 2 | 3;
  children: ReactNode;
}

export function Section({ title, level = 3, children }: SectionProps) {
  const styles = useStyles();
  return (
    <section className={styles.section}>
      <Subtitle2 as={`h${level}`}>{title}</Subtitle2>
      {children}
    </section>
  );
}

/** Foreign prose: line breaks are kept, everything else is plain text. */
export function ForeignText({ text }: { text: string }) {
  const styles = useStyles();
  return <p className={styles.text}>{text}</p>;
}
