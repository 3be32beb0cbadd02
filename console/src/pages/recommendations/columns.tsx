import { Badge, makeStyles, tokens } from "@fluentui/react-components";

import type { RecommendationRow, RecommendationTarget } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import type { Filter } from "../../ui/FilterBar";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { ChangeMark, ExploitMark, LevelMark } from "../../ui/risk";
import { Sparkline } from "../../ui/Sparkline";
import { changed } from "../../url/state";
import { CATEGORIES } from "../posture/columns";
import { severityFilter } from "../weaknesses/columns";

export const REMEDIATIONS: Record<RecommendationRow["remediation_type"], string> = {
  Update: "Software update",
  Upgrade: "Software upgrade",
  Uninstall: "Software uninstall",
  ConfigurationChange: "Configuration change",
  OwningApp: "Owning app",
  AttentionRequired: "Attention required",
};

export const STATUSES: Record<RecommendationRow["status"], string> = {
  active: "Active",
  partial_exception: "Partial exception",
  full_exception: "Full exception",
};

type Tag = RecommendationRow["tags"][number];
export const TAGS: Record<Tag, string> = {
  eos_software: "EOS software",
  eos_versions: "EOS versions",
  zero_day_update: "New security update for zero day",
  upcoming_eos_software: "Upcoming EOS software",
  upcoming_eos_versions: "Upcoming EOS versions",
  zero_day: "Zero day",
  pending_restart: "Pending restart",
};

const useStyles = makeStyles({ tags: { display: "inline-flex", columnGap: tokens.spacingHorizontalXS } });

export function Tags({ tags }: { tags: readonly Tag[] }) {
  const styles = useStyles();
  if (tags.length === 0) return format.UNKNOWN;
  return (
    <span className={styles.tags}>
      {tags.map((tag) => (
        <Badge
          key={tag}
          appearance="outline"
          size="small"
          color={tag === "zero_day" ? "danger" : "informative"}
        >
          {TAGS[tag]}
        </Badge>
      ))}
    </span>
  );
}

/** "openssl (Debian)": what the recommendation is about. */
export function componentText(row: RecommendationRow): string {
  return row.vendor ? `${row.product} (${format.system(row.vendor)})` : row.product;
}

/** Exposed of installed devices, and how the number moved in the days that are recorded. */
function Exposed({ row }: { row: RecommendationRow }) {
  return (
    <>
      <Sparkline values={row.exposed_trend} /> <ChangeMark change={row.exposed_change} />{" "}
      {`${format.count(row.exposed_devices)} / ${format.count(row.installed_devices)}`}
    </>
  );
}

export const recommendationColumns: Record<
  "exposed" | "impact" | "threats" | "weaknesses",
  Column<RecommendationRow>
> = {
  weaknesses: {
    id: "weaknesses",
    label: "Weaknesses",
    width: 110,
    sort: "weaknesses",
    isNumber: true,
    cell: (row) => format.count(row.weaknesses),
  },
  threats: {
    id: "threats",
    label: "Threats",
    width: 75,
    cell: (row) => <ExploitMark level={row.exploit_level} isDetected={row.has_active_detection} />,
  },
  exposed: {
    id: "exposed_devices",
    label: "Exposed devices",
    width: 185,
    sort: "exposed_devices",
    isNumber: true,
    cell: (row) => <Exposed row={row} />,
  },
  impact: {
    id: "impact",
    label: "Impact",
    width: 80,
    sort: "impact",
    isNumber: true,
    cell: (row) => format.points(row.impact),
  },
};

const { weaknesses, threats, exposed, impact } = recommendationColumns;

