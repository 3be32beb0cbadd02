/** The profile that the address names under `open`: facts, settings, devices; changing it, or writing a new one. */
import { Button, makeStyles, Select, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { baselineDevicesQuery, baselineQuery } from "../../api/postureQueries";
import { groupsQuery } from "../../api/queries";
import type { BaselineDetail } from "../../api/types";
import { Facts, ForeignText } from "../../ui/Facts";
import { FilesMenu } from "../../ui/FilesMenu";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { useChange } from "../../ui/Form";
import { Grid } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { RemoveButton } from "../../ui/RemoveButton";
import { Empty, Failed, Notice, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { groupsText } from "../settings/permissions";
import { BASELINE_TOPICS, BaselineWizard } from "./BaselineWizard";
import { baselineDeviceColumns, benchmarkText, configurationColumns, systemsText } from "./columns";
import { draftOf, NEW_PROFILE } from "./profileRequest";

export const NEW = "new";
const EDIT = "edit";
const TABS = [
  { id: "overview", label: "Overview" },
  { id: "settings", label: "Settings" },
  { id: "devices", label: "Devices" },
];

export function BaselineFlyout({ mayManage }: { mayManage: boolean }) {
  const { state, change } = useUrl();
  const close = () => change({ open: undefined, view: undefined }, true);
  if (state.open === NEW) {
    return (
      <Flyout isOpen={mayManage} title="New profile" onClose={close}>
        <BaselineWizard
          id={undefined}
          draft={NEW_PROFILE}
          onCancel={close}
          onDone={(made) => change({ open: made.baseline.id, view: undefined }, true)}
        />
      </Flyout>
    );
  }
  return <OneBaseline mayManage={mayManage} onClose={close} />;
}

function OneBaseline({ mayManage, onClose }: { mayManage: boolean; onClose: () => void }) {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...baselineQuery(id ?? "", state.groups), enabled: Boolean(state.open) });
  const row = query.data?.baseline;
  const isEdit = state.view === EDIT && mayManage;
  const removal = useChange(
    (baselineId: string) => send("DELETE", `/baselines/${encodeURIComponent(baselineId)}`),
    BASELINE_TOPICS,
  );
  const tab = TABS.find((one) => one.id === state.view)?.id ?? "overview";
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={row?.name ?? "Profile"}
      subtitle={row && [systemsText(row), benchmarkText(row)].filter(Boolean).join(" · ")}
      onClose={onClose}
      actions={
        mayManage &&
        row &&
        !isEdit && (
          <>
            <Button size="small" onClick={() => change({ view: EDIT }, true)}>
              Change
            </Button>
            <RemoveButton
              what={row.name}
              label="Delete"
              isPending={removal.isPending}
              onRemove={() => removal.mutate(row.id, { onSuccess: onClose })}
            />
          </>
        )
      }
      {...(!isEdit && {
        tabs: TABS,
        tab,
        onTab: (next: string) => change({ view: next === "overview" ? undefined : next }),
      })}
    >
      {removal.error && <Failed error={removal.error} />}
      {isEdit && id ? (
        <Edit key={id} id={id} />
      ) : (
        <Result query={query} lines={10}>
          {(detail) => {
            if (tab === "settings") return <Settings detail={detail} />;
            if (tab === "devices") return <Devices key={detail.baseline.id} detail={detail} />;
            return <Overview detail={detail} />;
          }}
        </Result>
      )}
    </Flyout>
  );
}

/** Reads the profile whole: the groups chosen for the page would hide some of its own. */
function Edit({ id }: { id: string }) {
  const { change } = useUrl();
  const query = useQuery(baselineQuery(id));
  const done = () => change({ view: undefined }, true);
  return (
    <Result query={query} lines={8}>
      {(detail) => (
        <>
          <MissingChecks detail={detail} isEdit />
          <BaselineWizard id={id} draft={draftOf(detail)} onCancel={done} onDone={done} />
        </>
      )}
    </Result>
  );
}

