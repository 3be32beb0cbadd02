import { describe, expect, it } from "vitest";

import type { CertificateRow } from "../../api/types";
import { answer, certificateName, keyText, risks } from "./columns";

const UNTOLD: CertificateRow = {
  id: 1,
  sha256: "ab",
  subject: "",
  issuer: "",
  serial: "",
  not_before: null,
  not_after: null,
  status: "not_reported",
  key_type: null,
  key_bits: null,
  is_short_key: null,
  signature: null,
  is_weak_signature: null,
  is_self_signed: null,
  devices: 1,
};

describe("a certificate", () => {
  it("has no risk that is not reported", () => {
    expect(risks(UNTOLD)).toEqual([]);
    expect(answer(UNTOLD.is_short_key, ["Short", "Valid"])).toBe("Not reported");
    expect(keyText(UNTOLD)).toBe("Not reported");
    expect(certificateName(UNTOLD)).toBe("ab");
  });

  it("names each risk", () => {
    const risky = { ...UNTOLD, status: "expired" as const, is_short_key: true, is_weak_signature: true };
    expect(risks({ ...risky, is_self_signed: true, key_type: "rsa", key_bits: 1024 })).toEqual([
      "Expired",
      "Short key",
      "Weak signature",
      "Self-signed",
    ]);
  });
});
