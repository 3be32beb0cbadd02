/** "Selected device groups (x/y)": restricts every page; kept in the address. */
import {
  Button,
  Checkbox,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  SearchBox,
  tokens,
} from "@fluentui/react-components";
import { Filter16Regular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { groupsQuery } from "../api/queries";
import type { GroupRow } from "../api/types";
import { Flyout } from "../ui/Flyout";
import * as format from "../ui/format";
import { parts } from "../url/state";
import { useUrl } from "../url/useUrl";

const MOST_INLINE = 20;

const useStyles = makeStyles({
  // A name stays for screen readers; the sight of it does not fit.
  opener: {
    flexShrink: 0,
    "@media (max-width: 900px)": {
      minWidth: "32px",
      maxWidth: "32px",
      overflow: "hidden",
      fontSize: 0,
      "& .fui-Button__icon": { marginRight: 0 },
    },
  },
  groups: { display: "flex", flexDirection: "column", maxHeight: "60vh", overflowY: "auto" },
  search: { marginBottom: tokens.spacingVerticalS, flexShrink: 0 },
  apply: { marginTop: tokens.spacingVerticalM, alignSelf: "flex-start", flexShrink: 0 },
});

export function GroupFilter() {
  const styles = useStyles();
  const { data: groups } = useQuery(groupsQuery());
  const { state, change } = useUrl();
  const [isOpen, setOpen] = useState(false);
  if (!groups || groups.length === 0) return null;

  const named = new Set(parts(state.groups));
  const chosen = groups.filter((group) => named.size === 0 || named.has(String(group.id)));
  const apply = (next: GroupRow[]) => {
    setOpen(false);
    change({ groups: next.length === groups.length ? undefined : next.map((group) => group.id).join(",") });
  };
  const label = `Selected device groups (${chosen.length}/${groups.length})`;
  const picker = (
    <Picker groups={groups} chosen={chosen} onApply={apply} isLong={groups.length > MOST_INLINE} />
  );
  if (groups.length > MOST_INLINE) {
    return (
      <>
        <Button
          className={styles.opener}
          title={label}
          appearance="subtle"
          size="small"
          icon={<Filter16Regular />}
          onClick={() => setOpen(true)}
        >
          {label}: Edit
        </Button>
        <Flyout isOpen={isOpen} title="Device groups" subtitle={label} onClose={() => setOpen(false)}>
          {picker}
        </Flyout>
      </>
    );
  }
  return (
    <Popover trapFocus open={isOpen} onOpenChange={(_, { open }) => setOpen(open)}>
      <PopoverTrigger disableButtonEnhancement>
        <Button
          className={styles.opener}
          title={label}
          appearance="subtle"
          size="small"
          icon={<Filter16Regular />}
        >
          {label}
        </Button>
      </PopoverTrigger>
      <PopoverSurface aria-label="Device groups">{picker}</PopoverSurface>
    </Popover>
  );
}

interface PickerProps {
  groups: GroupRow[];
  chosen: GroupRow[];
  onApply: (groups: GroupRow[]) => void;
  isLong: boolean;
}

/** Checkboxes on a draft; nothing is asked of the server before "Apply". */
function Picker({ groups, chosen, onApply, isLong }: PickerProps) {
  const styles = useStyles();
  const [text, setText] = useState("");
  const [draft, setDraft] = useState(() => new Set(chosen.map((group) => group.id)));
  const shown = groups.filter((group) => group.name.toLowerCase().includes(text.trim().toLowerCase()));
  const toggle = (id: number, isChosen: boolean) => {
    const next = new Set(draft);
    if (isChosen) next.add(id);
    else next.delete(id);
    setDraft(next);
  };
  return (
    <>
      {isLong && (
        <SearchBox
          className={styles.search}
          placeholder="Search device groups"
          aria-label="Search device groups"
          value={text}
          onChange={(_, data) => setText(data.value)}
        />
      )}
      <div className={styles.groups}>
        <Checkbox
          label="All device groups"
          checked={draft.size === groups.length ? true : draft.size === 0 ? false : "mixed"}
          onChange={(_, { checked }) => setDraft(new Set(checked ? groups.map((group) => group.id) : []))}
        />
        {shown.map((group) => (
          <Checkbox
            key={group.id}
            label={`${group.name} (${format.counted(group.devices, "device")})`}
            checked={draft.has(group.id)}
            onChange={(_, { checked }) => toggle(group.id, checked === true)}
          />
        ))}
      </div>
      <Button
        className={styles.apply}
        appearance="primary"
        disabled={draft.size === 0}
        onClick={() => onApply(groups.filter((group) => draft.has(group.id)))}
      >
        Apply
      </Button>
    </>
  );
}
