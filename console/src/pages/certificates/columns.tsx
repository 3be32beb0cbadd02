import type { CertificateRow } from "../../api/types";
import { optionsOf } from "../../ui/filters";
import { count, date, UNKNOWN } from "../../ui/format";
import type { Column } from "../../ui/Grid";
import { PageLink } from "../../ui/links";
import type { ListDefinition } from "../../ui/ListView";
import { changed } from "../../url/state";

export const NOT_REPORTED = "Not reported";

export const STATUSES: Record<CertificateRow["status"], string> = {
  expired: "Expired",
  expiring_soon: "Expires within 60 days",
  future_dated: "Not valid yet",
  current: "Current",
  not_reported: NOT_REPORTED,
};

/** Yes, no, or that the devices do not tell it; `words` are those of yes and no. */
export function answer(value: boolean | null, words: [yes: string, no: string] = ["Yes", "No"]): string {
  return value === null ? NOT_REPORTED : words[value ? 0 : 1];
}

/** Kind and length of the key: "rsa 2048". */
export function keyText(row: CertificateRow): string {
  return [row.key_type, row.key_bits].filter((part) => part !== null).join(" ") || NOT_REPORTED;
}

/** What makes it a risk, in words; empty where nothing is known to. */
export function risks(row: CertificateRow): string[] {
  return [
    row.status === "expired" ? "Expired" : row.status === "expiring_soon" ? "Expires soon" : "",
    row.is_short_key ? "Short key" : "",
    row.is_weak_signature ? "Weak signature" : "",
    row.is_self_signed ? "Self-signed" : "",
  ].filter(Boolean);
}

export function certificateName(row: CertificateRow): string {
  return row.subject || row.sha256;
}

const columns: Column<CertificateRow>[] = [
  {
    id: "subject",
    label: "Subject",
    width: 230,
    sort: "subject",
    cell: (row) => (
      <PageLink
        to="/certificates"
        search={(state) => changed(state, { open: String(row.id), view: undefined })}
        title={certificateName(row)}
      >
        {certificateName(row)}
      </PageLink>
    ),
  },
  {
    id: "not_after",
    label: "Expiration date",
    width: 130,
    sort: "not_after",
    cell: (row) => (row.not_after === null ? NOT_REPORTED : date(row.not_after)),
  },
  { id: "status", label: "Status", width: 160, cell: (row) => STATUSES[row.status] },
  { id: "key", label: "Key", width: 95, sort: "key_bits", cell: keyText },
  {
    id: "devices",
    label: "Instances",
    width: 95,
    sort: "devices",
    isNumber: true,
    cell: (row) => count(row.devices),
  },
  {
    id: "issuer",
    label: "Issuer",
    width: 200,
    sort: "issuer",
    cell: (row) => <span title={row.issuer}>{row.issuer || NOT_REPORTED}</span>,
  },
  {
    id: "signature",
    label: "Signature",
    width: 130,
    isOptional: true,
    cell: (row) => row.signature ?? NOT_REPORTED,
  },
  {
    id: "risks",
    label: "Risks",
    width: 170,
    cell: (row) => <span title={risks(row).join(", ")}>{risks(row).join(", ") || UNKNOWN}</span>,
  },
];

const UNTOLD = { value: "not_reported", label: NOT_REPORTED };

export const certificateList: ListDefinition<CertificateRow> = {
  noun: ["certificate", "certificates"],
  columns,
  filters: [
    { name: "status", label: "Status", isMultiple: true, options: optionsOf(STATUSES) },
    {
      name: "due",
      label: "Due",
      options: [
        { value: "30", label: "Within 30 days" },
        { value: "60", label: "Within 60 days" },
        { value: "90", label: "Within 90 days" },
      ],
      isMultiple: true,
    },
    { name: "risky", label: "Only risky ones", options: [], switchOn: "yes" },
    {
      name: "self_signed",
      label: "Self-signed",
      isMultiple: true,
      options: [{ value: "yes", label: "Yes" }, { value: "no", label: "No" }, UNTOLD],
    },
    {
      name: "key_size",
      label: "Key size",
      isMultiple: true,
      options: [{ value: "short", label: "Short" }, { value: "valid", label: "Valid" }, UNTOLD],
    },
    {
      name: "signature",
      label: "Signature hash",
      isMultiple: true,
      options: [{ value: "weak", label: "Weak" }, { value: "valid", label: "Valid" }, UNTOLD],
    },
  ],
  searchLabel: "Search certificates",
  defaultSort: "not_after",
  rowKey: (row) => String(row.id),
  empty: "Certificates appear when a device's sensor tells them.",
};
