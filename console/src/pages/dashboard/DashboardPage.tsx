import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Suspense, type ReactNode } from "react";

import { dashboardQuery } from "../../api/queries";
import type { Dashboard, SoftwareRow, WeaknessRow } from "../../api/types";
import { Card } from "../../ui/Card";
import * as format from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import { DistributionChart, TrendChart } from "../../ui/lazyCharts";
import { PageFrame } from "../../ui/PageFrame";
import { ExposureMark } from "../../ui/risk";
import { Empty, Loading, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { EXPOSURE_EVENTS, useEventDays } from "../history/EventDays";
import { cardDeviceColumns } from "../devices/columns";
import { Tags } from "../recommendations/columns";
import { softwareColumns } from "../software/columns";
import { OpenWeakness, weaknessColumns } from "../weaknesses/columns";
import { ActivitiesCard, EventsCard, RecommendationsCard } from "./ActCards";
import { CertificatesCard } from "./CertificatesCard";
import { Rows } from "./Rows";
import { SecureScoreCard } from "./SecureScoreCard";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(12, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "repeat(6, minmax(0, 1fr))" },
  },
  third: { gridColumn: "span 4", "@media (max-width: 1100px)": { gridColumn: "span 6" } },
  half: { gridColumn: "span 6" },
  score: { display: "flex", alignItems: "baseline", columnGap: tokens.spacingHorizontalM },
  figure: { fontSize: "40px", lineHeight: "48px", fontWeight: tokens.fontWeightSemibold },
  of: { color: tokens.colorNeutralForeground3 },
  whole: { gridColumn: "1 / -1" },
  figures: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(130px, 1fr))",
    gap: tokens.spacingVerticalM,
  },
  fact: { display: "grid", alignContent: "center" },
  factValue: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
});

/** As far back as the dashboard's trend goes. */
const TREND_RANGE = { period: "30d" };

export function DashboardPage() {
  const styles = useStyles();
  const { state } = useUrl();
  const query = useQuery(dashboardQuery(state.groups));
  return (
    <PageFrame title="Dashboard">
      <Result query={query} lines={14}>
        {(data) => (
          <div className={styles.cards}>
            <GlanceCard data={data} />
            <ScoreCard data={data} />
            <SecureScoreCard className={styles.third} groups={state.groups} />
            <DistributionCard data={data} />
            <RecommendationsCard groups={state.groups} />
            <Card
              className={styles.half}
              title="Top weaknesses"
              more={<PageLink to="/weaknesses">Show more</PageLink>}
            >
              <Rows
                label="Top weaknesses"
                columns={topWeaknesses}
                rows={data.top_weaknesses}
                rowKey={byName}
              />
            </Card>
            <Card
              className={styles.half}
              title="Top vulnerable software"
              more={<PageLink to="/software">Show more</PageLink>}
            >
              <Rows
                label="Top vulnerable software"
                columns={topSoftware}
                rows={data.top_software}
                rowKey={byId}
              />
            </Card>
            <Card
              className={styles.half}
              title="Top exposed devices"
              more={<PageLink to="/devices">Show more</PageLink>}
            >
              <Rows
                label="Top exposed devices"
                columns={cardDeviceColumns}
                rows={data.top_devices}
                rowKey={byId}
              />
            </Card>
            <ActivitiesCard groups={state.groups} />
            <EventsCard groups={state.groups} />
            <CertificatesCard groups={state.groups} />
            <KnowledgeCard data={data} />
          </div>
        )}
      </Result>
    </PageFrame>
  );
}

const byName = (row: { name: string }) => row.name;
const byId = (row: { id: string }) => row.id;

const topWeaknesses: Column<WeaknessRow>[] = [
  { id: "name", label: "Name", width: 130, cell: (row) => <OpenWeakness name={row.name} /> },
  weaknessColumns.severity,
  weaknessColumns.cvss,
  weaknessColumns.threats,
  { ...weaknessColumns.devices, width: 130 },
];

