/** Pages and their addresses. The server answers index.html for every address that is none of its own. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";

import { PageLink } from "../ui/links";
import { PageFrame } from "../ui/PageFrame";
import { Empty, Failed, Loading } from "../ui/states";
import { formatQuery, parseQuery, readUrlState, type UrlState } from "../url/state";
import { Shell } from "./Shell";

const root = createRootRoute({
  component: Shell,
  validateSearch: (raw: Record<string, unknown>): UrlState => readUrlState(raw),
  // The chosen device groups stay in force from page to page.
  search: { middlewares: [retainSearchParams(["groups"])] },
  notFoundComponent: () => (
    <PageFrame title="There is no such page" isSurface>
      <Empty title="Nothing has this address">
        <PageLink to="/">Go to the dashboard</PageLink>
      </Empty>
    </PageFrame>
  ),
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../pages/dashboard/DashboardPage"), "DashboardPage"),
});
const recommendations = createRoute({
  getParentRoute: () => root,
  path: "/recommendations",
  component: lazyRouteComponent(
    () => import("../pages/recommendations/RecommendationsPage"),
    "RecommendationsPage",
  ),
});
const plan = createRoute({
  getParentRoute: () => root,
  path: "/plan",
  component: lazyRouteComponent(() => import("../pages/plan/PlanPage"), "PlanPage"),
});
const weaknesses = createRoute({
  getParentRoute: () => root,
  path: "/weaknesses",
  component: lazyRouteComponent(() => import("../pages/weaknesses/WeaknessesPage"), "WeaknessesPage"),
});
const software = createRoute({
  getParentRoute: () => root,
  path: "/software",
  component: lazyRouteComponent(() => import("../pages/software/SoftwarePage"), "SoftwarePage"),
});
const certificates = createRoute({
  getParentRoute: () => root,
  path: "/certificates",
  component: lazyRouteComponent(() => import("../pages/certificates/CertificatesPage"), "CertificatesPage"),
});
const devices = createRoute({
  getParentRoute: () => root,
  path: "/devices",
  component: lazyRouteComponent(() => import("../pages/devices/DevicesPage"), "DevicesPage"),
});
const device = createRoute({
  getParentRoute: () => root,
  path: "/devices/$deviceId",
  component: lazyRouteComponent(() => import("../pages/devices/DevicePage"), "DevicePage"),
});
const corrections = createRoute({
  getParentRoute: () => root,
  path: "/corrections",
  component: lazyRouteComponent(() => import("../pages/corrections/CorrectionsPage"), "CorrectionsPage"),
});
const intelligence = createRoute({
  getParentRoute: () => root,
  path: "/intelligence",
  component: lazyRouteComponent(() => import("../pages/intelligence/IntelligencePage"), "IntelligencePage"),
});
const remediation = createRoute({
  getParentRoute: () => root,
  path: "/remediation",
  component: lazyRouteComponent(() => import("../pages/remediation/RemediationPage"), "RemediationPage"),
});
const detections = createRoute({
  getParentRoute: () => root,
  path: "/detections",
  component: lazyRouteComponent(() => import("../pages/detections/DetectionsPage"), "DetectionsPage"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("../pages/settings/SettingsPage"), "SettingsPage"),
});
const timeline = createRoute({
  getParentRoute: () => root,
  path: "/timeline",
  component: lazyRouteComponent(() => import("../pages/timeline/TimelinePage"), "TimelinePage"),
});
const history = createRoute({
  getParentRoute: () => root,
  path: "/history",
  component: lazyRouteComponent(() => import("../pages/history/HistoryPage"), "HistoryPage"),
});

const checks = createRoute({
  getParentRoute: () => root,
  path: "/checks",
  component: lazyRouteComponent(() => import("../pages/posture/ChecksPage"), "ChecksPage"),
});
const baselines = createRoute({
  getParentRoute: () => root,
  path: "/baselines",
  component: lazyRouteComponent(() => import("../pages/baselines/BaselinesPage"), "BaselinesPage"),
});
const vulnerableDevices = createRoute({
  getParentRoute: () => root,
  path: "/vulnerable-devices",
  component: lazyRouteComponent(
    () => import("../pages/reports/VulnerableDevicesPage"),
    "VulnerableDevicesPage",
  ),
});

const tree = root.addChildren([
  checks,
  baselines,
  vulnerableDevices,
  history,
  timeline,
  settings,
  detections,
  remediation,
  dashboard,
  recommendations,
  plan,
  weaknesses,
  software,
  certificates,
  devices,
  device,
  corrections,
  intelligence,
]);

export function makeRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch: parseQuery,
    stringifySearch: formatQuery,
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading lines={10} />,
    defaultErrorComponent: ({ error, reset }) => (
      <Failed error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
    ),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
