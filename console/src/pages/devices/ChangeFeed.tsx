/** Every change of software that is kept, as far back as it goes: from the newest, or from a day on. */
import { Button, Input, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { get } from "../../api/client";
import type { ChangeFeed as Feed } from "../../api/types";
import * as format from "../../ui/format";
import { Grid } from "../../ui/Grid";
import { Empty, Failed, Loading } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { CHANGES } from "./DeviceLists";
import { changeColumns, changeKey } from "./FleetChanges";
import { feedParameters, isFrom } from "./feed";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingBottom: tokens.spacingVerticalS,
  },
  note: { color: tokens.colorNeutralForeground3 },
  more: { display: "flex", justifyContent: "center", padding: tokens.spacingVerticalM },
});

export function ChangeFeed() {
  const styles = useStyles();
  const { state } = useUrl();
  const query = useInfiniteQuery({
    queryKey: [
      "devices",
      "change-feed",
      state.since,
      state.change,
      state.software,
      state.device,
      state.groups,
    ],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      get<Feed>("/software-changes/feed", feedParameters(state, pageParam), signal),
    getNextPageParam: (last) => (last.is_end ? undefined : last.position),
    // Reading every page again for each report would never end in a large fleet.
    staleTime: Infinity,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <FeedBar />
      <Text size={200} className={styles.note} role="status">
        {isFrom(state) ? `Oldest first, from ${format.date(state.since ?? "")} on` : "Newest first"}
        {query.data && ` · ${format.counted(rows.length, "change")} shown`}
      </Text>
      {query.isPending && <Loading lines={12} />}
      {query.error && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && rows.length === 0 && !query.hasNextPage && (
        <Empty title="Nothing has changed on any device">
          Choose another day, or another kind of change.
        </Empty>
      )}
      {rows.length > 0 && <Grid label="Changes" columns={changeColumns} rows={rows} rowKey={changeKey} />}
      {query.data && (
        <div className={styles.more}>
          {query.hasNextPage ? (
            <Button disabledFocusable={query.isFetching} onClick={() => void query.fetchNextPage()}>
              {isFrom(state) ? "Show newer ones" : "Show older ones"}
            </Button>
          ) : (
            <Button disabledFocusable={query.isFetching} onClick={() => void query.refetch()}>
              Look for new ones
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function FeedBar() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const [since, setSince] = useState(state.since ?? "");
  return (
    <form
      className={styles.bar}
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        change({ since: since || undefined });
      }}
    >
      <Select
        size="small"
        aria-label="Change"
        value={state.change ?? ""}
        onChange={(_, { value }) => change({ change: value || undefined })}
      >
        <option value="">All changes</option>
        {Object.entries(CHANGES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <Input
        size="small"
        type="date"
        aria-label="From the day"
        contentBefore={<Text size={200}>From</Text>}
        value={since}
        onChange={(_, { value }) => setSince(value)}
      />
      <Button size="small" type="submit">
        Show
      </Button>
      {(state.software ?? state.device) && (
        <Button size="small" onClick={() => change({ software: undefined, device: undefined })}>
          All software and devices
        </Button>
      )}
    </form>
  );
}
