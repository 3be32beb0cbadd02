/** Devices that may be one, clones and re-images: nothing is merged or split without somebody saying so. */
import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { send } from "../../api/client";
import { identityQuery } from "../../api/settingsQueries";
import type { IdentityRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Bar } from "../../ui/Bar";
import { Facts, Section } from "../../ui/Facts";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Empty, Failed, Result } from "../../ui/states";
import { DeviceLink } from "../devices/columns";
import { MergedDevices } from "./MergedDevices";

const STATES: Record<IdentityRow["state"], string> = {
  open: "To be decided",
  merged: "Merged",
  apart: "Kept apart",
  noted: "Noted",
  undone: "Merge undone",
};
const TOPICS = ["devices", "groups", "dashboard", "software", "weaknesses"];
type Decision = "merge" | "keep_apart" | "undo";

const useStyles = makeStyles({
  finding: {
    display: "grid",
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalM} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
});

export function IdentityTab() {
  const query = useQuery(identityQuery());
  const decide = useChange(
    ({ id, decision }: { id: number; decision: Decision }) =>
      send("POST", `/identity-findings/${id}/decision`, { decision }),
    TOPICS,
  );
  return (
    <>
      <Bar text="Devices that share hardware, clones and re-images. A merge can be undone." />
      <Section level={2} title="Merged devices">
        <MergedDevices topics={TOPICS} />
      </Section>
      <Section level={2} title="What was found">
        {decide.error && <Failed error={decide.error} />}
        <Result query={query}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="Every device is told from every other" />
            ) : (
              rows.map((row) => (
                <Finding
                  key={row.id}
                  row={row}
                  isPending={decide.isPending}
                  onDecide={(decision) => decide.mutate({ id: row.id, decision })}
                />
              ))
            )
          }
        </Result>
      </Section>
    </>
  );
}

interface FindingProps {
  row: IdentityRow;
  isPending: boolean;
  onDecide: (decision: Decision) => void;
}

function Finding({ row, isPending, onDecide }: FindingProps) {
  const styles = useStyles();
  const mayManage = useMay("ManageSecurity");
  const told = (facts: Record<string, string[]>, prefix: string) =>
    Object.entries(facts).map(([name, values]): [string, string] => [
      `${prefix} ${format.words(name).toLowerCase()}`,
      values.join(", "),
    ]);
  return (
    <section className={styles.finding} aria-label={`${row.device.name} ${STATES[row.state]}`}>
      <div className={styles.head}>
        <Text weight="semibold">
          {row.device.is_there ? <DeviceLink device={row.device} /> : row.device.name}
          {row.other && " and "}
          {row.other && (row.other.is_there ? <DeviceLink device={row.other} /> : row.other.name)}
        </Text>
        <Text size={200}>
          {STATES[row.state]} · {format.time(row.found_at)}
        </Text>
        {mayManage && row.state === "open" && row.other && (
          <>
            <Button size="small" disabledFocusable={isPending} onClick={() => onDecide("merge")}>
              Merge
            </Button>
            <Button size="small" disabledFocusable={isPending} onClick={() => onDecide("keep_apart")}>
              Keep apart
            </Button>
          </>
        )}
        {mayManage && row.state === "merged" && (
          <Button size="small" disabledFocusable={isPending} onClick={() => onDecide("undo")}>
            Undo the merge
          </Button>
        )}
      </div>
      <Text>{row.explanation}</Text>
      <Facts
        facts={[
          ...told(row.shared, "Same"),
          ...told(row.differing, "Different"),
          ["Decided by", row.decided_by && format.person(row.decided_by)],
        ]}
      />
    </section>
  );
}
