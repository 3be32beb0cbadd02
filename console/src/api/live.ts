/**
 * The tail of the server's changes: makes exactly the answers stale that a change can have touched.
 *
 * The browser resumes a broken stream by the last id itself. Where it gives up (an error status), the
 * stream is opened anew after a pause and everything is read again, because events may have been lost.
 */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

import { API } from "./client";

export type LiveState = "connecting" | "live" | "reconnecting";

export interface Change {
  topics: string[];
  devices: string[];
}

/** Lists of devices in events are cut here; a full list therefore means "perhaps more". */
const MOST_DEVICES_NAMED = 50;
const PAUSE_BETWEEN_READS_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** What became stale since the last read. `isAll` outweighs the rest. */
export class Stale {
  private isAll = false;
  private readonly topics = new Set<string>();
  private devices: Set<string> | "any" = new Set();

  get isEmpty(): boolean {
    return !this.isAll && this.topics.size === 0;
  }

  addAll(): void {
    this.isAll = true;
  }

  add(change: Change): void {
    for (const topic of change.topics) this.topics.add(topic);
    if (!change.topics.includes("devices") || this.devices === "any") return;
    if (change.devices.length === 0 || change.devices.length >= MOST_DEVICES_NAMED) this.devices = "any";
    else for (const id of change.devices) this.devices.add(id);
  }

  /** True when the answer under this key may have changed. */
  touches(key: QueryKey): boolean {
    const topic = key[0];
    if (topic === "session") return false;
    if (this.isAll) return true;
    // Searches and group sizes are made of devices and software.
    if (topic === "search" || topic === "groups")
      return this.topics.has("devices") || this.topics.has("software");
    if (typeof topic !== "string" || !this.topics.has(topic)) return false;
    const isOfOneDevice = topic === "devices" && key[1] === "of";
    return !isOfOneDevice || this.devices === "any" || this.devices.has(String(key[2]));
  }
}

/** A `changed` event's data; null when it is not what the contract says. */
export function parseChange(data: string): Change | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null) return null;
    const { topics, devices } = value as Record<string, unknown>;
    return { topics: texts(topics), devices: texts(devices) };
  } catch {
    return null;
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

interface Listener {
  onState: (state: LiveState) => void;
  /** The session ended on the server's side. */
  onClosed: () => void;
}

/** Follow the stream until the returned function is called. */
export function followChanges(client: QueryClient, { onState, onClosed }: Listener): () => void {
  let source: EventSource | null = null;
  let stale = new Stale();
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = 1_000;
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

  const open = (isAgain: boolean) => {
    source = new EventSource(`${API}/events`);
    source.onopen = () => {
      retryMs = 1_000;
      onState("live");
      if (isAgain) readAll();
    };
    source.onerror = () => {
      onState("reconnecting");
      if (source?.readyState !== EventSource.CLOSED) return;
      retryTimer = setTimeout(() => open(true), retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      // Tells a session that has ended from a server that is away.
      void client.invalidateQueries({ queryKey: ["session"] });
    };
    source.addEventListener("changed", (event: MessageEvent<string>) => {
      const change = parseChange(event.data);
      if (change) stale.add(change);
      else stale.addAll();
      readSoon();
    });
    source.addEventListener("reset", readAll);
    source.addEventListener("closed", () => {
      source?.close();
      onClosed();
    });
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