const topSoftware: Column<SoftwareRow>[] = [
  {
    id: "name",
    label: "Software",
    width: 145,
    cell: (row) => (
      <>
        <PageLink to="/software" search={{ open: row.id }}>
          {row.name}
        </PageLink>{" "}
        {row.tags && row.tags.length > 0 && <Tags tags={row.tags} />}
      </>
    ),
  },
  { ...softwareColumns.weaknesses, width: 105 },
  softwareColumns.threats,
  { ...softwareColumns.devices, width: 140 },
  { ...softwareColumns.impact, width: 65 },
];

function ScoreCard({ data }: { data: Dashboard }) {
  const styles = useStyles();
  const { state } = useUrl();
  const days = useEventDays(TREND_RANGE, EXPOSURE_EVENTS, state.groups);
  return (
    <Card
      className={styles.third}
      title="Exposure score"
      more={
        <PageLink to="/recommendations" search={{ sort: "-impact" }}>
          Improve score
        </PageLink>
      }
    >
      <div className={styles.score}>
        <span className={styles.figure} data-testid="exposure-score">
          {format.score(data.exposure_score)}
        </span>
        <span className={styles.of}>of 100</span>
        <ExposureMark level={data.exposure_level} />
      </div>
      {data.exposure_score_detected !== data.exposure_score && (
        <span className={styles.of}>
          {format.score(data.exposure_score_detected)} as detected, without exceptions
        </span>
      )}
      <Suspense fallback={<Loading lines={4} />}>
        <TrendChart trend={data.trend} days={days} />
      </Suspense>
    </Card>
  );
}

function DistributionCard({ data }: { data: Dashboard }) {
  const styles = useStyles();
  return (
    <Card className={styles.third} title="Device exposure distribution">
      {data.devices === 0 ? (
        <Empty title="No devices yet">Devices appear when their sensors report for the first time.</Empty>
      ) : (
        <Suspense fallback={<Loading lines={6} />}>
          <DistributionChart distribution={data.distribution} devices={data.devices} />
        </Suspense>
      )}
    </Card>
  );
}

function GlanceCard({ data }: { data: Dashboard }) {
  const styles = useStyles();
  return (
    <Card className={styles.whole} title="At a glance">
      <div className={styles.figures}>
        <Figure label="Devices" value={data.devices}>
          {(text) => <PageLink to="/devices">{text}</PageLink>}
        </Figure>
        <Figure label="Weaknesses" value={data.weaknesses}>
          {(text) => <PageLink to="/weaknesses">{text}</PageLink>}
        </Figure>
        <Figure label="Critical weaknesses" value={data.critical_weaknesses}>
          {(text) => (
            <PageLink to="/weaknesses" search={{ severity: "Critical" }}>
              {text}
            </PageLink>
          )}
        </Figure>
        <Figure label="Known to be exploited" value={data.known_exploited_weaknesses}>
          {(text) => (
            <PageLink to="/weaknesses" search={{ exploit: "known_exploited" }}>
              {text}
            </PageLink>
          )}
        </Figure>
      </div>
    </Card>
  );
}

function Figure({
  label,
  value,
  children,
}: {
  label: string;
  value: number;
  children: (text: string) => ReactNode;
}) {
  const styles = useStyles();
  return (
    <div className={styles.fact}>
      <Text size={200}>{label}</Text>
      <span className={styles.factValue}>{children(format.count(value))}</span>
    </div>
  );
}

const FEED_COLUMNS: Column<Dashboard["knowledge"]["feeds"][number]>[] = [
  { id: "title", label: "Feed", width: 220, cell: (feed) => feed.title },
  { id: "data_at", label: "Data of", width: 185, cell: (feed) => format.time(feed.data_at) },
  { id: "records", label: "Records", width: 90, isNumber: true, cell: (feed) => format.count(feed.records) },
];

function KnowledgeCard({ data }: { data: Dashboard }) {
  const styles = useStyles();
  const { knowledge } = data;
  return (
    <Card
      className={styles.half}
      title="Intelligence"
      more={<PageLink to="/intelligence">Show more</PageLink>}
    >
      <Text size={200} className={styles.of}>
        Knowledge version {knowledge.version} ·{" "}
        {format.counted(knowledge.vulnerabilities, "vulnerability", "vulnerabilities")}
      </Text>
      <Rows label="Feeds" columns={FEED_COLUMNS} rows={knowledge.feeds} rowKey={(feed) => feed.source} />
    </Card>
  );
}
