/**
 * A sign-in link carries its token in the fragment (`/#token=...`), which never reaches a server's log.
 * The token is taken out of the address and its history entry at once and kept in memory until redeemed.
 */
let token: string | null = null;
const listeners = new Set<() => void>();

/** Take a token out of the address, if there is one. */
export function takeToken(): void {
  const found = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (found === null) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  token = found;
  for (const listener of listeners) listener();
}

/** The token that waits for being redeemed. */
export function pendingToken(): string | null {
  return token;
}

export function forgetToken(): void {
  token = null;
  for (const listener of listeners) listener();
}

/** A link opened in a tab that already shows the console changes only the fragment. */
export function subscribeToTokens(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("hashchange", takeToken);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("hashchange", takeToken);
  };
}
