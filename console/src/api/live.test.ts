import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { followChanges, parseTopics, Stale, type LiveState } from "./live";

/** An event stream whose events the test makes. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  give(type: string, data: unknown = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  fail(isFinal: boolean): void {
    if (isFinal) this.readyState = Stream.CLOSED;
    this.onerror?.();
  }
}

const KEYS = [["dashboard"], ["weaknesses", "list"], ["devices", "list"], ["devices", "of", "a"]];

describe("what a change makes stale", () => {
  const touched = (stale: Stale) => KEYS.filter((key) => stale.touches(key)).map((key) => key.join("/"));

  it("is the topics it names", () => {
    const stale = new Stale();
    stale.add(["devices", "dashboard"]);
    expect(touched(stale)).toEqual(["dashboard", "devices/list", "devices/of/a"]);
  });

  it("is everything but the session after a reset", () => {
    const stale = new Stale();
    stale.addAll();
    expect(touched(stale)).toHaveLength(KEYS.length);
    expect(stale.touches(["session"])).toBe(false);
  });

  it.each(["not json", "null", "[]", '{"topics": "devices"}'])("is not guessed from %s", (data) => {
    expect(parseTopics(data)).toBeNull();
  });
});

describe("following the stream", () => {
  let client: QueryClient;
  let states: LiveState[];
  let stop: () => void;
  const stream = () => Stream.all.at(-1) as Stream;
  const isStale = (key: string[]) => client.getQueryState(key)?.isInvalidated;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", Stream);
    Stream.all = [];
    states = [];
    client = new QueryClient();
    for (const key of [...KEYS, ["session"]]) client.setQueryData(key, 1);
    stop = followChanges(client, (state) => states.push(state));
  });
  afterEach(() => {
    stop();
    client.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("reads again what a change touched, and nothing else", async () => {
    stream().onopen?.();
    stream().give("changed", { topics: ["weaknesses"], devices: [] });
    await vi.advanceTimersByTimeAsync(0);
    expect(isStale(["weaknesses", "list"])).toBe(true);
    expect(isStale(["devices", "list"])).toBe(false);
    expect(states).toEqual(["connecting", "live"]);
  });

  it("joins the changes of a busy second into one read", async () => {
    const read = vi.spyOn(client, "invalidateQueries");
    for (let at = 0; at < 200; at += 1) {
      stream().give("changed", { topics: ["devices"], devices: [] });
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(read.mock.calls.length).toBeLessThanOrEqual(3);
  });

  it("opens the stream anew when the browser gives up, and then reads everything", async () => {
    stream().onopen?.();
    stream().fail(true);
    expect(states.at(-1)).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(Stream.all).toHaveLength(2);
    stream().onopen?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states.at(-1)).toBe("live");
    expect(isStale(["dashboard"])).toBe(true);
  });

  it("leaves the reconnecting to the browser while that tries itself", async () => {
    stream().fail(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Stream.all).toHaveLength(1);
  });

  it("asks for the session when the server closes the stream, and comes back", async () => {
    stream().give("closed");
    expect(stream().readyState).toBe(Stream.CLOSED);
    expect(isStale(["session"])).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(Stream.all).toHaveLength(2);
  });

  it("ends with the page", async () => {
    stream().fail(true);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Stream.all).toHaveLength(1);
  });
});
