import { webDarkTheme, webLightTheme, type Theme } from "@fluentui/react-components";
import { useSyncExternalStore } from "react";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(onChange: () => void): () => void {
  dark.addEventListener("change", onChange);
  return () => dark.removeEventListener("change", onChange);
}

/** Light or dark as the system says, also when it changes its mind. */
export function useSystemTheme(): Theme {
  return useSyncExternalStore(subscribe, () => dark.matches) ? webDarkTheme : webLightTheme;
}
