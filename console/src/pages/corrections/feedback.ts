/** Words for what people say besides corrections of findings. */
import type { FeedbackRow } from "../../api/types";

export const FEEDBACK_KINDS: Record<FeedbackRow["kind"], string> = {
  support_wish: "Please assess it",
  software_detail: "A detail of the software is wrong",
  not_installed: "Not installed on any device",
  device_count: "The number of devices is wrong",
  other: "Something else",
};

export const FEEDBACK_STATES: Record<FeedbackRow["state"], string> = {
  open: "Open",
  done: "Done",
  refused: "Refused",
};

/** What can be said in a form; a wish has a button of its own. */
export const FORM_KINDS = ["software_detail", "not_installed", "device_count", "other"] as const;

/** The address of what it is about. */
export function subjectPage(row: Pick<FeedbackRow, "subject_kind" | "subject">) {
  const pages = {
    vulnerability: "/weaknesses",
    software: "/software",
    recommendation: "/recommendations",
  } as const;
  return { to: pages[row.subject_kind], search: { open: row.subject } };
}
