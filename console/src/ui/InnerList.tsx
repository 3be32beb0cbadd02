/** A short list inside a flyout: the same grid, paged without touching the address. */
import { makeStyles, Switch, tokens } from "@fluentui/react-components";
import { useQuery, type UseQueryOptions } from "@tanstack/react-query";
import { useState } from "react";

import { apiUrl, type Parameters } from "../api/client";
import type { Page } from "../api/types";
import { useUrl } from "../url/useUrl";
import { ExportLink, SearchField } from "./FilterBar";
import { Grid, type Column } from "./Grid";
import { Pager } from "./Pager";
import { Empty, Result } from "./states";

const PAGE_SIZE = 30;

const useStyles = makeStyles({
  bar: { display: "flex", alignItems: "center", columnGap: tokens.spacingHorizontalM },
});

interface InnerListProps<Row> {
  label: string;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the key's type differs from list to list
  query: (parameters: Parameters) => UseQueryOptions<Page<Row>, Error, Page<Row>, any>;
  defaultSort: string;
  empty: string;
  /** A switch above the list; it is the parameter's only other value. */
  toggle?: { name: string; label: string; on: string };
  /** Placeholder of the search box; none where the list cannot be searched. */
  searchLabel?: string;
  /** Path of the list in the API, for the export of all its rows. */
  exportPath?: string;
}

export function InnerList<Row>(props: InnerListProps<Row>) {
  const { label, columns, rowKey, query, defaultSort, empty, toggle, searchLabel, exportPath } = props;
  const styles = useStyles();
  const { state } = useUrl();
  const [isOn, setOn] = useState(false);
  const [page, setPage] = useState(1);
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState(defaultSort);
  const toggled = toggle && isOn ? { [toggle.name]: toggle.on } : {};
  const asked = { groups: state.groups, sort, ...(search && { search }), ...toggled };
  const answer = useQuery(query({ ...asked, page, page_size: PAGE_SIZE }));
  const sortBy = (next: string) => {
    setSort(next);
    setPage(1);
  };
  return (
    <>
      {(searchLabel || exportPath) && (
        <div className={styles.bar}>
          {searchLabel && (
            <SearchField
              label={searchLabel}
              value={search}
              onSearch={(text) => {
                setSearch(text);
                setPage(1);
              }}
            />
          )}
          {exportPath && <ExportLink address={apiUrl(exportPath, { ...asked, format: "csv" })} />}
        </div>
      )}
      {toggle && (
        <Switch
          label={toggle.label}
          checked={isOn}
          onChange={(_, { checked }) => {
            setOn(checked);
            setPage(1);
          }}
        />
      )}
      <Result query={answer}>
        {(rows) =>
          rows.total === 0 ? (
            <Empty title={search ? "Nothing matches the search" : empty} />
          ) : (
            <>
              <Grid
                label={label}
                columns={columns}
                rows={rows.items}
                rowKey={rowKey}
                sort={sort}
                onSort={sortBy}
              />
              {rows.total > PAGE_SIZE && (
                <Pager total={rows.total} page={page} pageSize={PAGE_SIZE} onPage={setPage} />
              )}
            </>
          )
        }
      </Result>
    </>
  );
}
