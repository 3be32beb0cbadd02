/** A short list inside a flyout: the same grid, paged without touching the address. */
import { useQuery, type UseQueryOptions } from "@tanstack/react-query";
import { useState } from "react";

import type { Parameters } from "../api/client";
import type { Page } from "../api/types";
import { useUrl } from "../url/useUrl";
import { Grid, type Column } from "./Grid";
import { Pager } from "./Pager";
import { Empty, Result } from "./states";

const PAGE_SIZE = 30;

interface InnerListProps<Row> {
  label: string;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the key's type differs from list to list
  query: (parameters: Parameters) => UseQueryOptions<Page<Row>, Error, Page<Row>, any>;
  defaultSort: string;
  empty: string;
}

export function InnerList<Row>({ label, columns, rowKey, query, defaultSort, empty }: InnerListProps<Row>) {
  const { state } = useUrl();
  const [page, setPage] = useState(1);
  const [sort, setSort] = useState(defaultSort);
  const answer = useQuery(query({ groups: state.groups, sort, page, page_size: PAGE_SIZE }));
  const sortBy = (next: string) => {
    setSort(next);
    setPage(1);
  };
  return (
    <Result query={answer}>
      {(rows) =>
        rows.total === 0 ? (
          <Empty title={empty} />
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
  );
}
