/** A list of people as text: one a line, "name = why". */
import type { HighValueUser } from "../../api/types";

export function usersText(users: HighValueUser[]): string {
  return users.map(({ name, reason }) => (reason ? `${name} = ${reason}` : name)).join("\n");
}

/** Each name once, with its first reason; lines without a name are left out. */
export function usersOf(text: string): HighValueUser[] {
  const found = new Map<string, HighValueUser>();
  for (const line of text.split("\n")) {
    const [first = "", ...rest] = line.split("=");
    const name = first.trim();
    if (name && !found.has(name)) found.set(name, { name, reason: rest.join("=").trim() });
  }
  return [...found.values()];
}
