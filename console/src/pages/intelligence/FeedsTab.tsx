/** Which sources there are and how they are. */
import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircle16Filled,
  CircleHint16Regular,
  DismissCircle16Filled,
  Warning16Filled,
  type FluentIcon,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";

import { knowledgeQuery } from "../../api/queries";
import type { FeedRow } from "../../api/types";
import * as format from "../../ui/format";
import { Grid, type Column } from "../../ui/Grid";
import { ExternalLink } from "../../ui/links";
import { Empty, Result } from "../../ui/states";

const STATUS: Record<FeedRow["status"], [label: string, icon: FluentIcon]> = {
  never: ["Never read", CircleHint16Regular],
  succeeded: ["Read", CheckmarkCircle16Filled],
  partly: ["Read in part", Warning16Filled],
  failed: ["Failed", DismissCircle16Filled],
};

const useStyles = makeStyles({
  status: {
    display: "inline-flex",
    verticalAlign: "middle",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
  },
  never: { color: tokens.colorNeutralForeground3 },
  succeeded: { color: tokens.colorPaletteGreenForeground1 },
  partly: { color: tokens.colorPaletteDarkOrangeForeground1 },
  failed: { color: tokens.colorPaletteRedForeground1 },
  summary: { color: tokens.colorNeutralForeground3, paddingBottom: tokens.spacingVerticalM },
});

function Status({ feed }: { feed: FeedRow }) {
  const styles = useStyles();
  const [label, Icon] = STATUS[feed.status];
  return (
    <span className={styles.status}>
      <Icon className={styles[feed.status]} aria-hidden /> {label}
      {feed.is_stalled && (
        <Badge
          appearance="outline"
          color="warning"
          size="small"
          title="No success for longer than is usual for this source"
        >
          Stalled
        </Badge>
      )}
    </span>
  );
}

const columns: Column<FeedRow>[] = [
  {
    id: "title",
    label: "Feed",
    width: 270,
    cell: (feed) => (feed.url ? <ExternalLink address={feed.url}>{feed.title}</ExternalLink> : feed.title),
  },
  { id: "status", label: "State", width: 160, cell: (feed) => <Status feed={feed} /> },
  { id: "data_at", label: "Data of", width: 180, cell: (feed) => format.time(feed.data_at) },
  {
    id: "age",
    label: "Last success",
    width: 130,
    cell: (feed) => (
      <span title={format.time(feed.last_success_at)}>{format.age(feed.last_success_at, Date.now())}</span>
    ),
  },
  {
    id: "last_run_at",
    label: "Last attempt",
    width: 130,
    cell: (feed) => (
      <span title={format.time(feed.last_run_at)}>{format.age(feed.last_run_at, Date.now())}</span>
    ),
  },
  { id: "records", label: "Records", width: 90, isNumber: true, cell: (feed) => format.count(feed.records) },
  {
    id: "quarantined",
    label: "Quarantined",
    width: 100,
    isNumber: true,
    cell: (feed) => format.count(feed.quarantined),
  },
  { id: "reason", label: "What went wrong", width: 280, cell: (feed) => feed.reason || format.UNKNOWN },
  { id: "licence", label: "Licence", width: 130, cell: (feed) => feed.licence },
  { id: "attribution", label: "Attribution", width: 180, cell: (feed) => feed.attribution },
];

export function FeedsTab() {
  const styles = useStyles();
  const query = useQuery(knowledgeQuery());
  return (
    <Result query={query}>
      {(knowledge) => (
        <>
          <Text className={styles.summary}>
            Knowledge version {knowledge.version} of {format.time(knowledge.at)} ·{" "}
            {format.counted(knowledge.vulnerabilities, "vulnerability", "vulnerabilities")}
          </Text>
          {knowledge.feeds.length === 0 ? (
            <Empty title="No feeds are set up" />
          ) : (
            <Grid label="Feeds" columns={columns} rows={knowledge.feeds} rowKey={(feed) => feed.source} />
          )}
        </>
      )}
    </Result>
  );
}
