/** How reads are made: one resource, one page of a list, or a short list that the server sends whole. */
import { keepPreviousData, queryOptions, type QueryKey } from "@tanstack/react-query";

import { get, type Parameters } from "./client";
import type { Page } from "./types";

export const inPath = encodeURIComponent;

/** One resource. */
export function read<T>(key: QueryKey, path: string, parameters?: Parameters) {
  return queryOptions({ queryKey: key, queryFn: ({ signal }) => get<T>(path, parameters, signal) });
}

/** One page of a list; the rows in view stay until the new ones are there, but never under another list. */
export function list<Row>(key: QueryKey, path: string, parameters: Parameters) {
  return queryOptions({
    queryKey: [...key, parameters],
    queryFn: ({ signal }) => get<Page<Row>>(path, parameters, signal),
    placeholderData: (previous: Page<Row> | undefined, query) =>
      query && isSameList(query.queryKey, key) ? keepPreviousData(previous) : undefined,
  });
}

function isSameList(previous: QueryKey, key: QueryKey): boolean {
  return previous.length === key.length + 1 && key.every((part, at) => previous[at] === part);
}

/** A list that the server sends whole, as a page of the same shape; `asked` are the parameters of the server. */
export function wholeList<Row>(
  key: QueryKey,
  path: string,
  parameters: Parameters,
  asked: readonly string[],
) {
  const sent = Object.fromEntries(asked.map((name) => [name, parameters[name]]));
  return queryOptions({
    queryKey: [...key, parameters],
    queryFn: async ({ signal }) =>
      pageOfRows(await get<Row[]>(path, sent, signal), without(parameters, asked)),
    placeholderData: (previous: Page<Row> | undefined, query) =>
      query && isSameList(query.queryKey, key) ? keepPreviousData(previous) : undefined,
  });
}

function without(parameters: Parameters, names: readonly string[]): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));
}

const NO_FILTERS = ["page", "page_size", "sort", "search", "groups"];

/** Whether a row has one of the chosen values in each field that is filtered by. */
function isChosen(row: unknown, parameters: Parameters): boolean {
  return Object.entries(parameters).every(
    ([name, chosen]) =>
      NO_FILTERS.includes(name) ||
      !chosen ||
      String(chosen)
        .split(",")
        .includes(String(valueOf(row, name))),
  );
}

/** Filter, search, sort and cut rows here, by what they hold as text and numbers. */
export function pageOfRows<Row>(rows: Row[], parameters: Parameters): Page<Row> {
  const page = Number(parameters["page"] ?? 1);
  const pageSize = Number(parameters["page_size"] ?? 30);
  const sort = String(parameters["sort"] ?? "");
  const wanted = String(parameters["search"] ?? "").toLowerCase();
  const found = rows.filter(
    (row) => isChosen(row, parameters) && (!wanted || JSON.stringify(row).toLowerCase().includes(wanted)),
  );
  const field = sort.replace(/^-/, "");
  const direction = sort.startsWith("-") ? -1 : 1;
  if (field) found.sort((one, other) => direction * compared(valueOf(one, field), valueOf(other, field)));
  return {
    items: found.slice((page - 1) * pageSize, page * pageSize),
    total: found.length,
    page,
    page_size: pageSize,
    sort,
    described: "",
  };
}

function valueOf(row: unknown, field: string): unknown {
  return (row as Record<string, unknown>)[field];
}

/** What is not known comes first, as in the API. */
function compared(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one ?? "").localeCompare(String(other ?? ""), "en", { numeric: true });
}
