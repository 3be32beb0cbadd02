import type { SecureScoreCategory, SecureScoreSeries } from "../../api/types";

import * as format from "../../ui/format";
import type { Line } from "../../ui/series";

/** Share of what can be reached, 0-100; null where nothing is assessed. */
export function percentOf({
  points,
  maximum,
}: Pick<SecureScoreCategory, "points" | "maximum">): number | null {
  return maximum > 0 ? (100 * points) / maximum : null;
}

/** A line in percent; moments at which nothing was assessed are no points of it. */
export function percentLine(name: string, points: SecureScoreSeries["points"]): Line {
  return {
    name,
    points: points.flatMap((point) => {
      const percent = percentOf(point);
      return percent === null ? [] : [{ x: new Date(point.at), y: percent, label: format.date(point.at) }];
    }),
  };
}
