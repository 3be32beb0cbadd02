import { makeStyles, Text, tokens, Tooltip } from "@fluentui/react-components";
import { ArrowSync16Regular, PulseSquareRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { followChanges, type LiveState } from "../api/live";

const LABELS: Record<LiveState, [label: string, meaning: string]> = {
  connecting: ["Connecting", "The stream of changes is being opened."],
  live: ["Live", "Changes appear by themselves."],
  reconnecting: ["Reconnecting", "The server does not answer. What you see may be old until it does."],
};

const useStyles = makeStyles({
  mark: { display: "inline-flex", alignItems: "center", columnGap: tokens.spacingHorizontalXS },
  label: { "@media (max-width: 600px)": { display: "none" } },
  live: { color: tokens.colorPaletteGreenForeground1 },
  away: { color: tokens.colorPaletteDarkOrangeForeground1 },
});

/** Follows the changes while the shell is there and shows whether the stream stands. */
export function LiveIndicator() {
  const styles = useStyles();
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => followChanges(client, setState), [client]);
  const [label, meaning] = LABELS[state];
  const Icon = state === "live" ? PulseSquareRegular : ArrowSync16Regular;
  return (
    <Tooltip content={meaning} relationship="description">
      <span className={styles.mark} role="status" data-live={state}>
        <Icon className={state === "live" ? styles.live : styles.away} aria-hidden />
        <Text size={200} className={styles.label}>
          {label}
        </Text>
      </span>
    </Tooltip>
  );
}
