/** The certificate that the address names under `open`. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { certificateDevicesPath, certificateDevicesQuery, certificateQuery } from "../../api/queries";
import type { CertificateRow } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { InnerList } from "../../ui/InnerList";
import { Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { shortDeviceColumns } from "../devices/columns";
import { answer, certificateName, keyText, NOT_REPORTED, STATUSES } from "./columns";

const TABS = [
  { id: "details", label: "Details" },
  { id: "devices", label: "Installed devices" },
];

export function CertificateFlyout() {
  const { state, change } = useUrl();
  // The last id stays while the panel slides out.
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...certificateQuery(id ?? "", state.groups), enabled: Boolean(state.open) });
  const tab = state.view === "devices" ? "devices" : "details";
  const row = query.data;
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={row ? certificateName(row) : "Certificate"}
      subtitle={row && `${STATUSES[row.status]} · ${format.counted(row.devices, "device")}`}
      onClose={() => change({ open: undefined, view: undefined }, true)}
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "details" ? undefined : next })}
    >
      {id && tab === "devices" ? (
        <InnerList
          key={id}
          label="Installed devices"
          columns={shortDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => certificateDevicesQuery(id, parameters)}
          defaultSort="-exposure_score"
          empty="No device in your scope has it."
          searchLabel="Search devices"
          exportPath={certificateDevicesPath(id)}
        />
      ) : (
        <Result query={query}>{(found) => <Details row={found} />}</Result>
      )}
    </Flyout>
  );
}

function Details({ row }: { row: CertificateRow }) {
  return (
    <>
      <Section title="Details">
        <Facts
          facts={[
            ["Status", STATUSES[row.status]],
            ["Valid from", row.not_before === null ? NOT_REPORTED : format.time(row.not_before)],
            ["Expiration date", row.not_after === null ? NOT_REPORTED : format.time(row.not_after)],
            ["Key", keyText(row)],
            ["Key size", answer(row.is_short_key, ["Short", "Valid"])],
            ["Signature", row.signature ?? NOT_REPORTED],
            ["Signature hash", answer(row.is_weak_signature, ["Weak", "Valid"])],
            ["Self-signed", answer(row.is_self_signed)],
            ["Instances", format.count(row.devices)],
          ]}
        />
      </Section>
      <Section title="Issuing details">
        <Facts
          facts={[
            ["Issued to", row.subject || NOT_REPORTED],
            ["Issued by", row.issuer || NOT_REPORTED],
            ["Serial number", row.serial || NOT_REPORTED],
            ["SHA-256", row.sha256],
          ]}
        />
      </Section>
    </>
  );
}
