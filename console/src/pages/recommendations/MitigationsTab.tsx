/** What can be done instead of the fix: where somebody says that it is applied, how that is known, and what it takes away. */
import { Button, makeStyles, ProgressBar, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";

import { send } from "../../api/client";
import type { AlternateMitigation, MitigationStatement, RecommendationDetail } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { ExternalLink } from "../../ui/links";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed } from "../../ui/states";
import { MITIGATION_KINDS } from "../remediation/mitigationColumns";
import { OpenWeakness } from "../weaknesses/columns";
import { BluntingChecks } from "./BluntingChecks";
import { MitigationForm } from "./MitigationForm";
import { MITIGATION_TOPICS } from "./topics";

const useStyles = makeStyles({
  mitigation: {
    display: "grid",
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalM} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  progress: { display: "grid", rowGap: tokens.spacingVerticalXS, paddingTop: tokens.spacingVerticalM },
  note: { color: tokens.colorNeutralForeground3 },
});

export function MitigationsTab({ detail }: { detail: RecommendationDetail }) {
  const { mitigations, blunting_checks: checks = [] } = detail;
  return (
    <>
      {mitigations.length > 0 && <MitigationProgress detail={detail} />}
      {mitigations.length === 0 && checks.length === 0 && (
        <Empty title="No source names anything else that can be done">
          Request remediation, or ask for an exception with the reason.
        </Empty>
      )}
      {mitigations.map((one) => (
        <Mitigation key={one.id} one={one} detail={detail} />
      ))}
      {checks.length > 0 && (
        <Section title="Settings that make these attacks harder">
          <BluntingChecks checks={checks} />
        </Section>
      )}
    </>
  );
}

/** A person's word, so it is said beside the exposed devices and never taken off them. */
function MitigationProgress({ detail }: { detail: RecommendationDetail }) {
  const styles = useStyles();
  const { mitigated_devices: done, mitigated_risk_share: share, recommendation } = detail;
  const all = recommendation.exposed_devices;
  const text = `Applied on ${format.count(done)} of ${format.counted(all, "exposed device")}`;
  return (
    <div className={styles.progress}>
      <Text weight="semibold">{text}</Text>
      <ProgressBar value={all === 0 ? 0 : Math.min(1, done / all)} thickness="large" aria-label={text} />
      <Text size={200} className={styles.note}>
        {share > 0 &&
          `This takes away ${format.share(share)} of the recommendation's risk, as far as people say. `}
        No device reports a workaround, so scores stay as they are; an exception for an alternate mitigation
        lowers them.
      </Text>
    </div>
  );
}

interface MitigationProps {
  one: AlternateMitigation;
  detail: RecommendationDetail;
}

function Mitigation({ one, detail }: MitigationProps) {
  const styles = useStyles();
  const mayHandle = useMay("ActiveRemediation.RemediationHandling");
  const [isSaying, setSaying] = useState(false);
  const kind = MITIGATION_KINDS[one.kind];
  return (
    <section className={styles.mitigation} aria-label={`${kind} of ${one.weakness}`}>
      <Text weight="semibold">
        {kind} for <OpenWeakness name={one.weakness} />
      </Text>
      <ForeignText text={one.text} />
      <Facts
        facts={[
          [
            "Takes away",
            one.risk_share > 0
              ? `${format.share(one.risk_share)} of this recommendation's risk where it is applied`
              : "Not known",
          ],
          [
            "Applied",
            one.applied_devices > 0 ? format.counted(one.applied_devices, "exposed device") : "Not yet",
          ],
          ["Due", one.due_on && format.date(one.due_on)],
          ["More", one.url ? <ExternalLink key="more" address={one.url} /> : null],
        ]}
      />
      {one.applied.length > 0 && (
        <Statements
          statements={one.applied}
          recommendationId={detail.recommendation.id}
          mayWithdraw={mayHandle}
        />
      )}
      {mayHandle &&
        (isSaying ? (
          <MitigationForm
            mitigation={one}
            recommendationId={detail.recommendation.id}
            onDone={() => setSaying(false)}
          />
        ) : (
          <div>
            <Button size="small" onClick={() => setSaying(true)}>
              Say that it is applied
            </Button>
          </div>
        ))}
    </section>
  );
}

interface StatementsProps {
  statements: MitigationStatement[];
  recommendationId: string;
  mayWithdraw: boolean;
}

function Statements({ statements, recommendationId, mayWithdraw }: StatementsProps) {
  const withdrawal = useChange(
    (statement_id: number) =>
      send("POST", `/recommendations/${encodeURIComponent(recommendationId)}/mitigations/withdrawal`, {
        statement_id,
      }),
    MITIGATION_TOPICS,
  );
  const withdraw: Column<MitigationStatement> = {
    id: "withdraw",
    label: "Manage",
    width: 130,
    cell: (row) => (
      <RemoveButton
        what={`the statement for ${row.group_name}`}
        label="Take back"
        isPending={withdrawal.isPending}
        onRemove={() => withdrawal.mutate(row.id)}
      />
    ),
  };
  return (
    <>
      {withdrawal.error && <Failed error={withdrawal.error} />}
      <Grid
        label="Where it is applied"
        columns={mayWithdraw ? [...columns, withdraw] : columns}
        rows={statements}
        rowKey={(row) => String(row.id)}
      />
    </>
  );
}

const columns: Column<MitigationStatement>[] = [
  { id: "group", label: "Device group", width: 130, cell: (row) => row.group_name },
  { id: "devices", label: "Devices", width: 75, isNumber: true, cell: (row) => format.count(row.devices) },
  { id: "evidence", label: "How it is known", width: 190, cell: (row) => row.evidence },
  {
    id: "stated",
    label: "Said by",
    width: 180,
    cell: (row) => `${row.stated_by}, ${format.date(row.stated_at)}`,
  },
];
