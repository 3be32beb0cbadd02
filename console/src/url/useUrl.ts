import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

import { changed, readUrlState, type UrlChanges, type UrlState } from "./state";

interface Url {
  state: UrlState;
  /** Change the address of this page; `isStep` adds an entry to the history (flyouts, tabs, pages). */
  change: (changes: UrlChanges, isStep?: boolean) => void;
}

/** The state that the address of the open page holds. */
export function useUrl(): Url {
  const state = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (changes: UrlChanges, isStep = false) => {
      void navigate({
        to: ".",
        search: (previous: Record<string, unknown>) => changed(readUrlState(previous), changes),
        replace: !isStep,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return { state, change };
}
