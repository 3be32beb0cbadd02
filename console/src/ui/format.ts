/** Values as people read them. "-" never stands for zero: what is not known is said in words or as an en dash. */

export const UNKNOWN = "–";

const whole = new Intl.NumberFormat("en-GB");
const day = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const minute = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

export function count(value: number | null | undefined): string {
  return value == null ? UNKNOWN : whole.format(value);
}

/** Score 0-100 with one digit. */
export function score(value: number | null): string {
  return value === null ? UNKNOWN : value.toFixed(1);
}

/** CVSS base score, always one digit. */
export function cvss(value: number | null): string {
  return value === null ? UNKNOWN : value.toFixed(1);
}

/** EPSS probability 0-1 as a share; below one in a thousand it is shown as 0. */
export function epss(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value < 0.001 ? "0 %" : `${(value * 100).toFixed(1)} %`;
}

/** Part of a whole, 0-1, as a percentage. */
export function share(value: number): string {
  return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
}

/** Points of score, two digits; tiny ones are named as such. */
export function points(value: number): string {
  if (value > 0 && value < 0.01) return "< 0.01";
  return value.toFixed(2);
}

/** Hazard per device: three significant digits. */
export function hazard(value: number): string {
  return value === 0 ? "0" : value.toPrecision(3);
}

/** RFC 3339 text or a date -> day in UTC; what cannot be read is shown as it came. */
export function date(value: string | null): string {
  return formatted(value, day);
}

/** RFC 3339 text -> day and minute in UTC. */
export function time(value: string | null): string {
  return value === null ? UNKNOWN : `${formatted(value, minute)} UTC`;
}

function formatted(value: string | null, format: Intl.DateTimeFormat): string {
  if (value === null) return UNKNOWN;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? value : format.format(at);
}

const STEPS: [limit: number, divisor: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3_600, 60, "minute"],
  [86_400, 3_600, "hour"],
  [30 * 86_400, 86_400, "day"],
  [365 * 86_400, 30 * 86_400, "month"],
  [Infinity, 365 * 86_400, "year"],
];
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });

/** How long ago, in the largest fitting unit; `now` in milliseconds. */
export function age(value: string | null, now: number): string {
  if (value === null) return "never";
  const at = new Date(value).getTime();
  if (Number.isNaN(at)) return value;
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 10) return "just now";
  for (const [limit, divisor, unit] of STEPS) {
    if (seconds < limit) return relative.format(-Math.floor(seconds / divisor), unit);
  }
  return value;
}

const DAY_MILLISECONDS = 86_400_000;

/** Whole days since a moment; `now` in milliseconds. */
export function days(value: string | null, now: number): string {
  const at = value === null ? NaN : new Date(value).getTime();
  return Number.isNaN(at) ? UNKNOWN : counted(Math.max(0, Math.floor((now - at) / DAY_MILLISECONDS)), "day");
}

const MOMENT = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g;

/** A sentence of the server with its RFC 3339 moments as people read them. */
export function withTimes(text: string): string {
  return text.replace(MOMENT, (found) => time(found));
}

/** Who did something: "user:3:ada" and "internal:0:command line" -> the name. */
export function person(value: string | null): string {
  if (value === null) return UNKNOWN;
  return value.replace(/^(?:user|token|internal):\d+:/, "");
}

const SYSTEMS: Record<string, string> = {
  almalinux: "AlmaLinux",
  alpine: "Alpine",
  amzn: "Amazon Linux",
  arch: "Arch Linux",
  centos: "CentOS",
  debian: "Debian",
  fedora: "Fedora",
  linux: "Linux",
  macos: "macOS",
  ol: "Oracle Linux",
  opensuse: "openSUSE",
  "opensuse-leap": "openSUSE Leap",
  "opensuse-tumbleweed": "openSUSE Tumbleweed",
  rhel: "Red Hat Enterprise Linux",
  rocky: "Rocky Linux",
  sles: "SUSE Linux Enterprise Server",
  ubuntu: "Ubuntu",
  windows: "Windows",
};

/** Id of os-release -> name of the operating system; one that is not known is shown as it came. */
export function system(value: string): string {
  return SYSTEMS[value.toLowerCase()] ?? value;
}

/** "1 device", "3 devices". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

/** os_package -> "Os package": a wire word where no better one is known. */
export function words(value: string): string {
  const text = value.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
