import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { certificateSummaryQuery } from "../../api/queries";
import type { CertificateSummary } from "../../api/types";
import { Card } from "../../ui/Card";
import * as format from "../../ui/format";
import { PageLink } from "../../ui/links";
import { Empty, Result } from "../../ui/states";
import type { UrlState } from "../../url/state";

const useStyles = makeStyles({
  // Its neighbour may be a long list.
  half: { gridColumn: "span 6", alignSelf: "start" },
  figures: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(110px, 1fr))",
    gap: tokens.spacingVerticalM,
  },
  figure: { display: "grid", alignContent: "center" },
  value: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
  note: { color: tokens.colorNeutralForeground3 },
});

/** Read apart from the rest of the dashboard. */
export function CertificatesCard({ groups }: { groups: string | undefined }) {
  const styles = useStyles();
  const query = useQuery(certificateSummaryQuery(groups));
  return (
    <Card
      className={styles.half}
      title="Expiring certificates"
      more={<PageLink to="/certificates">View all</PageLink>}
    >
      <Result query={query} lines={3}>
        {(summary) =>
          summary.devices_reporting === 0 ? (
            <Empty title="Not reported">No device in your scope tells its certificates.</Empty>
          ) : (
            <Figures summary={summary} />
          )
        }
      </Result>
    </Card>
  );
}

function Figures({ summary }: { summary: CertificateSummary }) {
  const styles = useStyles();
  const figures: [label: string, value: number, search: UrlState][] = [
    ["Expired", summary.expired, { status: "expired" }],
    ["Due in 30 days", summary.due_in_30_days, { due: "30" }],
    ["Due in 60 days", summary.due_in_60_days, { due: "60" }],
    ["Due in 90 days", summary.due_in_90_days, { due: "90" }],
  ];
  return (
    <>
      <div className={styles.figures}>
        {figures.map(([label, value, search]) => (
          <div key={label} className={styles.figure}>
            <Text size={200}>{label}</Text>
            <span className={styles.value}>
              <PageLink to="/certificates" search={search}>
                {format.count(value)}
              </PageLink>
            </span>
          </div>
        ))}
      </div>
      <Text size={200} className={styles.note}>
        Of {format.counted(summary.certificates, "certificate")} on{" "}
        {format.counted(summary.devices_reporting, "device")}
        {summary.devices_reporting < summary.devices &&
          `; not reported by ${format.count(summary.devices - summary.devices_reporting)} of ${format.counted(summary.devices, "device")}`}
        {summary.expiry_not_reported > 0 &&
          `; ${format.count(summary.expiry_not_reported)} without an expiration date`}
      </Text>
    </>
  );
}
