import { Combobox, makeStyles, Option, OptionGroup, Text, tokens } from "@fluentui/react-components";
import { Search20Regular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";

import { searchQuery } from "../api/queries";
import type { SearchResult } from "../api/types";

const KINDS: [SearchResult["kind"], string][] = [
  ["device", "Devices"],
  ["software", "Software"],
  ["weakness", "Weaknesses"],
];
const SHORTEST_SEARCH = 2;

const useStyles = makeStyles({
  box: {
    width: "min(440px, 40vw)",
    "@media (max-width: 600px)": { flexGrow: 1, flexShrink: 1, minWidth: 0, width: "0" },
    "& input": { minWidth: 0, textOverflow: "ellipsis" },
  },
  icon: { color: tokens.colorNeutralForeground3 },
  detail: { color: tokens.colorNeutralForeground3, marginLeft: tokens.spacingHorizontalS },
});

/** Finds devices, software and weaknesses by name; choosing one opens it. */
export function GlobalSearch() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const isWanted = wanted.length >= SHORTEST_SEARCH;
  const { data: results = [], isFetching } = useQuery({ ...searchQuery(wanted), enabled: isWanted });
  const open = (key: string | undefined) => {
    const result = results.find((candidate) => keyOf(candidate) === key);
    if (!result) return;
    setText("");
    if (result.kind === "device")
      void navigate({ to: "/devices/$deviceId", params: { deviceId: result.id } });
    else if (result.kind === "software") void navigate({ to: "/software", search: { open: result.id } });
    else void navigate({ to: "/weaknesses", search: { open: result.id } });
  };
  return (
    <Combobox
      className={styles.box}
      freeform
      inlinePopup
      size="small"
      expandIcon={<Search20Regular className={styles.icon} />}
      placeholder="Search devices, software and weaknesses"
      aria-label="Search devices, software and weaknesses"
      value={text}
      selectedOptions={[]}
      onChange={(event) => setText(event.target.value)}
      onOptionSelect={(_, { optionValue }) => open(optionValue)}
    >
      {isWanted &&
        KINDS.map(([kind, label]) => {
          const hits = results.filter((result) => result.kind === kind);
          if (hits.length === 0) return null;
          return (
            <OptionGroup key={kind} label={label}>
              {hits.map((hit) => (
                <Option key={keyOf(hit)} value={keyOf(hit)} text={hit.label} checkIcon={null}>
                  <span>
                    {hit.label}
                    <Text size={200} className={styles.detail}>
                      {hit.detail}
                    </Text>
                  </span>
                </Option>
              ))}
            </OptionGroup>
          );
        })}
      {results.length === 0 && (
        <Option disabled value="" text="" checkIcon={null}>
          {hint(isWanted, isFetching)}
        </Option>
      )}
    </Combobox>
  );
}

function keyOf(result: SearchResult): string {
  return `${result.kind}/${result.id}`;
}

function hint(isWanted: boolean, isFetching: boolean): string {
  if (!isWanted) return "Type at least two characters";
  return isFetching ? "Searching" : "Nothing found";
}
