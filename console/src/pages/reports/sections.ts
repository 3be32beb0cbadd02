/** What the vulnerable devices report's sections are, told by what they hold. */
import type { ReportSection } from "../../api/types";
import type { FilterName } from "../../url/state";
import * as format from "../../ui/format";
import { EXPLOIT_LABELS } from "../../ui/risk";
import type { Line } from "../../ui/series";

/** Filters of weaknesses: with one of them a bar counts other devices than those behind it. */
export const WEAKNESS_FILTERS = ["severity", "exploit", "age"] as const satisfies FilterName[];
export const SYSTEM_FILTERS = ["os", "os_version"] as const satisfies FilterName[];
export const REPORT_FILTERS = [...WEAKNESS_FILTERS, ...SYSTEM_FILTERS] as const;

export interface Bar {
  value: string;
  label: string;
  devices: number;
}

/** Bars with the filter of the list behind them, and the same over time where it is told. */
export interface Pair {
  title: string;
  filter: (typeof REPORT_FILTERS)[number];
  bars: Bar[];
  trend: ReportSection | undefined;
}

export function pairsOf(sections: readonly ReportSection[]): Pair[] {
  return sections.flatMap((section) => {
    const filter = REPORT_FILTERS.find((name) => name === section.filter);
    if (filter === undefined) return [];
    const trend = sections.find((one) => one !== section && one.title.startsWith(`${section.title} `));
    return [{ title: section.title, filter, bars: barsOf(section), trend }];
  });
}

/** Lines over days: every column after the first; those that are 0 all the time are left out. */
export function linesOf(section: ReportSection): Line[] {
  return section.columns
    .slice(1)
    .map((name, at) => ({
      name: format.words(name),
      points: section.rows.map((row) => ({
        x: new Date(`${row[0] ?? ""}T00:00:00Z`),
        y: numberOf(row[at + 1]),
        label: format.date(row[0] ?? null),
      })),
    }))
    .filter((line) => line.points.some(({ y }) => y > 0));
}

/** The section that is a line of one score over days. */
export function scoreOf(sections: readonly ReportSection[]): ReportSection | undefined {
  return sections.find((section) => section.is_chart && !section.filter);
}

function barsOf(section: ReportSection): Bar[] {
  return section.values.map((value, at) => {
    const row = section.rows[at] ?? [];
    return { value, label: labelOf(section.filter, value, row[0] ?? value), devices: numberOf(row.at(-1)) };
  });
}

function labelOf(filter: string, value: string, told: string): string {
  if (filter === "os") return format.system(value);
  if (filter === "exploit" && value in EXPLOIT_LABELS)
    return EXPLOIT_LABELS[value as keyof typeof EXPLOIT_LABELS];
  return format.words(told);
}

/** "1,234" -> 1234; what is no number counts as 0. */
function numberOf(text: string | undefined): number {
  const value = Number((text ?? "").replaceAll(",", ""));
  return Number.isFinite(value) ? value : 0;
}
