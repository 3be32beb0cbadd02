/** SSVC decisions: per weakness and device group, by CISA's tree and by the deployer's. */
import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { ssvcListQuery, ssvcQuery } from "../../api/threatQueries";
import type { SsvcDetail, SsvcRow } from "../../api/types";
import { Facts } from "../../ui/Facts";
import { optionsOf } from "../../ui/filters";
import * as format from "../../ui/format";
import { ListView, type ListDefinition } from "../../ui/ListView";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { OpenWeakness, severityFilter } from "./columns";

const CISA: Record<SsvcRow["cisa"], string> = {
  act: "Act",
  attend: "Attend",
  "track*": "Track*",
  track: "Track",
};
const DEPLOYER: Record<SsvcRow["deployer"], string> = {
  immediate: "Immediate",
  "out-of-cycle": "Out of cycle",
  scheduled: "Scheduled",
  defer: "Defer",
};
const list: ListDefinition<SsvcRow> = {
  noun: ["decision", "decisions"],
  columns: [
    {
      id: "name",
      label: "Weakness",
      width: 160,
      sort: "name",
      cell: (row) => <OpenWeakness name={row.vulnerability} />,
    },
    { id: "group", label: "Device group", width: 180, cell: (row) => row.group_name },
    { id: "cisa", label: "CISA's tree", width: 110, cell: (row) => CISA[row.cisa] },
    { id: "deployer", label: "Deployer's tree", width: 130, cell: (row) => DEPLOYER[row.deployer] },
    {
      id: "devices",
      label: "Exposed devices",
      width: 130,
      sort: "exposed_devices",
      isNumber: true,
      cell: (row) => format.count(row.exposed_devices),
    },
    { id: "exploitation", label: "Exploitation", width: 110, cell: (row) => format.words(row.exploitation) },
    { id: "automatable", label: "Automatable", width: 100, cell: (row) => format.words(row.automatable) },
    {
      id: "technical_impact",
      label: "Technical impact",
      width: 130,
      cell: (row) => format.words(row.technical_impact),
    },
    { id: "exposure", label: "Exposure", width: 100, cell: (row) => format.words(row.exposure) },
    { id: "mission", label: "Mission", width: 110, cell: (row) => format.words(row.mission) },
    {
      id: "human_impact",
      label: "Human impact",
      width: 110,
      isOptional: true,
      cell: (row) => format.words(row.human_impact),
    },
  ],
  filters: [
    { name: "cisa", label: "CISA's tree", isMultiple: true, options: optionsOf(CISA) },
    { name: "deployer", label: "Deployer's tree", isMultiple: true, options: optionsOf(DEPLOYER) },
    severityFilter,
  ],
  defaultSort: "-hazard",
  rowKey: (row) => `${row.vulnerability} ${row.group_id}`,
  empty: "Decisions are made about weaknesses that some device is exposed to.",
};

export function SsvcList() {
  return <ListView list={list} path="/ssvc" query={ssvcListQuery} />;
}

const useStyles = makeStyles({
  group: {
    display: "grid",
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalM} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  head: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "center" },
});

export function SsvcTab({ name }: { name: string }) {
  const { state } = useUrl();
  const query = useQuery(ssvcQuery(name, state.groups));
  return (
    <Result query={query}>
      {(decisions) =>
        decisions.length === 0 ? (
          <Empty title="No device in your scope is exposed, so there is nothing to decide" />
        ) : (
          decisions.map((decision) => <Decision key={decision.row.group_id} decision={decision} />)
        )
      }
    </Result>
  );
}

function Decision({ decision }: { decision: SsvcDetail }) {
  const styles = useStyles();
  const { row, points } = decision;
  return (
    <section className={styles.group} aria-label={row.group_name}>
      <div className={styles.head}>
        <Text weight="semibold">{row.group_name}</Text>
        <Badge appearance="outline">CISA: {CISA[row.cisa]}</Badge>
        <Badge appearance="outline">Deployer: {DEPLOYER[row.deployer]}</Badge>
        <Text size={200}>{format.counted(row.exposed_devices, "exposed device")}</Text>
      </div>
      <Facts
        facts={points.map((point) => [
          format.words(point.name),
          `${format.words(point.value)}: ${point.reason}${point.is_assumed ? " (assumed)" : ""}`,
        ])}
      />
    </section>
  );
}
