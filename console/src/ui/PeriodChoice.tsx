/** Chooses a period, or a first and a last day; the choice is in the address. */
import { Button, Input, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";

import { useUrl } from "../url/useUrl";
import { CUSTOM, daysChange, periodChange, PERIODS, rangeOf } from "./period";

const useStyles = makeStyles({
  choice: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
});

export function PeriodChoice() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const { period } = rangeOf(state);
  const [isChoosing, setChoosing] = useState(false);
  const isCustom = isChoosing || period === undefined;
  return (
    <div className={styles.choice} role="group" aria-label="Time shown">
      <Select
        size="small"
        aria-label="Period"
        value={isCustom ? CUSTOM : period}
        onChange={(_, { value }) => {
          setChoosing(value === CUSTOM);
          if (value !== CUSTOM) change(periodChange(value));
        }}
      >
        {Object.entries(PERIODS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        <option value={CUSTOM}>Custom days</option>
      </Select>
      {isCustom && <DayRange key={`${state.since ?? ""} ${state.until ?? ""}`} />}
    </div>
  );
}

/** A first and a last day, each of which may be left open; in force when they are sent. */
export function DayRange() {
  const styles = useStyles();
  const { state, change } = useUrl();
  const [since, setSince] = useState(state.since ?? "");
  const [until, setUntil] = useState(state.until ?? "");
  return (
    <form
      className={styles.choice}
      aria-label="Days"
      onSubmit={(event) => {
        event.preventDefault();
        change(daysChange(since, until), true);
      }}
    >
      <Input
        size="small"
        type="date"
        aria-label="First day"
        contentBefore={<Text size={200}>From</Text>}
        value={since}
        onChange={(_, { value }) => setSince(value)}
      />
      <Input
        size="small"
        type="date"
        aria-label="Last day"
        contentBefore={<Text size={200}>To</Text>}
        value={until}
        onChange={(_, { value }) => setUntil(value)}
      />
      <Button size="small" type="submit">
        Show these days
      </Button>
    </form>
  );
}
