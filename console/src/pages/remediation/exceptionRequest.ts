/** What is filled in for an exception, and the request that is made of it. */
import type { ExceptionRequest, ExceptionRow, ExceptionScopeRequest } from "../../api/types";
import { counted } from "../../ui/format";

export const USUAL_DAYS = ["30", "60", "90"] as const;

export interface Place {
  kind: ExceptionScopeRequest["kind"];
  isAllGroups: boolean;
  groups: Map<number, string>;
  /** One a line. */
  tags: string;
  devices: Map<string, string>;
  software: Set<string>;
}

export interface Reason {
  justification: ExceptionRow["justification"];
  context: string;
  /** Empty: until the date. */
  days: string;
  /** A day, as a date field writes it. */
  until: string;
}

export const NEW_PLACE: Place = {
  kind: "device_group",
  isAllGroups: false,
  groups: new Map(),
  tags: "",
  devices: new Map(),
  software: new Set(),
};

/** Tags of a text with one a line. */
export function lines(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}

export function isPlaceReady(place: Place): boolean {
  switch (place.kind) {
    case "global":
      return true;
    case "device_group":
      return place.isAllGroups || place.groups.size > 0;
    case "tag":
      return lines(place.tags).length > 0;
    case "device":
      return place.devices.size > 0;
    case "software":
      return place.software.size > 0;
  }
}

/** The place in words, for the review. */
export function placeText(place: Place): string {
  switch (place.kind) {
    case "global":
      return "Everywhere, also on devices of the future";
    case "device_group":
      return place.isAllGroups ? "All current device groups" : [...place.groups.values()].join(", ");
    case "tag":
      return `Devices tagged ${lines(place.tags).join(" or ")}`;
    case "device":
      return place.devices.size > 5
        ? counted(place.devices.size, "device")
        : [...place.devices.values()].join(", ");
    case "software":
      return [...place.software].join(", ");
  }
}

/** Only what belongs to the chosen kind of place is sent. */
export function requestOf(
  subject_kind: ExceptionRow["subject_kind"],
  subject: string,
  place: Place,
  reason: Reason,
): ExceptionRequest {
  const { kind } = place;
  const isOfGroups = kind === "device_group";
  return {
    subject_kind,
    subject,
    scope: {
      kind,
      is_all_groups: isOfGroups && place.isAllGroups,
      group_ids: isOfGroups && !place.isAllGroups ? [...place.groups.keys()] : [],
      tags: kind === "tag" ? lines(place.tags) : [],
      devices: kind === "device" ? [...place.devices.keys()] : [],
      software: kind === "software" ? [...place.software] : [],
    },
    justification: reason.justification,
    context: reason.context.trim(),
    days: reason.days ? Number(reason.days) : null,
    until: reason.days ? null : `${reason.until}T23:59:59Z`,
  };
}
