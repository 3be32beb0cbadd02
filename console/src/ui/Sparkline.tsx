/** A small line in a row of a list: how a number of devices moved. Red when it rose, green when it fell. */
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

import * as format from "./format";
import { linePoints } from "./linePoints";

const WIDTH = 44;
const HEIGHT = 16;

const useStyles = makeStyles({
  line: {
    verticalAlign: "middle",
    flexShrink: 0,
    fill: "none",
    stroke: tokens.colorNeutralForeground3,
    strokeWidth: "1.5px",
    strokeLinejoin: "round",
  },
  rising: { stroke: tokens.colorPaletteRedForeground1 },
  falling: { stroke: tokens.colorPaletteGreenForeground1 },
});

interface SparklineProps {
  /** Oldest first; nothing is drawn of fewer than two. */
  values: readonly number[];
}

export function Sparkline({ values }: SparklineProps) {
  const styles = useStyles();
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined || values.length < 2) return null;
  const move = last > first ? styles.rising : last < first ? styles.falling : undefined;
  const text = `From ${format.counted(first, "device")} to ${format.count(last)} in the days that are recorded`;
  return (
    <svg
      className={mergeClasses(styles.line, move)}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={text}
    >
      <polyline points={linePoints(values, WIDTH, HEIGHT)} />
    </svg>
  );
}
