/** Severity, exposure and exploit marks: always a shape and a word, never a colour alone. */
import { makeStyles, mergeClasses, tokens, Tooltip } from "@fluentui/react-components";
import {
  ArrowDown16Filled,
  ArrowTrendingLinesRegular,
  ArrowUp16Filled,
  Bug16Filled,
  Bug16Regular,
  Flash16Filled,
  LockClosed16Filled,
  TargetArrow16Filled,
  type FluentIcon,
} from "@fluentui/react-icons";

import type { ExploitLevel, ExposureLevel, MatchStatus, Severity, WeaknessRow } from "../api/types";
import * as format from "./format";

type Level = Severity | ExposureLevel;

const FILLED_BARS: Record<Level, number> = { Critical: 4, High: 3, Medium: 2, Low: 1, None: 0, Unknown: 0 };

const useStyles = makeStyles({
  mark: {
    display: "inline-flex",
    verticalAlign: "middle",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalS,
    whiteSpace: "nowrap",
  },
  bars: { display: "inline-flex", columnGap: "2px", flexShrink: 0 },
  bar: { width: "4px", height: "12px", borderRadius: "1px", backgroundColor: tokens.colorNeutralStroke1 },
  Critical: { backgroundColor: tokens.colorPaletteDarkRedForeground2 },
  High: { backgroundColor: tokens.colorPaletteRedBackground3 },
  Medium: { backgroundColor: tokens.colorPaletteDarkOrangeBackground3 },
  Low: { backgroundColor: tokens.colorPaletteMarigoldBackground3 },
  None: {},
  Unknown: {},
  threats: {
    display: "inline-flex",
    verticalAlign: "middle",
    columnGap: tokens.spacingHorizontalXS,
    alignItems: "center",
  },
  threat: { display: "inline-flex", verticalAlign: "middle", color: tokens.colorNeutralForeground3 },
  change: {
    display: "inline-flex",
    verticalAlign: "middle",
    alignItems: "center",
    fontSize: tokens.fontSizeBase200,
  },
  rising: { color: tokens.colorPaletteRedForeground1 },
  falling: { color: tokens.colorPaletteGreenForeground1 },
  hot: { color: tokens.colorPaletteRedForeground1 },
});

/** A level as bars and its word. */
export function LevelMark({ level, label }: { level: Level; label?: string }) {
  const styles = useStyles();
  const filled = FILLED_BARS[level];
  const bars = level === "Critical" ? 4 : 3;
  return (
    <span className={styles.mark}>
      <span className={styles.bars} aria-hidden>
        {Array.from({ length: bars }, (_, at) => (
          <span key={at} className={mergeClasses(styles.bar, at < filled && styles[level])} />
        ))}
      </span>
      {label ?? level}
    </span>
  );
}

/** Red and up, or green and down, with by how many devices; nothing where it did not move or is not known. */
export function ChangeMark({ change }: { change: number | null | undefined }) {
  const styles = useStyles();
  if (!change) return null;
  const isUp = change > 0;
  const text = `${format.counted(Math.abs(change), "device")} ${isUp ? "more" : "fewer"} in the days that are recorded`;
  const Icon = isUp ? ArrowUp16Filled : ArrowDown16Filled;
  return (
    <Tooltip content={text} relationship="label">
      <span className={mergeClasses(styles.change, isUp ? styles.rising : styles.falling)} role="img">
        <Icon /> {format.count(Math.abs(change))}
      </span>
    </Tooltip>
  );
}

/** Exposure level of a device; a device that was never assessed says so. */
export function ExposureMark({ level }: { level: ExposureLevel }) {
  return <LevelMark level={level} label={level === "None" ? "No data" : level} />;
}

export const EXPLOIT_LABELS: Record<ExploitLevel, string> = {
  none: "No known exploit",
  proof_of_concept: "A proof of concept exists",
  public: "An exploit is public",
  verified: "An exploit is verified",
  kit: "Part of an exploit kit",
  known_exploited: "Known to be exploited",
};

const ACTIVE_DETECTION = "Associated active detection";
const LIKELY_EPSS = 0.9;

/** Threat marks of a weakness; each says its meaning to screen readers and in a tooltip. */
export function Threats({ weakness }: { weakness: WeaknessRow }) {
  const marks: [FluentIcon, string, boolean][] = [];
  if (weakness.has_active_detection) marks.push([TargetArrow16Filled, ACTIVE_DETECTION, true]);
  if (weakness.is_known_exploited) marks.push([Flash16Filled, EXPLOIT_LABELS.known_exploited, true]);
  if (weakness.is_used_by_ransomware) marks.push([LockClosed16Filled, "Used in ransomware campaigns", true]);
  if (!["none", "known_exploited"].includes(weakness.exploit_level)) {
    const icon = weakness.exploit_level === "proof_of_concept" ? Bug16Regular : Bug16Filled;
    marks.push([icon, EXPLOIT_LABELS[weakness.exploit_level], false]);
  }
  if (weakness.epss !== null && weakness.epss > LIKELY_EPSS) {
    marks.push([
      ArrowTrendingLinesRegular,
      `Likely to be exploited: EPSS ${format.epss(weakness.epss)}`,
      true,
    ]);
  }
  return <Marks marks={marks} />;
}

/** Icons with their meaning as name and tooltip; an en dash where there are none. */
function Marks({ marks }: { marks: [FluentIcon, string, boolean][] }) {
  const styles = useStyles();
  if (marks.length === 0) return <span>{format.UNKNOWN}</span>;
  return (
    <span className={styles.threats}>
      {marks.map(([Icon, label, isHot]) => (
        <Tooltip key={label} content={label} relationship="label">
          <span className={mergeClasses(styles.threat, isHot && styles.hot)} role="img">
            <Icon />
          </span>
        </Tooltip>
      ))}
    </span>
  );
}

interface ExploitMarkProps {
  level: ExploitLevel;
  /** An active detection hangs on it. */
  isDetected?: boolean;
}

/** Threat marks of a software or recommendation: detections, and the worst exploit level of its weaknesses. */
export function ExploitMark({ level, isDetected = false }: ExploitMarkProps) {
  const marks: [FluentIcon, string, boolean][] = [];
  if (isDetected) marks.push([TargetArrow16Filled, ACTIVE_DETECTION, true]);
  if (level === "known_exploited") marks.push([Flash16Filled, EXPLOIT_LABELS[level], true]);
  else if (level === "proof_of_concept") marks.push([Bug16Regular, EXPLOIT_LABELS[level], false]);
  else if (level !== "none") marks.push([Bug16Filled, EXPLOIT_LABELS[level], false]);
  return <Marks marks={marks} />;
}

export const STATUS_LABELS: Record<MatchStatus, string> = {
  affected: "Affected",
  wont_fix: "Will not be fixed",
  end_of_life: "End of life",
  under_investigation: "Under investigation",
  unimportant: "Unimportant",
  pending_restart: "Restart pending",
};
