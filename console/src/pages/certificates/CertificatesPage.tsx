/** Certificates of the devices: how many are a risk, the list, and the one that the address names. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { certificatesQuery, certificateSummaryQuery } from "../../api/queries";
import type { CertificateSummary } from "../../api/types";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import { ListView } from "../../ui/ListView";
import { PageFrame } from "../../ui/PageFrame";
import { Result } from "../../ui/states";
import type { UrlState } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { CertificateFlyout } from "./CertificateFlyout";
import { certificateList } from "./columns";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalXXL,
    rowGap: tokens.spacingVerticalXS,
    paddingBottom: tokens.spacingVerticalM,
  },
});

export function CertificatesPage() {
  const { state, change } = useUrl();
  const query = useQuery(certificateSummaryQuery(state.groups));
  return (
    <PageFrame title="Certificates" isSurface>
      <Result query={query} lines={1}>
        {(summary) => <Head summary={summary} />}
      </Result>
      <ListView
        list={certificateList}
        path="/certificates"
        query={certificatesQuery}
        onOpen={(row) => change({ open: String(row.id), view: undefined }, true)}
      />
      <CertificateFlyout />
    </PageFrame>
  );
}

function Head({ summary }: { summary: CertificateSummary }) {
  const styles = useStyles();
  const figures: [label: string, value: number, search: UrlState][] = [
    ["Risky certificates", summary.risky, { risky: "yes" }],
    ["Expired", summary.expired, { status: "expired" }],
    ["Expire within 60 days", summary.due_in_60_days, { due: "60" }],
    ["Short keys", summary.short_keys, { key_size: "short" }],
    ["Weak signatures", summary.weak_signatures, { signature: "weak" }],
    ["Self-signed", summary.self_signed, { self_signed: "yes" }],
  ];
  return (
    <div className={styles.head}>
      {figures.map(([label, value, search]) => (
        <PageLink key={label} to="/certificates" search={search}>
          {label}: {format.count(value)}
        </PageLink>
      ))}
      <Text>
        {format.count(summary.devices_reporting)} of {format.counted(summary.devices, "device")} tell their
        certificates
      </Text>
    </div>
  );
}
