/** Series of values and the events on them, apart from how they are drawn. */
import type { EventRow } from "../api/types";
import * as format from "./format";

interface Point<X> {
  x: X;
  y: number;
  label: string;
}

/** One line of a chart; `x` are times or whole numbers, the same kind in every line of a chart. */
export interface Line {
  name: string;
  points: Point<Date | number>[];
}

/** A day on which something happened: where its dot stands, and what is said of it. */
export interface EventDay {
  /** As the address of a day: 2026-01-31. */
  day: string;
  at: Date;
  events: EventRow[];
}

/** Events by their day in UTC, newest day first; events that hit no device are left out, and so are days without any. */
export function eventDays(events: readonly EventRow[]): EventDay[] {
  const days = new Map<string, EventDay>();
  for (const event of events) {
    if (event.originally_impacted.devices === 0) continue;
    const day = event.at.slice(0, 10);
    const known = days.get(day);
    const at = new Date(event.at);
    if (known === undefined) days.set(day, { day, at, events: [event] });
    else {
      known.events.push(event);
      if (at < known.at) known.at = at;
    }
  }
  const hits = (event: EventRow) => event.originally_impacted.devices;
  return [...days.values()]
    .map((one) => ({ ...one, events: one.events.sort((a, b) => hits(b) - hits(a)) }))
    .sort((a, b) => b.day.localeCompare(a.day));
}

const NAMED = 3;

/** The events of a day that hit most devices, in a sentence. */
export function dayText({ events }: EventDay): string {
  const named = events.slice(0, NAMED).map((event) => event.text);
  const more = events.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${format.count(more)} more` : "");
}

/** The value in force at a moment, of points each of which holds until the next; null before the first. */
export function valueAt(points: Line["points"], at: Date): number | null {
  let value: number | null = null;
  for (const point of points) {
    if (Number(point.x) > at.getTime()) break;
    value = point.y;
  }
  return value;
}

/** Every line's first and last value. */
export function sentenceOf(lines: readonly Line[], valueText: (value: number) => string): string {
  return lines
    .map(({ name, points }) => {
      const first = points[0];
      const last = points.at(-1);
      return first && last
        ? `${name}: from ${valueText(first.y)} on ${first.label} to ${valueText(last.y)} on ${last.label}`
        : name;
    })
    .join("; ");
}

const DAY_MS = 86_400_000;

/** Counts at the end of one day after the other, the last one now -> a line of exposed devices. */
export function trendLine(counts: readonly number[], now: Date): Line {
  const points = counts.map((y, at) => {
    const x = new Date(now.getTime() - (counts.length - 1 - at) * DAY_MS);
    return { x, y, label: format.date(x.toISOString()) };
  });
  return { name: "Exposed devices", points };
}