function MissingChecks({ detail, isEdit = false }: { detail: BaselineDetail; isEdit?: boolean }) {
  if (detail.missing_checks.length === 0) return null;
  return (
    <Notice intent="warning" title="Some checks are gone">
      {`The catalogue no longer has ${detail.missing_checks.join(", ")}. They count nowhere${isEdit ? ", and leave the profile when it is saved" : ""}.`}
    </Notice>
  );
}

function Overview({ detail }: { detail: BaselineDetail }) {
  const { baseline } = detail;
  const { data: groups = [] } = useQuery(groupsQuery());
  const names = new Map(groups.map((group) => [group.id, group.name]));
  return (
    <>
      {!baseline.is_enabled && (
        <Notice intent="info">The profile is disabled: no device is judged by it.</Notice>
      )}
      <MissingChecks detail={detail} />
      {baseline.description && <ForeignText text={baseline.description} />}
      <Facts
        facts={[
          [
            "Compliant devices",
            `${format.count(baseline.compliant_devices)} of ${format.count(baseline.devices)}`,
          ],
          ["Not compliant", format.count(baseline.non_compliant_devices)],
          ["Not known", format.count(baseline.unknown_devices)],
          ["Settings", format.count(baseline.settings)],
          ["Device groups", groupsText(baseline.groups, names)],
          ["Tags", baseline.tags.join(" or ") || "Any or none"],
          ["Written by", `${format.person(baseline.created_by)}, ${format.time(baseline.created_at)}`],
          [
            "Changed by",
            baseline.changed_by &&
              `${format.person(baseline.changed_by)}, ${format.time(baseline.changed_at)}`,
          ],
        ]}
      />
    </>
  );
}

function Settings({ detail }: { detail: BaselineDetail }) {
  return (
    <>
      <MissingChecks detail={detail} />
      {detail.configurations.length === 0 ? (
        <Empty title="None of the profile's checks is in the catalogue" />
      ) : (
        <Grid
          label="Settings"
          columns={configurationColumns}
          rows={detail.configurations}
          rowKey={(row) => row.check_id}
        />
      )}
    </>
  );
}

const STANDINGS = {
  "": "All devices",
  non_compliant: "Not compliant",
  compliant: "Compliant",
  unknown: "Not known",
};

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingBottom: tokens.spacingVerticalS,
  },
  setting: { minWidth: 0, maxWidth: "100%", "& select": { maxWidth: "340px", textOverflow: "ellipsis" } },
});

function Devices({ detail }: { detail: BaselineDetail }) {
  const styles = useStyles();
  const { state } = useUrl();
  const { id } = detail.baseline;
  const [compliance, setCompliance] = useState("");
  const [configuration, setConfiguration] = useState("");
  const asked = { compliance: compliance || undefined, configuration: configuration || undefined };
  return (
    <>
      <div className={styles.bar} role="group" aria-label="Filters">
        <Select
          size="small"
          aria-label="Compliance"
          value={compliance}
          onChange={(_, { value }) => setCompliance(value)}
        >
          {Object.entries(STANDINGS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <Select
          size="small"
          className={styles.setting}
          aria-label="Judged by"
          value={configuration}
          onChange={(_, { value }) => setConfiguration(value)}
        >
          <option value="">By the whole profile</option>
          {detail.configurations.map((one) => (
            <option key={one.check_id} value={one.check_id}>
              {one.title}
            </option>
          ))}
        </Select>
        <FilesMenu
          label="Export"
          files={[
            {
              label: "These devices (CSV)",
              path: `/baselines/${encodeURIComponent(id)}/devices`,
              parameters: { ...asked, groups: state.groups, format: "csv" },
            },
          ]}
        />
      </div>
      <InnerList
        key={`${compliance} ${configuration}`}
        label="Devices"
        columns={baselineDeviceColumns}
        rowKey={(row) => row.id}
        query={(parameters) => baselineDevicesQuery(id, { ...parameters, ...asked })}
        defaultSort="-failing_settings"
        empty={
          detail.baseline.is_enabled
            ? "No such device in your scope."
            : "The profile is disabled: no device is judged by it."
        }
      />
    </>
  );
}
