/** What a statement about a mitigation changes. */
export const MITIGATION_TOPICS = ["recommendations", "remediation"];
