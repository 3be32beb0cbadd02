/**
 * The tail of the server's changes: makes exactly the answers stale that a change can have touched.
 *
 * The browser resumes a broken stream by the last id itself. Where it gives up (an error status), the
 * stream is opened anew after a pause and everything is read again, because events may have been lost.
 */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

import { API } from "./client";

export type LiveState = "connecting" | "live" | "reconnecting";

/** What is made of devices, software and weaknesses and has no word of its own in the stream. */
const DERIVED = new Set([
  "search",
  "certificates",
  "groups",
  "recommendations",
  "plan",
  "exceptions",
  "remediation",
  "detections",
  "timeline",
  "history",
]);
const MADE_OF = ["devices", "software", "weaknesses"];

const PAUSE_BETWEEN_READS_MS = 1_000;
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** What became stale since the last read. `isAll` outweighs the rest. */
export class Stale {
  private isAll = false;
  private readonly topics = new Set<string>();

  get isEmpty(): boolean {
    return !this.isAll && this.topics.size === 0;
  }

  addAll(): void {
    this.isAll = true;
  }

  add(topics: string[]): void {
    for (const topic of topics) this.topics.add(topic);
  }

  /** True when the answer under this key may have changed. The session has its own ways. */
  touches(key: QueryKey): boolean {
    const topic = key[0];
    if (topic === "session") return false;
    if (this.isAll) return true;
    if (typeof topic !== "string") return false;
    if (DERIVED.has(topic) && MADE_OF.some((one) => this.topics.has(one))) return true;
    return this.topics.has(topic);
  }
}

/**
 * Topics of a `changed` event's data; null when it is not what the contract says. The devices that it
 * names are not used: knowledge and new matches change devices that no event names.
 */
export function parseTopics(data: string): string[] | null {
  try {
    const value: unknown = JSON.parse(data);
    const topics =
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)["topics"] : null;
    return Array.isArray(topics)
      ? topics.filter((topic): topic is string => typeof topic === "string")
      : null;
  } catch {
    return null;
  }
}

/** Follow the stream, telling its state, until the returned function is called. */
export function followChanges(client: QueryClient, onState: (state: LiveState) => void): () => void {
  let source: EventSource | null = null;
  let stale = new Stale();
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = SHORTEST_RETRY_MS;
  let lastRead = 0;
  let isReading = false;

  const readNow = async () => {
    readTimer = undefined;
    // A hidden page is brought up to date when it is looked at.
    if (stale.isEmpty || document.hidden || isReading) return;
    const due = stale;
    stale = new Stale();
    lastRead = Date.now();
    isReading = true;
    // Waiting for the answers keeps a busy stream from cancelling slow reads for ever.
    await client.invalidateQueries({ predicate: (query) => due.touches(query.queryKey) });
    isReading = false;
    if (!stale.isEmpty) readSoon();
  };
  const readSoon = () => {
    readTimer ??= setTimeout(
      () => void readNow(),
      Math.max(0, lastRead + PAUSE_BETWEEN_READS_MS - Date.now()),
    );
  };
  const onVisible = () => void readNow();
  const readAll = () => {
    stale.addAll();
    readSoon();
  };

  const openLater = () => {
    source?.close();
    onState("reconnecting");
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => open(true), retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    // Tells a session that has ended (the gate closes then) from a server that is away.
    void client.invalidateQueries({ queryKey: ["session"] });
  };
  const open = (isAgain: boolean) => {
    source = new EventSource(`${API}/events`);
    source.onopen = () => {
      retryMs = SHORTEST_RETRY_MS;
      onState("live");
      if (isAgain) readAll();
    };
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) openLater();
      else onState("reconnecting");
    };
    source.addEventListener("changed", (event: MessageEvent<string>) => {
      const topics = parseTopics(event.data);
      if (topics) stale.add(topics);
      else stale.addAll();
      readSoon();
    });
    source.addEventListener("reset", readAll);
    // The session or role changed, or the server goes down.
    source.addEventListener("closed", openLater);
  };

  document.addEventListener("visibilitychange", onVisible);
  onState("connecting");
  open(false);
  return () => {
    document.removeEventListener("visibilitychange", onVisible);
    clearTimeout(readTimer);
    clearTimeout(retryTimer);
    source?.close();
  };
}
