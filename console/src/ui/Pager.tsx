import { Button, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { ChevronLeft20Regular, ChevronRight20Regular } from "@fluentui/react-icons";

import { PAGE_SIZES } from "../url/state";
import * as format from "./format";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    alignItems: "center",
    justifyContent: "flex-end",
    columnGap: tokens.spacingHorizontalS,
    paddingTop: tokens.spacingVerticalS,
  },
  range: { fontVariantNumeric: "tabular-nums", color: tokens.colorNeutralForeground2 },
});

interface PagerProps {
  total: number;
  page: number;
  pageSize: number;
  onPage: (page: number) => void;
  onPageSize?: (size: number) => void;
}

export function Pager({ total, page, pageSize, onPage, onPageSize }: PagerProps) {
  const styles = useStyles();
  const first = (page - 1) * pageSize + 1;
  const last = Math.min(total, page * pageSize);
  const range =
    first > total ? `none of ${format.count(total)}` : `${first}–${last} of ${format.count(total)}`;
  return (
    <nav aria-label="Pages" className={styles.bar}>
      {onPageSize && (
        <Select
          size="small"
          aria-label="Rows per page"
          value={String(pageSize)}
          onChange={(_, { value }) => onPageSize(Number(value))}
        >
          {PAGE_SIZES.map((size) => (
            <option key={size} value={size}>
              {size} rows
            </option>
          ))}
        </Select>
      )}
      <Text size={200} className={styles.range}>
        {range}
      </Text>
      <Button
        appearance="subtle"
        size="small"
        icon={<ChevronLeft20Regular />}
        aria-label="Previous page"
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      />
      <Button
        appearance="subtle"
        size="small"
        icon={<ChevronRight20Regular />}
        aria-label="Next page"
        disabled={last >= total}
        onClick={() => onPage(page + 1)}
      />
    </nav>
  );
}
