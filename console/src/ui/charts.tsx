/** Charts, in a chunk of their own (ui/lazyCharts.ts). What they show is also there as text. */
import { DonutChart, LineChart } from "@fluentui/react-charts";
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import type { Dashboard, ExposureLevel } from "../api/types";
import * as format from "./format";
import { PageLink } from "./links";
import { ExposureMark } from "./risk";
import { dayText, valueAt, type EventDay, type Line } from "./series";

const LEVELS: [ExposureLevel, keyof Dashboard["distribution"], string][] = [
  ["High", "high", tokens.colorPaletteRedBackground3],
  ["Medium", "medium", tokens.colorPaletteDarkOrangeBackground3],
  ["Low", "low", tokens.colorPaletteMarigoldBackground3],
  ["None", "none", tokens.colorNeutralStroke1],
];

const TREND_HEIGHT = 132;
const DONUT_SIZE = 150;

const useStyles = makeStyles({
  trend: { minWidth: 0, overflow: "hidden" },
  lines: {
    display: "flex",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalL,
    margin: 0,
    padding: 0,
    listStyleType: "none",
  },
  line: { display: "inline-flex", alignItems: "center", columnGap: tokens.spacingHorizontalS },
  swatch: { width: "12px", height: "12px", borderRadius: tokens.borderRadiusSmall },
  note: { color: tokens.colorNeutralForeground3 },
  distribution: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-evenly",
    gap: tokens.spacingHorizontalL,
    flexGrow: 1,
  },
  donut: { width: `${DONUT_SIZE}px`, height: `${DONUT_SIZE}px`, flexShrink: 0 },
  legend: { display: "grid", rowGap: tokens.spacingVerticalS, margin: 0, padding: 0, listStyleType: "none" },
  entry: { display: "grid", gridTemplateColumns: "96px auto", columnGap: tokens.spacingHorizontalL },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
});

const LINE_COLORS = [
  tokens.colorBrandStroke1,
  tokens.colorPaletteDarkOrangeBackground3,
  tokens.colorPalettePurpleForeground2,
  tokens.colorPaletteGreenForeground1,
  tokens.colorPaletteRedForeground1,
  tokens.colorNeutralForeground3,
];

function colorOf(at: number): string {
  return LINE_COLORS[at % LINE_COLORS.length] ?? tokens.colorBrandStroke1;
}

const MOST_TICKS = 12;

/** Steps are whole numbers, and so are the marks of their axis. */
function ticksOf(lines: Line[]): { tickValues?: number[] } {
  const steps = (lines[0]?.points ?? []).map(({ x }) => x).filter((x) => typeof x === "number");
  return steps.length > 0 && steps.length <= MOST_TICKS ? { tickValues: steps } : {};
}

interface SeriesChartProps {
  lines: Line[];
  /** The same in a sentence, for screen readers. */
  sentence: string;
  height?: number;
  /** Top of the vertical axis; without it, the highest value. */
  most?: number;
  valueText?: (value: number) => string;
  /** Days with events: a dot on the first line each, that opens the timeline of the day. */
  days?: readonly EventDay[];
}

