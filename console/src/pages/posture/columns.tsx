import { makeStyles, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircle16Filled,
  DismissCircle16Filled,
  QuestionCircle16Regular,
  SubtractCircle16Regular,
  type FluentIcon,
} from "@fluentui/react-icons";

import type { CheckRow, DeviceCheckRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import type { Filter } from "../../ui/FilterBar";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { changed } from "../../url/state";

export const CATEGORIES: Record<CheckRow["category"], string> = {
  application: "Application",
  os: "Operating system",
  network: "Network",
  accounts: "Accounts",
  security_controls: "Security controls",
};

export const RESULTS: Record<DeviceCheckRow["result"], string> = {
  non_compliant: "Not compliant",
  compliant: "Compliant",
  unknown: "Not known",
  not_applicable: "Not applicable",
};

const STATUSES: Record<CheckRow["status"], string> = {
  active: "Active",
  partial_exception: "Partial exception",
  full_exception: "Full exception",
};

const MARKS: Record<DeviceCheckRow["result"], [Icon: FluentIcon, look: "good" | "bad" | undefined]> = {
  non_compliant: [DismissCircle16Filled, "bad"],
  compliant: [CheckmarkCircle16Filled, "good"],
  unknown: [QuestionCircle16Regular, undefined],
  not_applicable: [SubtractCircle16Regular, undefined],
};

const useStyles = makeStyles({
  mark: {
    display: "inline-flex",
    verticalAlign: "middle",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
  },
  good: { color: tokens.colorPaletteGreenForeground1 },
  bad: { color: tokens.colorPaletteRedForeground1 },
});

/** A result as an icon and its word. */
export function ResultMark({ result }: { result: DeviceCheckRow["result"] }) {
  const styles = useStyles();
  const [Icon, look] = MARKS[result];
  return (
    <span className={styles.mark}>
      <Icon className={look ? styles[look] : ""} aria-hidden />
      {RESULTS[result]}
    </span>
  );
}

export function checkStatus(row: CheckRow): string {
  return row.is_enabled ? STATUSES[row.status] : "Switched off";
}

const filters: Filter[] = [
  { name: "category", label: "Category", isMultiple: true, options: optionsOf(CATEGORIES) },
  {
    name: "platform",
    label: "Platform",
    isMultiple: true,
    options: optionsOf({ linux: "Linux", windows: "Windows", macos: "macOS" }),
  },
  {
    name: "assessed_as",
    label: "Devices",
    isMultiple: true,
    options: optionsOf({
      non_compliant: "Some not compliant",
      compliant: "Some compliant",
      unknown: "Some not known",
    }),
  },
  { name: "status", label: "Status", isMultiple: true, options: optionsOf(STATUSES) },
  {
    name: "enabled",
    label: "In use",
    options: [
      { value: "", label: "All" },
      { value: "yes", label: "Yes" },
      { value: "no", label: "Switched off" },
    ],
  },
];

export const checkList: ListDefinition<CheckRow> = {
  noun: ["check", "checks"],
  columns: [
    {
      id: "title",
      label: "Recommended setting",
      width: 320,
      sort: "title",
      cell: (row) => (
        <PageLink
          to="/checks"
          search={(state) => changed(state, { open: row.id, view: undefined })}
          title={row.title}
        >
          {row.title}
        </PageLink>
      ),
    },
    {
      id: "category",
      label: "Category",
      width: 130,
      sort: "category",
      cell: (row) => CATEGORIES[row.category],
    },
    {
      id: "platforms",
      label: "Platform",
      width: 90,
      cell: (row) => row.platforms.map(format.system).join(", "),
    },
    {
      id: "exposed_devices",
      label: "Exposed devices",
      width: 135,
      sort: "exposed_devices",
      isNumber: true,
      cell: (row) => `${format.count(row.exposed_devices)} / ${format.count(row.applicable_devices)}`,
    },
    {
      id: "unknown_devices",
      label: "Not known",
      width: 95,
      sort: "unknown_devices",
      isNumber: true,
      cell: (row) => format.count(row.unknown_devices),
    },
    {
      id: "secure_score_impact",
      label: "Score impact",
      width: 115,
      sort: "secure_score_impact",
      isNumber: true,
      cell: (row) => (row.secure_score_impact > 0 ? `+${format.points(row.secure_score_impact)}` : "0"),
    },
    { id: "status", label: "Status", width: 125, cell: checkStatus },
    {
      id: "impact",
      label: "Weight",
      width: 80,
      sort: "impact",
      isNumber: true,
      isOptional: true,
      cell: (row) => format.count(row.impact),
    },
    {
      id: "compliant_devices",
      label: "Compliant devices",
      width: 130,
      isNumber: true,
      isOptional: true,
      cell: (row) => format.count(row.compliant_devices),
    },
    {
      id: "critical",
      label: "Exposed critical devices",
      width: 170,
      isNumber: true,
      isOptional: true,
      cell: (row) => format.count(row.exposed_critical_devices),
    },
    {
      id: "after",
      label: "Exposed devices (after exceptions)",
      width: 240,
      sort: "exposed_devices_after_exceptions",
      isNumber: true,
      isOptional: true,
      cell: (row) => format.count(row.exposed_devices_after_exceptions),
    },
    { id: "subcategory", label: "Area", width: 140, isOptional: true, cell: (row) => row.subcategory },
    {
      id: "users",
      label: "People notice it",
      width: 120,
      isOptional: true,
      cell: (row) => (row.has_user_impact ? "Yes" : "No"),
    },
    {
      id: "own",
      label: "Origin",
      width: 90,
      isOptional: true,
      cell: (row) => (row.is_own ? "Own" : "Built in"),
    },
  ],
  filters,
  searchLabel: "Search checks",
  defaultSort: "-secure_score_impact",
  rowKey: (row) => row.id,
  empty: "Checks come with the server; own ones are files in its data folder.",
};

export const deviceCheckList: ListDefinition<DeviceCheckRow> = {
  noun: ["check", "checks"],
  columns: [
    {
      id: "title",
      label: "Recommended setting",
      width: 320,
      sort: "title",
      cell: (row) => (
        <PageLink to="/checks" search={{ open: row.id }} title={row.title}>
          {row.title}
        </PageLink>
      ),
    },
    {
      id: "result",
      label: "Result",
      width: 140,
      sort: "result",
      isDescendingFirst: true,
      cell: (row) => <ResultMark result={row.result} />,
    },
    {
      id: "value",
      label: "Value",
      width: 170,
      cell: (row) => (row.value === null ? "Not told" : row.value || "Empty"),
    },
    { id: "expected", label: "Expected", width: 190, cell: (row) => row.expected },
    {
      id: "category",
      label: "Category",
      width: 130,
      sort: "category",
      cell: (row) => CATEGORIES[row.category],
    },
    {
      id: "impact",
      label: "Weight",
      width: 80,
      sort: "impact",
      isNumber: true,
      cell: (row) => format.count(row.impact),
    },
    {
      id: "state",
      label: "Counts",
      width: 130,
      cell: (row) => (!row.is_enabled ? "Switched off" : row.is_excepted ? "Exception" : "Yes"),
    },
    { id: "setting", label: "Setting", width: 220, isOptional: true, cell: (row) => row.setting },
  ],
  filters: [
    { name: "result", label: "Result", isMultiple: true, options: optionsOf(RESULTS) },
    { name: "category", label: "Category", isMultiple: true, options: optionsOf(CATEGORIES) },
  ],
  searchLabel: "Search checks",
  defaultSort: "-impact",
  rowKey: (row) => row.id,
  empty: "No check is for this kind of system.",
};