const columns: Column<RecommendationRow>[] = [
  {
    id: "title",
    label: "Security recommendation",
    width: 290,
    sort: "title",
    cell: (row) => (
      <PageLink
        to="/recommendations"
        search={(state) => changed(state, { open: row.id, view: undefined })}
        title={row.title}
      >
        {row.title}
      </PageLink>
    ),
  },
  {
    id: "platforms",
    label: "OS platform",
    width: 105,
    cell: (row) => row.platforms.map(format.system).join(", ") || format.UNKNOWN,
  },
  weaknesses,
  {
    id: "component",
    label: "Related component",
    width: 150,
    cell: (row) => row.related_component || componentText(row),
  },
  threats,
  {
    id: "severity",
    label: "Highest severity",
    width: 130,
    sort: "severity",
    isDescendingFirst: true,
    isOptional: true,
    cell: (row) => <LevelMark level={row.highest_severity} />,
  },
  exposed,
  {
    id: "remediation",
    label: "Remediation type",
    width: 130,
    cell: (row) => REMEDIATIONS[row.remediation_type],
  },
  impact,
  {
    id: "activities",
    label: "Activities",
    width: 90,
    isNumber: true,
    cell: (row) =>
      row.activities ? (
        <PageLink to="/remediation" search={{ recommendation: row.id }}>
          {format.count(row.activities)}
        </PageLink>
      ) : (
        "0"
      ),
  },
  { id: "status", label: "Status", width: 115, cell: (row) => STATUSES[row.status] },
  { id: "tags", label: "Tags", width: 110, cell: (row) => <Tags tags={row.tags} /> },
  {
    id: "version",
    label: "Recommended version",
    width: 170,
    isOptional: true,
    cell: (row) => row.recommended_version || format.UNKNOWN,
  },
  {
    id: "exposed_after_exceptions",
    label: "Exposed devices (after exceptions)",
    width: 240,
    sort: "exposed_devices_after_exceptions",
    isNumber: true,
    isOptional: true,
    cell: (row) => format.count(row.exposed_devices_after_exceptions),
  },
  {
    id: "secure_score_impact",
    label: "Secure score impact",
    width: 165,
    sort: "secure_score_impact",
    isNumber: true,
    isOptional: true,
    cell: (row) => (row.secure_score_impact ? `+${format.points(row.secure_score_impact)}` : format.UNKNOWN),
  },
  {
    id: "impact_detected",
    label: "Impact (as detected)",
    width: 180,
    sort: "impact_detected",
    isNumber: true,
    isOptional: true,
    cell: (row) => format.points(row.impact_detected),
  },
  {
    id: "critical_devices",
    label: "Exposed critical devices",
    width: 170,
    isNumber: true,
    isOptional: true,
    cell: (row) => format.count(row.exposed_critical_devices),
  },
];

const filters: Filter[] = [
  {
    name: "status",
    label: "Status",
    isMultiple: true,
    options: optionsOf(STATUSES),
  },
  {
    name: "remediation",
    label: "Remediation type",
    isMultiple: true,
    options: optionsOf(REMEDIATIONS),
  },
  {
    name: "tag",
    label: "Tags",
    isMultiple: true,
    options: optionsOf(TAGS),
  },
  severityFilter,
  {
    name: "threat",
    label: "Threats",
    isMultiple: true,
    options: [
      { value: "active_detection", label: "Associated active detection" },
      { value: "exploit", label: "An exploit is available" },
      { value: "known_exploited", label: "Known to be exploited" },
    ],
  },
  {
    name: "category",
    label: "Category",
    isMultiple: true,
    options: [{ value: "software", label: "Software" }, ...optionsOf(CATEGORIES)],
  },
  {
    name: "exposed_devices",
    label: "Exposed devices",
    options: [
      { value: "", label: "All" },
      ...[1, 10, 100, 1_000, 10_000].map((least) => ({
        value: String(least),
        label: `At least ${format.count(least)}`,
      })),
    ],
  },
  { name: "component", label: "Related component", options: [] },
];

export const recommendationList: ListDefinition<RecommendationRow> = {
  noun: ["recommendation", "recommendations"],
  columns,
  filters,
  searchLabel: "Search recommendations",
  defaultSort: "-impact",
  rowKey: (row) => row.id,
  empty: "Nothing that is installed has a known weakness that something can be done about.",
};

export const targetColumns: Column<RecommendationTarget>[] = [
  { id: "software", label: "Software", width: 120, cell: (row) => row.software },
  { id: "version", label: "Installed version", width: 140, cell: (row) => row.version },
  { id: "platform", label: "Platform", width: 90, cell: (row) => row.platform || format.UNKNOWN },
  { id: "target", label: "Move to", width: 150, cell: (row) => row.target_version ?? "No version is better" },
  { id: "devices", label: "Devices", width: 70, isNumber: true, cell: (row) => format.count(row.devices) },
  {
    id: "weaknesses",
    label: "Weaknesses",
    width: 110,
    isNumber: true,
    cell: (row) =>
      row.weaknesses_after === null
        ? format.count(row.weaknesses)
        : `${format.count(row.weaknesses)} → ${format.count(row.weaknesses_after)}`,
  },
];
