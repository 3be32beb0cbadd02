/** The one grid: a real table with sortable heads. Rows are opened by the link in their first cell or by a click. */
import {
  Checkbox,
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
  useArrowNavigationGroup,
} from "@fluentui/react-components";
import type { MouseEvent, ReactNode } from "react";

import { nextSort } from "../url/state";

export interface Column<Row> {
  /** Name of the column in addresses. */
  id: string;
  label: string;
  /** Width in pixels; the widths of all columns share the room that is left in proportion. */
  width: number;
  cell: (row: Row) => ReactNode;
  /** The API's sort word; a column without one cannot be sorted by. */
  sort?: string;
  /** Numbers and times: right-aligned digits and largest first. */
  isNumber?: boolean;
  isDescendingFirst?: boolean;
  /** Shown only when chosen under "Customise columns". */
  isOptional?: boolean;
}

const useStyles = makeStyles({
  scroll: { overflow: "auto", minHeight: 0, position: "relative" },
  head: {
    position: "sticky",
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: `inset 0 -1px 0 ${tokens.colorNeutralStroke1}`,
  },
  headCell: {
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    whiteSpace: "nowrap",
  },
  row: { height: "36px" },
  openable: { cursor: "pointer" },
  open: { backgroundColor: tokens.colorBrandBackground2 },
  content: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  check: { padding: 0, "& .fui-Checkbox__indicator": { margin: tokens.spacingHorizontalS } },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  numberHead: { "& > *": { justifyContent: "flex-end" } },
});

/** Rows that are chosen by check boxes, for what is done with several at once. */
export interface Selection<Row> {
  isChosen: (key: string) => boolean;
  choose: (rows: Row[], isChosen: boolean) => void;
  /** What a row is called, for screen readers. */
  nameOf: (row: Row) => string;
}

interface GridProps<Row> {
  /** What the rows are, for screen readers. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  openKey?: string | undefined;
  onOpen?: ((row: Row) => void) | undefined;
  selection?: Selection<Row> | undefined;
}

const CHECK_WIDTH = 36;

export function Grid<Row>({
  label,
  columns,
  rows,
  rowKey,
  sort = "",
  onSort,
  openKey,
  onOpen,
  selection,
}: GridProps<Row>) {
  const styles = useStyles();
  const arrows = useArrowNavigationGroup({ axis: "grid-linear", memorizeCurrent: true });
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <div className={styles.scroll} {...arrows}>
      <Table
        size="small"
        aria-label={label}
        style={{ minWidth: `${width + (selection ? CHECK_WIDTH : 0)}px`, tableLayout: "fixed" }}
      >
        <colgroup>
          {selection && <col style={{ width: `${CHECK_WIDTH}px` }} />}
          {columns.map((column) => (
            <col key={column.id} style={{ width: `${(100 * column.width) / width}%` }} />
          ))}
        </colgroup>
        <TableHeader className={styles.head}>
          <TableRow>
            {selection && <HeadCheck rows={rows} rowKey={rowKey} selection={selection} />}
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <TableRow
                key={key}
                className={mergeClasses(
                  styles.row,
                  onOpen && styles.openable,
                  key === openKey && styles.open,
                )}
                onClick={onOpen && ((event) => isPlainClick(event) && onOpen(row))}
              >
                {selection && (
                  <TableCell className={styles.check}>
                    <Checkbox
                      aria-label={`Choose ${selection.nameOf(row)}`}
                      checked={selection.isChosen(key)}
                      onChange={(_, { checked }) => selection.choose([row], checked === true)}
                    />
                  </TableCell>
                )}
                {columns.map((column) => (
                  <TableCell key={column.id} className={mergeClasses(column.isNumber && styles.number)}>
                    <Content>{column.cell(row)}</Content>
                  </TableCell>
                ))}
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </div>
  );
}

interface HeadCheckProps<Row> {
  rows: Row[];
  rowKey: (row: Row) => string;
  selection: Selection<Row>;
}

/** Chooses all rows of the page, or none. */
function HeadCheck<Row>({ rows, rowKey, selection }: HeadCheckProps<Row>) {
  const styles = useStyles();
  const chosen = rows.filter((row) => selection.isChosen(rowKey(row))).length;
  const isAll = chosen === rows.length;
  return (
    <TableHeaderCell className={styles.check}>
      <Checkbox
        aria-label="Choose all on this page"
        checked={isAll ? true : chosen > 0 ? "mixed" : false}
        onChange={() => selection.choose(rows, !isAll)}
      />
    </TableHeaderCell>
  );
}

function Content({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const title = typeof children === "string" ? children : undefined;
  return (
    <div className={styles.content} title={title}>
      {children}
    </div>
  );
}

interface HeadProps<Row> {
  column: Column<Row>;
  sort: string;
  onSort: ((sort: string) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const styles = useStyles();
  const className = mergeClasses(styles.headCell, column.isNumber && styles.numberHead);
  const field = column.sort;
  if (!field || !onSort) return <TableHeaderCell className={className}>{column.label}</TableHeaderCell>;
  const direction = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  const isDescendingFirst = column.isDescendingFirst ?? column.isNumber ?? false;
  return (
    <TableHeaderCell
      sortable
      className={className}
      {...(direction && { sortDirection: direction })}
      onClick={() => onSort(nextSort(sort, field, isDescendingFirst))}
    >
      {column.label}
    </TableHeaderCell>
  );
}

/** A click on a row that is neither meant for something in it nor the end of selecting text. */
function isPlainClick(event: MouseEvent<HTMLElement>): boolean {
  const isForControl =
    event.target instanceof Element &&
    event.target.closest("a, button, input, label, .fui-Checkbox") !== null;
  const isSelecting = (window.getSelection()?.toString() ?? "") !== "";
  return !isForControl && !isSelecting && !event.defaultPrevented;
}
