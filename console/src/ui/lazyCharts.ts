/** Charts are fetched when the first one is shown; put a Suspense around them. */
import { lazy } from "react";

export const SeriesChart = lazy(() => import("./charts").then((module) => ({ default: module.SeriesChart })));
export const TrendChart = lazy(() => import("./charts").then((module) => ({ default: module.TrendChart })));
export const DistributionChart = lazy(() =>
  import("./charts").then((module) => ({ default: module.DistributionChart })),
);