/** Values over time or over steps. */
export function SeriesChart({
  lines,
  sentence,
  height = TREND_HEIGHT,
  most,
  valueText = format.score,
  days = [],
}: SeriesChartProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const [box, width] = useWidth();
  const openDay = (day: string) => void navigate({ to: "/timeline", search: { since: day, until: day } });
  const highest = most ?? Math.max(1, ...lines.flatMap((line) => line.points.map(({ y }) => y)));
  return (
    <>
      <div
        ref={box}
        className={styles.trend}
        style={{ height: `${height}px` }}
        role="img"
        aria-label={sentence}
      >
        {width > 0 && (
          <LineChart
            data={{
              // Names the drawing: several charts of a page must not have the same name.
              chartTitle: sentence,
              lineChartData: [
                ...lines.map((line, at) => ({
                  legend: line.name,
                  color: colorOf(at),
                  lineOptions: { strokeWidth: 2 },
                  data: line.points.map(({ x, y, label }) => ({
                    x,
                    y,
                    xAxisCalloutData: label,
                    yAxisCalloutData: valueText(y),
                  })),
                })),
                ...dotsOf(lines[0], days, openDay),
              ],
            }}
            width={width}
            height={height}
            margins={{ left: 40, right: 12, top: 8, bottom: 24 }}
            yMinValue={0}
            yMaxValue={highest}
            yAxisTickCount={2}
            xAxisTickCount={4}
            hideLegend
            useUTC
            {...ticksOf(lines)}
          />
        )}
      </div>
      {lines.length > 1 && <Legend lines={lines} />}
    </>
  );
}

/** A series of one dot each, at the value that held when the first event of the day happened. */
function dotsOf(line: Line | undefined, days: readonly EventDay[], onOpen: (day: string) => void) {
  return days.flatMap((one) => {
    const y = line ? valueAt(line.points, one.at) : null;
    if (y === null) return [];
    const dot = {
      x: one.at,
      y,
      xAxisCalloutData: format.date(one.day),
      yAxisCalloutData: dayText(one),
      onDataPointClick: () => onOpen(one.day),
    };
    return [{ legend: "Events", color: tokens.colorNeutralForeground1, data: [dot] }];
  });
}

/** Names of the lines with their colours; the dots need none. */
function Legend({ lines }: { lines: Line[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.lines}>
      {lines.map((line, at) => (
        <li key={line.name} className={styles.line}>
          <span className={styles.swatch} style={{ backgroundColor: colorOf(at) }} aria-hidden />
          {line.name}
        </li>
      ))}
    </ul>
  );
}

/** Score over time; one sentence says the same to screen readers. */
interface TrendChartProps {
  trend: Dashboard["trend"];
  days?: readonly EventDay[];
}

export function TrendChart({ trend, days = [] }: TrendChartProps) {
  const styles = useStyles();
  const first = trend[0];
  const last = trend.at(-1);
  if (!first || !last || trend.length < 2) {
    return (
      <Text size={200} className={styles.note}>
        The trend appears when there is a second day to show.
      </Text>
    );
  }
  const points = trend.map(({ at, score }) => ({ x: new Date(at), y: score, label: format.date(at) }));
  return (
    <SeriesChart
      lines={[{ name: "Exposure score", points }]}
      most={100}
      days={days}
      sentence={`Exposure score from ${format.score(first.score)} on ${format.date(first.at)} to ${format.score(last.score)} on ${format.date(last.at)}`}
    />
  );
}

interface DistributionProps {
  distribution: Dashboard["distribution"];
  devices: number;
}

/** Devices per exposure level; a slice or its entry opens the devices of that level. */
export function DistributionChart({ distribution, devices }: DistributionProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const slices = LEVELS.filter(([, key]) => distribution[key] > 0).map(([level, key, color]) => ({
    legend: level === "None" ? "No data" : level,
    data: distribution[key],
    color,
    onClick: () => void navigate({ to: "/devices", search: { level } }),
  }));
  return (
    <div className={styles.distribution}>
      <div className={styles.donut}>
        <DonutChart
          data={{ chartData: slices }}
          innerRadius={52}
          width={DONUT_SIZE}
          height={DONUT_SIZE}
          valueInsideDonut={format.count(devices)}
          hideLegend
          hideLabels
        />
      </div>
      <ul className={styles.legend}>
        {LEVELS.map(([level, key]) => (
          <li key={level} className={styles.entry}>
            <PageLink to="/devices" search={{ level }}>
              <ExposureMark level={level} />
            </PageLink>
            <span className={styles.number}>{format.count(distribution[key])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Width in pixels of the element that the reference is given to; 0 until it is known. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
