import { makeStyles, ProgressBar, tokens } from "@fluentui/react-components";
import { Suspense } from "react";

import type { ReportSection } from "../../api/types";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { SeriesChart } from "../../ui/lazyCharts";
import { PageLink } from "../../ui/links";
import { sentenceOf, type Line } from "../../ui/series";
import { Empty, Loading } from "../../ui/states";
import { changed, type UrlChanges } from "../../url/state";
import { linesOf, type Pair } from "./sections";

const useStyles = makeStyles({
  bars: { display: "grid", rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: "none" },
  entry: { display: "grid", gridTemplateColumns: "minmax(0, 1fr) auto", rowGap: tokens.spacingVerticalXXS },
  label: { overflowWrap: "anywhere" },
  number: { fontVariantNumeric: "tabular-nums" },
  bar: { gridColumn: "1 / -1" },
});

/** The list stands for now. */
const NO_DAYS: UrlChanges = { period: undefined, since: undefined, until: undefined };

interface BarListProps {
  pair: Pair;
  /** Whether a bar counts the devices that the list shows for it. */
  isOpenable: boolean;
}

/** A bar for each value; its name opens the devices. */
export function BarList({ pair, isOpenable }: BarListProps) {
  const styles = useStyles();
  const most = Math.max(1, ...pair.bars.map(({ devices }) => devices));
  return (
    <ul className={styles.bars}>
      {pair.bars.map(({ value, label, devices }) => (
        <li key={value} className={styles.entry}>
          <span className={styles.label}>
            {isOpenable ? (
              <PageLink
                to="/vulnerable-devices"
                search={(state) => changed(state, { ...NO_DAYS, tab: "devices", [pair.filter]: value })}
              >
                {label}
              </PageLink>
            ) : (
              label
            )}
          </span>
          <span className={styles.number}>{format.count(devices)}</span>
          <ProgressBar
            className={styles.bar}
            thickness="large"
            value={devices / most}
            aria-label={`${label}: ${format.counted(devices, "device")}`}
          />
        </li>
      ))}
    </ul>
  );
}

interface TrendLinesProps {
  section: ReportSection;
  valueText: (value: number) => string;
}

/** Lines over days, and the same as a table where there are several. */
export function TrendLines({ section, valueText }: TrendLinesProps) {
  const lines = linesOf(section);
  if (section.rows.length < 2 || lines.length === 0) {
    return <Empty title="The trend appears when there is a second day to show" />;
  }
  return (
    <>
      <Suspense fallback={<Loading lines={4} />}>
        <SeriesChart
          lines={lines}
          sentence={`${section.title}. ${sentenceOf(lines, valueText)}`}
          valueText={valueText}
        />
      </Suspense>
      {section.columns.length > 2 && (
        <Grid
          label={section.title}
          columns={columnsOf(section, lines)}
          rows={section.rows}
          rowKey={(row) => row[0] ?? ""}
        />
      )}
    </>
  );
}

/** The day, and what has a line. */
function columnsOf(section: ReportSection, lines: Line[]): Column<string[]>[] {
  const drawn = section.columns.map((name, at) => ({ name, at }));
  return drawn
    .filter(({ name, at }) => at === 0 || lines.some((line) => line.name === format.words(name)))
    .map(({ name, at }) => ({
      id: name,
      label: format.words(name),
      width: at === 0 ? 100 : Math.max(70, 9 * name.length),
      isNumber: at > 0,
      cell: (row) => (at === 0 ? format.date(row[0] ?? null) : (row[at] ?? "")),
    }));
}
