/** The only place that calls the server. */

export const API = "/api/v1";

export type Parameters = Record<string, string | number | undefined>;

/** Problem details (RFC 9457) as an error; `status` is 0 when the server could not be reached. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
    this.name = "ApiProblem";
  }
}

let csrfToken = "";

/** The token of the session in force; sent with every call that changes something. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Address of a call; parameters without a value are left out. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${API}${path}?${text}` : `${API}${path}`;
}

/** Read one resource. Raises ApiProblem. */
export function get<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", apiUrl(path, parameters), undefined, signal);
}

/** Change something. Raises ApiProblem. */
export function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const sent = body === undefined ? undefined : { type: "application/json", content: JSON.stringify(body) };
  return call<T>(method, apiUrl(path), sent);
}

/** Send a file as it is. Raises ApiProblem. */
export function upload<T>(
  path: string,
  file: Blob,
  parameters: Parameters = {},
  type = "application/json",
): Promise<T> {
  return call<T>("POST", apiUrl(path, parameters), { type, content: file });
}

interface Body {
  type: string;
  content: string | Blob;
}

async function call<T>(method: string, url: string, body?: Body, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body) headers["Content-Type"] = body.type;
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  const options: RequestInit = { method, headers, credentials: "same-origin", redirect: "error" };
  if (body) options.body = body.content;
  if (signal) options.signal = signal;
  let answer: Response;
  try {
    answer = await fetch(url, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(
      0,
      "No connection",
      "The Weakspot server does not answer. It is tried again by itself.",
    );
  }
  if (!answer.ok) throw await problemOf(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const fallback = `The server answered with status ${answer.status}.`;
  try {
    const body: unknown = await answer.json();
    const field = (name: string) => {
      const value = (body as Record<string, unknown> | null)?.[name];
      return typeof value === "string" ? value : "";
    };
    return new ApiProblem(answer.status, field("title") || "Error", field("detail") || fallback);
  } catch {
    return new ApiProblem(answer.status, "Error", fallback);
  }
}
