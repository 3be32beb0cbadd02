/** Rows chosen by check boxes. They stay chosen from page to page of a list, and go when the list goes. */
import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { Dismiss16Regular } from "@fluentui/react-icons";
import { useState, type ReactNode } from "react";

import * as format from "./format";
import type { Selection } from "./Grid";

/** As many as the server takes in one decision. */
export const MOST_CHOSEN = 500;

interface ChosenRows<Row> extends Selection<Row> {
  chosen: Row[];
  clear: () => void;
}

export function useSelection<Row>(
  rowKey: (row: Row) => string,
  nameOf: (row: Row) => string,
): ChosenRows<Row> {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map());
  return {
    chosen: [...rows.values()],
    clear: () => setRows(new Map()),
    isChosen: (key) => rows.has(key),
    choose: (some, isChosen) => setRows(chosenAfter(rows, some, isChosen, rowKey)),
    nameOf,
  };
}

/** Rows after some are chosen or left; never more than MOST_CHOSEN. */
export function chosenAfter<Row>(
  rows: ReadonlyMap<string, Row>,
  some: Row[],
  isChosen: boolean,
  rowKey: (row: Row) => string,
): Map<string, Row> {
  const next = new Map(rows);
  for (const row of some) {
    if (!isChosen) next.delete(rowKey(row));
    else if (next.size < MOST_CHOSEN) next.set(rowKey(row), row);
  }
  return next;
}

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    marginBottom: tokens.spacingVerticalXS,
    backgroundColor: tokens.colorBrandBackground2,
    borderRadius: tokens.borderRadiusMedium,
  },
});

interface SelectionBarProps<Row> {
  noun: [one: string, many: string];
  selection: ChosenRows<Row>;
  actions: (chosen: Row[], clear: () => void) => ReactNode;
}

export function SelectionBar<Row>({ noun, selection, actions }: SelectionBarProps<Row>) {
  const styles = useStyles();
  const { chosen, clear } = selection;
  if (chosen.length === 0) return null;
  return (
    <div className={styles.bar} role="group" aria-label="Chosen rows">
      <Text weight="semibold" role="status">
        {format.counted(chosen.length, ...noun)} chosen{chosen.length === MOST_CHOSEN && ", no more at once"}
      </Text>
      {actions(chosen, clear)}
      <Button appearance="subtle" size="small" icon={<Dismiss16Regular />} onClick={clear}>
        Clear
      </Button>
    </div>
  );
}
