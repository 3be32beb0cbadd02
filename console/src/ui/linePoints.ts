/** Where the points of a small line are. */

const MARGIN = 1.5;

/** "x,y x,y ..." inside width and height, evenly spaced; a line that never moves lies in the middle. */
export function linePoints(values: readonly number[], width: number, height: number): string {
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  const step = (width - 2 * MARGIN) / Math.max(1, values.length - 1);
  const room = height - 2 * MARGIN;
  return values
    .map((value, at) => {
      const share = span === 0 ? 0.5 : (value - least) / span;
      return `${(MARGIN + at * step).toFixed(1)},${(MARGIN + (1 - share) * room).toFixed(1)}`;
    })
    .join(" ");
}
