/** The one filter bar: search, one menu a filter, columns, export. Everything it sets is in the address. */
import {
  Button,
  Link,
  makeStyles,
  Menu,
  MenuButton,
  MenuItemCheckbox,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  SearchBox,
  Switch,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownload16Regular, ColumnTripleRegular, Dismiss16Regular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";

import { parts, type FilterName, type UrlChanges, type UrlState } from "../url/state";

export interface Filter {
  name: FilterName;
  label: string;
  /** None: the filter is set by links only, shown while it is set, and can be taken away. */
  options: { value: string; label: string }[];
  /** Several values may be chosen; otherwise exactly one, and `standard` is in force when none is. */
  isMultiple?: boolean;
  standard?: string;
  /** The only other value: the filter is a switch. */
  switchOn?: string;
}

interface ColumnChoice {
  id: string;
  label: string;
}

interface FilterBarProps {
  state: UrlState;
  onChange: (changes: UrlChanges) => void;
  filters: Filter[];
  searchLabel: string | undefined;
  /** None where there is no table. */
  columns: ColumnChoice[];
  shownColumns: string[];
  onColumns: (ids: string[]) => void;
  exportUrl: string | undefined;
}

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingBottom: tokens.spacingVerticalS,
  },
  search: { width: "260px" },
  gap: { flexGrow: 1 },
  menu: { maxHeight: "60vh" },
  export: {
    fontSize: tokens.fontSizeBase200,
    display: "inline-flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
  },
  set: { color: tokens.colorBrandForeground1, fontWeight: tokens.fontWeightSemibold },
});

export function FilterBar(props: FilterBarProps) {
  const { state, onChange, filters, searchLabel } = props;
  const styles = useStyles();
  const isFiltered = filters.some(({ name }) => state[name]) || Boolean(state.search);
  const clear = () => {
    const changes: UrlChanges = { search: undefined };
    for (const { name } of filters) changes[name] = undefined;
    onChange(changes);
  };
  return (
    <div className={styles.bar} role="group" aria-label="Filters">
      {searchLabel && (
        <SearchField
          label={searchLabel}
          value={state.search ?? ""}
          onSearch={(search) => onChange({ search })}
        />
      )}
      {filters.map((filter) => (
        <FilterControl
          key={filter.name}
          filter={filter}
          value={state[filter.name]}
          onValue={(value) => onChange({ [filter.name]: value })}
        />
      ))}
      {isFiltered && (
        <Button appearance="subtle" size="small" icon={<Dismiss16Regular />} onClick={clear}>
          Clear filters
        </Button>
      )}
      <span className={styles.gap} />
      {props.columns.length > 0 && <ColumnMenu {...props} />}
      {props.exportUrl && <ExportLink address={props.exportUrl} />}
    </div>
  );
}

/** All rows of a list as a file. */
export function ExportLink({ address }: { address: string }) {
  const styles = useStyles();
  return (
    <Link className={styles.export} href={address} download>
      <ArrowDownload16Regular aria-hidden /> Export CSV
    </Link>
  );
}

const TYPING_PAUSE_MS = 300;

/** A box whose text is told after a pause in the typing. */
export function SearchField({
  label,
  value,
  onSearch,
}: {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}) {
  const styles = useStyles();
  const [text, setText] = useState(value);
  const [lastValue, setLastValue] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (value !== lastValue) {
    // The address changed by other means (back, clear filters).
    setLastValue(value);
    setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(next.trim()), TYPING_PAUSE_MS);
  };
  return (
    <SearchBox
      className={styles.search}
      size="small"
      placeholder={label}
      aria-label={label}
      value={text}
      maxLength={200}
      onChange={(_, data) => type(data.value)}
    />
  );
}

interface FilterMenuProps {
  filter: Filter;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
}

function FilterControl(props: FilterMenuProps) {
  const { filter, value, onValue } = props;
  const on = filter.switchOn;
  if (on !== undefined) {
    return (
      <Switch
        label={filter.label}
        checked={value === on}
        onChange={(_, { checked }) => onValue(checked ? on : undefined)}
      />
    );
  }
  return filter.options.length === 0 ? <LinkedFilter {...props} /> : <FilterMenu {...props} />;
}

function LinkedFilter({ filter, value, onValue }: FilterMenuProps) {
  const styles = useStyles();
  if (!value) return null;
  return (
    <Button size="small" icon={<Dismiss16Regular />} iconPosition="after" onClick={() => onValue(undefined)}>
      <span>
        {filter.label}: <span className={styles.set}>{value}</span>
      </span>
    </Button>
  );
}

function FilterMenu({ filter, value, onValue }: FilterMenuProps) {
  const styles = useStyles();
  const chosen = filter.isMultiple ? parts(value) : [value ?? filter.standard ?? ""];
  const labels = filter.options
    .filter((option) => chosen.includes(option.value))
    .map((option) => option.label);
  const text = labels.length === 0 ? "All" : labels.join(", ");
  const choose = (checked: string[]) => {
    const next = checked.join(",");
    onValue(next === (filter.standard ?? "") ? undefined : next);
  };
  return (
    <Menu
      checkedValues={{ [filter.name]: chosen }}
      onCheckedValueChange={(_, data) => choose(data.checkedItems)}
      persistOnItemClick={filter.isMultiple ?? false}
    >
      <MenuTrigger disableButtonEnhancement>
        <MenuButton appearance="outline" size="small">
          <span>
            {filter.label}: <span className={value ? styles.set : undefined}>{text}</span>
          </span>
        </MenuButton>
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          {filter.options.map((option) =>
            filter.isMultiple ? (
              <MenuItemCheckbox key={option.value} name={filter.name} value={option.value}>
                {option.label}
              </MenuItemCheckbox>
            ) : (
              <MenuItemRadio key={option.value} name={filter.name} value={option.value}>
                {option.label}
              </MenuItemRadio>
            ),
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function ColumnMenu({ columns, shownColumns, onColumns }: FilterBarProps) {
  return (
    <Menu
      checkedValues={{ columns: shownColumns }}
      onCheckedValueChange={(_, data) => onColumns(data.checkedItems)}
      persistOnItemClick
    >
      <MenuTrigger disableButtonEnhancement>
        <MenuButton appearance="subtle" size="small" icon={<ColumnTripleRegular />}>
          Customise columns
        </MenuButton>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {columns.map(({ id, label }, at) => (
            // The first column names the row and stays.
            <MenuItemCheckbox key={id} name="columns" value={id} disabled={at === 0}>
              {label}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
