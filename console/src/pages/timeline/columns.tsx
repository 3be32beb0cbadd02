import { makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowDown16Filled,
  ArrowUp16Filled,
  BookInformationRegular,
  Bug16Filled,
  Bug16Regular,
  CheckmarkCircle16Regular,
  Flash16Filled,
  ArrowUndo16Regular,
  ShieldError16Regular,
  TargetArrow16Filled,
  DocumentCheckmark16Regular,
  Wrench16Regular,
  AddCircle16Regular,
  CalendarCancel16Regular,
  type FluentIcon,
} from "@fluentui/react-icons";

import type { EventRow } from "../../api/types";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { changed } from "../../url/state";

const EVENTS: Record<string, [label: string, icon: FluentIcon]> = {
  new_vulnerability: ["New vulnerability", ShieldError16Regular],
  public_exploit: ["New public exploit", Bug16Regular],
  exploit_verified: ["Exploit was verified", Bug16Filled],
  exploit_kit: ["Exploit added to an exploit kit", Flash16Filled],
  knowledge_loaded: ["Knowledge was loaded", BookInformationRegular],
  newly_exposed: ["Newly exposed devices", AddCircle16Regular],
  fixed: ["Fixed", CheckmarkCircle16Regular],
  regressed: ["Came back", ArrowUndo16Regular],
  detection: ["Detection", TargetArrow16Filled],
  end_of_support: ["End of support", CalendarCancel16Regular],
  new_configuration_assessment: ["New configuration assessment", Wrench16Regular],
  exception: ["Exception", DocumentCheckmark16Regular],
  remediation: ["Remediation", Wrench16Regular],
};

const useStyles = makeStyles({
  mark: {
    display: "inline-flex",
    verticalAlign: "middle",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
  },
  up: { color: tokens.colorPaletteRedForeground1 },
  down: { color: tokens.colorPaletteGreenForeground1 },
});

/** Type of an event in words and as an icon; one that is not known here keeps its own word. */
export function eventType(type: EventRow["type"]): [label: string, icon: FluentIcon] {
  return EVENTS[type] ?? [format.words(type), AddCircle16Regular];
}

function EventType({ type }: { type: EventRow["type"] }) {
  const styles = useStyles();
  const [label, Icon] = eventType(type);
  return (
    <span className={styles.mark}>
      <Icon aria-hidden /> {label}
    </span>
  );
}

/** How the exposure score moved with the event. */
export function ScoreTrend({ event }: { event: EventRow }) {
  const styles = useStyles();
  if (event.score_trend === "none") return format.UNKNOWN;
  const isUp = event.score_trend === "up";
  const Icon = isUp ? ArrowUp16Filled : ArrowDown16Filled;
  const points = event.score_change === null ? "" : format.points(Math.abs(event.score_change));
  return (
    <span className={styles.mark}>
      <Icon className={isUp ? styles.up : styles.down} aria-hidden />
      {isUp ? "Up" : "Down"} {points}
    </span>
  );
}

export function impactText({ devices, share }: EventRow["originally_impacted"]): string {
  return `${format.count(devices)} (${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %)`;
}

const date: Column<EventRow> = {
  id: "at",
  label: "Date",
  width: 185,
  sort: "at",
  isDescendingFirst: true,
  cell: (event) => format.time(event.at),
};
const type: Column<EventRow> = {
  id: "type",
  label: "Type",
  width: 230,
  cell: (event) => <EventType type={event.type} />,
};
const originally: Column<EventRow> = {
  id: "originally_impacted",
  label: "Originally impacted",
  width: 150,
  sort: "originally_impacted",
  isNumber: true,
  cell: (event) => impactText(event.originally_impacted),
};
const trend: Column<EventRow> = {
  id: "trend",
  label: "Score trend",
  width: 105,
  cell: (event) => <ScoreTrend event={event} />,
};

/** Events inside flyouts and on the dashboard: their text leads to the timeline. */
export const shortEventColumns: Column<EventRow>[] = [
  date,
  {
    id: "text",
    label: "Event",
    width: 330,
    cell: (event) => (
      <PageLink
        to="/timeline"
        search={{
          since: event.at.slice(0, 10),
          until: event.at.slice(0, 10),
          event: event.type,
          open: String(event.id),
        }}
        title={event.text}
      >
        {event.text}
      </PageLink>
    ),
  },
  trend,
];

export const eventList: ListDefinition<EventRow> = {
  noun: ["event", "events"],
  columns: [
    {
      id: "text",
      label: "Event",
      width: 305,
      cell: (event) => (
        <PageLink
          to="/timeline"
          search={(state) => changed(state, { open: String(event.id) })}
          title={event.text}
        >
          {event.text}
        </PageLink>
      ),
    },
    date,
    {
      id: "component",
      label: "Related component",
      width: 150,
      cell: (event) => event.component || format.UNKNOWN,
    },
    originally,
    {
      id: "currently_impacted",
      label: "Currently impacted",
      width: 150,
      isNumber: true,
      isOptional: true,
      cell: (event) => impactText(event.currently_impacted),
    },
    type,
    trend,
  ],
  filters: [
    {
      name: "event",
      label: "Types",
      isMultiple: true,
      options: Object.entries(EVENTS).map(([value, [label]]) => ({ value, label })),
    },
    {
      name: "impacted",
      label: "Impacted devices",
      options: [
        { value: "", label: "All" },
        ...["1", "5", "10", "25", "50"].map((value) => ({ value, label: `At least ${value} %` })),
      ],
    },
    {
      name: "period",
      label: "Period",
      standard: "30d",
      options: [
        { value: "7d", label: "7 days" },
        { value: "30d", label: "30 days" },
        { value: "3m", label: "3 months" },
        { value: "6m", label: "6 months" },
        { value: "12m", label: "12 months" },
        { value: "all", label: "All" },
      ],
    },
    { name: "since", label: "From", options: [] },
    { name: "until", label: "To", options: [] },
    { name: "weakness", label: "Weakness", options: [] },
    { name: "software", label: "Software", options: [] },
    { name: "device", label: "Device", options: [] },
  ],
  searchLabel: "Search events",
  defaultSort: "-at",
  rowKey: (event) => String(event.id),
  empty: "Events appear when what is known, or what is installed, changes.",
};
