/** The vulnerable devices report: each device once, by its worst weakness; now, over time, and the devices behind. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { vulnerableDevicesQuery } from "../../api/queries";
import { reportQuery } from "../../api/threatQueries";
import type { ReportDocument } from "../../api/types";
import { Card } from "../../ui/Card";
import { FilesMenu } from "../../ui/FilesMenu";
import { FilterBar, type Filter } from "../../ui/FilterBar";
import * as format from "../../ui/format";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { PageTabs, useTab } from "../../ui/PageTabs";
import { rangeOf } from "../../ui/period";
import { PeriodChoice } from "../../ui/PeriodChoice";
import { Empty, Result } from "../../ui/states";
import { parts, type UrlState } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { BarList, TrendLines } from "./BarList";
import { behindList, weaknessFilters } from "./columns";
import { pairsOf, REPORT_FILTERS, scoreOf, SYSTEM_FILTERS, WEAKNESS_FILTERS } from "./sections";

const TABS = [
  { id: "report", label: "Report" },
  { id: "devices", label: "Devices" },
] as const;

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalL,
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  whole: { gridColumn: "1 / -1" },
});

export function VulnerableDevicesPage() {
  const tab = useTab(TABS);
  const { state } = useUrl();
  const isReport = tab === "report";
  const parameters = parametersOf(state);
  return (
    <PageFrame
      title="Vulnerable devices"
      isSurface={!isReport}
      aside={
        isReport && (
          <>
            <PeriodChoice />
            <FilesMenu
              label="Download"
              files={["html", "pdf"].map((kind) => ({
                label: `This report (${kind.toUpperCase()})`,
                path: "/reports/file",
                parameters: { ...parameters, report: "vulnerable_devices", format: kind },
              }))}
            />
          </>
        )
      }
    >
      <PageTabs tabs={TABS} />
      {isReport ? <Report /> : <Devices />}
    </PageFrame>
  );
}

/** What the report is asked for. */
function parametersOf(state: UrlState) {
  const filters = Object.fromEntries(REPORT_FILTERS.map((name) => [name, state[name]]));
  return { ...rangeOf(state), ...filters, groups: state.groups };
}

function Report() {
  const styles = useStyles();
  const { state } = useUrl();
  const query = useQuery(reportQuery(parametersOf(state)));
  return (
    <>
      <Filters />
      <Result query={query} lines={12}>
        {(report) => (
          <div className={styles.cards}>
            <Sections report={report} />
          </div>
        )}
      </Result>
    </>
  );
}

/** Systems to choose from are those of the whole report, so that a choice does not take the others away. */
function Filters() {
  const { state, change } = useUrl();
  const all = useQuery(reportQuery({ ...parametersOf(state), os: undefined, os_version: undefined }));
  const pairs = pairsOf(all.data?.sections ?? []);
  const systems: Filter[] = SYSTEM_FILTERS.map((name) => {
    const told = pairs.find(({ filter }) => filter === name)?.bars ?? [];
    const kept = parts(state[name]).filter((value) => !told.some((bar) => bar.value === value));
    return {
      name,
      label: name === "os" ? "Operating system" : "Version of Windows",
      isMultiple: true,
      options: [...told, ...kept.map((value) => ({ value, label: value }))],
    };
  });
  return (
    <FilterBar
      state={state}
      onChange={change}
      filters={[...weaknessFilters, ...systems.filter(({ options }) => options.length > 0)]}
      searchLabel={undefined}
      columns={[]}
      shownColumns={[]}
      onColumns={() => undefined}
      exportUrl={undefined}
    />
  );
}

function Sections({ report }: { report: ReportDocument }) {
  const styles = useStyles();
  const { state } = useUrl();
  const pairs = pairsOf(report.sections);
  const score = scoreOf(report.sections);
  const [now] = report.sections;
  const isOpenable = WEAKNESS_FILTERS.every((name) => !state[name]);
  const isTold = pairs.some(({ trend }) => trend !== undefined);
  return (
    <>
      <Card className={styles.whole} title="Now">
        {now?.paragraphs.slice(0, 1).map((text) => (
          <Text key={text}>{text}</Text>
        ))}
        <Text>
          {isOpenable
            ? "Each device stands once in each chart. A bar opens its devices."
            : "Each device stands once in each chart, by the weaknesses that the filters leave. Without filters of weaknesses, bars open their devices."}
        </Text>
        {!isTold && (
          <Text>
            Charts over time by severity and by exploit are there without filters, in fleets that are not
            large.
          </Text>
        )}
      </Card>
      {pairs.flatMap((pair) => [
        <Card key={pair.title} title={pair.title}>
          {pair.bars.length === 0 ? (
            <Empty title="No vulnerable device stands here">Clear filters to see more.</Empty>
          ) : (
            <BarList pair={pair} isOpenable={isOpenable} />
          )}
        </Card>,
        ...(pair.trend
          ? [
              <Card key={pair.trend.title} title={pair.trend.title}>
                <TrendLines section={pair.trend} valueText={format.count} />
              </Card>,
            ]
          : []),
      ])}
      {score && (
        <Card className={styles.whole} title={score.title}>
          <TrendLines section={score} valueText={format.score} />
        </Card>
      )}
    </>
  );
}

function Devices() {
  const navigate = useNavigate();
  return (
    <ListView
      list={behindList}
      path="/reports/vulnerable-devices"
      query={vulnerableDevicesQuery}
      onOpen={(row) => void navigate({ to: "/devices/$deviceId", params: { deviceId: row.id } })}
    />
  );
}
