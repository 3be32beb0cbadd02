/** A list whose filters, sort, columns and page are in the address: filter bar, grid and pager in one. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery, type UseQueryOptions } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { apiUrl, type Parameters } from "../api/client";
import type { Page } from "../api/types";
import { listParameters, pageOf, pageSizeOf, parts, type FilterName, type UrlState } from "../url/state";
import { useUrl } from "../url/useUrl";
import { FilterBar, type Filter } from "./FilterBar";
import * as format from "./format";
import { Grid, type Column } from "./Grid";
import { SelectionBar, useSelection } from "./selection";
import { Pager } from "./Pager";
import { Empty, Result } from "./states";

export interface ListDefinition<Row> {
  /** Singular and plural of what a row is. */
  noun: [one: string, many: string];
  columns: Column<Row>[];
  filters: Filter[];
  /** Placeholder of the search box; none where the list cannot be searched. */
  searchLabel?: string;
  defaultSort: string;
  rowKey: (row: Row) => string;
  /** What to say when nothing is there although nothing is filtered. */
  empty: string;
}

const useStyles = makeStyles({
  list: { display: "flex", flexDirection: "column", minHeight: 0, flexGrow: 1 },
  described: { color: tokens.colorNeutralForeground3, paddingBottom: tokens.spacingVerticalXS },
});

interface ListViewProps<Row> {
  list: ListDefinition<Row>;
  /** Path of the list in the API, for the export; none where the API has no export of it. */
  path?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the key's type differs from list to list
  query: (parameters: Parameters) => UseQueryOptions<Page<Row>, Error, Page<Row>, any>;
  /** What is always asked for, whatever the address says. */
  fixed?: Parameters;
  onOpen?: (row: Row) => void;
  /** What can be done with several rows: check boxes appear, and this while some are chosen. */
  chosenActions?: ((chosen: Row[], clear: () => void) => ReactNode) | undefined;
  /** What a row is called, where rows can be chosen. */
  nameOf?: (row: Row) => string;
}

export function ListView<Row>(props: ListViewProps<Row>) {
  const { list, path, query, onOpen, chosenActions } = props;
  const styles = useStyles();
  const { state, change } = useUrl();
  const names = filterNames(list);
  const parameters = { ...listParameters(state, names, list.defaultSort), ...props.fixed };
  const answer = useQuery(query(parameters));
  const shown = shownColumns(list.columns, state);
  const selection = useSelection(list.rowKey, props.nameOf ?? list.rowKey);
  const isFiltered = names.some((name) => state[name]);
  return (
    <section className={styles.list} aria-label={format.words(list.noun[1])}>
      <FilterBar
        state={state}
        onChange={change}
        filters={list.filters}
        searchLabel={list.searchLabel}
        columns={list.columns}
        shownColumns={shown.map((column) => column.id)}
        onColumns={(ids) => change({ columns: columnsValue(list.columns, ids) })}
        exportUrl={
          path && apiUrl(path, { ...parameters, page: undefined, page_size: undefined, format: "csv" })
        }
      />
      <Result query={answer} lines={12}>
        {(page) => (
          <>
            <Text size={200} className={styles.described} role="status">
              {format.counted(page.total, ...list.noun)}
              {isFiltered && page.described && ` · ${page.described}`}
            </Text>
            {chosenActions && <SelectionBar noun={list.noun} selection={selection} actions={chosenActions} />}
            {page.items.length === 0 ? (
              <Empty title={isFiltered ? `No ${list.noun[1]} match these filters` : `No ${list.noun[1]}`}>
                {isFiltered ? "Clear a filter to see more." : list.empty}
              </Empty>
            ) : (
              <Grid
                label={format.words(list.noun[1])}
                columns={shown}
                rows={page.items}
                rowKey={list.rowKey}
                sort={state.sort ?? list.defaultSort}
                onSort={(sort) => change({ sort: sort === list.defaultSort ? undefined : sort })}
                openKey={state.open}
                onOpen={onOpen}
                selection={chosenActions && selection}
              />
            )}
            <Pager
              total={page.total}
              page={pageOf(state)}
              pageSize={pageSizeOf(state)}
              onPage={(next) => change({ page: next === 1 ? undefined : String(next) }, true)}
              onPageSize={(size) => change({ page_size: String(size) })}
            />
          </>
        )}
      </Result>
    </section>
  );
}

/** What a list is filtered by. */
export function filterNames<Row>(list: ListDefinition<Row>): FilterName[] {
  return [...list.filters.map((filter) => filter.name), ...(list.searchLabel ? (["search"] as const) : [])];
}

/** Columns to show, in the definition's order; the first one always. */
export function shownColumns<Row>(columns: Column<Row>[], state: UrlState): Column<Row>[] {
  const chosen = parts(state.columns);
  if (chosen.length === 0) return columns.filter((column) => !column.isOptional);
  return columns.filter((column, at) => at === 0 || chosen.includes(column.id));
}

/** Chosen columns for the address; undefined when they are the usual ones. */
export function columnsValue<Row>(columns: Column<Row>[], ids: string[]): string | undefined {
  const usual = columns.filter((column) => !column.isOptional).map((column) => column.id);
  const chosen = columns
    .filter((column, at) => at === 0 || ids.includes(column.id))
    .map((column) => column.id);
  return chosen.join() === usual.join() ? undefined : chosen.join(",");
}
