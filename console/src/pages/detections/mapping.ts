/** A mapping as a form fills it in: paths one a line, words as "theirs = ours". */
import type { DetectionMapping } from "../../api/types";

export type PathField = Exclude<
  keyof DetectionMapping,
  "name" | "product" | "items" | "severities" | "statuses"
>;

export const PATH_FIELDS: [name: PathField, label: string, isRequired: boolean][] = [
  ["source_id", "Id of the event", true],
  ["title", "Title", true],
  ["severity", "Severity", false],
  ["status", "Status", false],
  ["description", "Description", false],
  ["category", "Category", false],
  ["rule", "Rule", false],
  ["url", "Link into the product", false],
  ["first_at", "First seen", false],
  ["last_at", "Last seen", false],
  ["device_ids", "Device: ids of Weakspot", false],
  ["device_names", "Device: names", false],
  ["device_hardware", "Device: serial or machine ids", false],
  ["device_addresses", "Device: addresses", false],
  ["vulnerabilities", "Vulnerabilities", false],
  ["techniques", "ATT&CK techniques", false],
  ["paths", "Paths of files", false],
  ["programs", "Programs", false],
  ["user", "User", false],
];

export interface MappingDraft {
  name: string;
  product: string;
  items: string;
  severities: string;
  statuses: string;
  paths: Record<PathField, string>;
}

const SEVERITIES = ["High", "Medium", "Low", "Informational", "Unspecified"];
const STATUSES = ["new", "in_progress", "resolved", "unknown"];

export function mappingDraft(mapping: DetectionMapping | undefined): MappingDraft {
  const paths = Object.fromEntries(
    PATH_FIELDS.map(([field]) => [field, (mapping?.[field] ?? []).join("\n")]),
  ) as MappingDraft["paths"];
  return {
    name: mapping?.name ?? "",
    product: mapping?.product ?? "",
    items: mapping?.items ?? "",
    severities: wordsText(mapping?.severities),
    statuses: wordsText(mapping?.statuses),
    paths,
  };
}

/** What is wrong with a draft, in a sentence; empty when it can be sent. */
export function mappingProblem(draft: MappingDraft): string {
  if (!/^[a-z][a-z0-9_-]{1,39}$/.test(draft.name)) {
    return "The name starts with a letter and has 2 to 40 small letters, digits, - and _.";
  }
  if (!draft.product.trim()) return "Name the product.";
  const missing = PATH_FIELDS.find(
    ([field, , isRequired]) => isRequired && !linesOf(draft.paths[field]).length,
  );
  if (missing) return `${missing[1]} needs at least one path.`;
  return wrongWord(draft.severities, SEVERITIES) || wrongWord(draft.statuses, STATUSES);
}

/** The mapping of a draft that has no problem. */
export function mappingOf(draft: MappingDraft): DetectionMapping {
  const paths = Object.fromEntries(
    PATH_FIELDS.map(([field]) => [field, linesOf(draft.paths[field])]),
  ) as Required<Pick<DetectionMapping, PathField>>;
  return {
    ...paths,
    name: draft.name,
    product: draft.product.trim(),
    items: draft.items.trim(),
    severities: wordsOf(draft.severities) as NonNullable<DetectionMapping["severities"]>,
    statuses: wordsOf(draft.statuses) as NonNullable<DetectionMapping["statuses"]>,
  };
}

function linesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}

function wordsText(words: Record<string, string> | undefined): string {
  return Object.entries(words ?? {})
    .map(([theirs, ours]) => `${theirs} = ${ours}`)
    .join("\n");
}

/** Their words are compared in lower case. */
function wordsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text)
      .map(pairOf)
      .map(([theirs, ours]) => [theirs.toLowerCase(), ours]),
  );
}

function pairOf(line: string): [theirs: string, ours: string] {
  const [theirs = "", ...ours] = line.split("=");
  return [theirs.trim(), ours.join("=").trim()];
}

function wrongWord(text: string, known: string[]): string {
  const wrong = linesOf(text).find((line) => {
    const [theirs, ours] = pairOf(line);
    return !theirs || !known.includes(ours);
  });
  return wrong ? `"${wrong}" is not of the form "their word = ${known.join(" | ")}".` : "";
}
