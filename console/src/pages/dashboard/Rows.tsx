import { Grid, type Column } from "../../ui/Grid";
import { Empty } from "../../ui/states";

interface RowsProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
}

/** The few rows of a card. */
export function Rows<Row>(props: RowsProps<Row>) {
  return props.rows.length === 0 ? <Empty title="Nothing to show yet" /> : <Grid {...props} />;
}
