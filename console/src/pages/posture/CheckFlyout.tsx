/** The check that the address names under `open`: what complies, why, how, and the devices. */
import { Button, Field, MessageBar, MessageBarBody, Text, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { checkDevicesQuery, checkQuery } from "../../api/postureQueries";
import type { CheckChoice, CheckDetail, CheckValueRow } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { Grid, type Column } from "../../ui/Grid";
import { InnerList } from "../../ui/InnerList";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { shortDeviceColumns } from "../devices/columns";
import { ExceptionWizard } from "../remediation/ExceptionWizard";
import { CATEGORIES, checkStatus, ResultMark } from "./columns";
import { Reasons, Steps } from "./CheckReasons";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "non_compliant", label: "Exposed devices" },
  { id: "compliant", label: "Compliant" },
  { id: "unknown", label: "Not known" },
];
const EXCEPTION = "exception";
const SWITCH_TOPICS = ["checks", "recommendations", "dashboard", "plan"];

export function CheckFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...checkQuery(id ?? "", state.groups), enabled: Boolean(state.open) });
  const check = query.data?.check;
  const isOpen = Boolean(state.open);
  const close = () => change({ open: undefined, view: undefined }, true);
  if (state.view === EXCEPTION && check) {
    return (
      <Flyout isOpen={isOpen} title="Exception" subtitle={check.title} onClose={close}>
        <ExceptionWizard
          subjectKind="recommendation"
          subject={check.recommendation_id}
          software={[]}
          onClose={() => change({ view: undefined })}
        />
      </Flyout>
    );
  }
  const tab = TABS.some((one) => one.id === state.view) ? (state.view ?? "overview") : "overview";
  return (
    <Flyout
      isOpen={isOpen}
      title={check?.title ?? "Check"}
      subtitle={check && [CATEGORIES[check.category], check.subcategory, checkStatus(check)].join(" · ")}
      onClose={close}
      actions={check?.is_enabled && <ExceptionButton />}
      tabs={TABS}
      tab={tab}
      onTab={(next) => change({ view: next === "overview" ? undefined : next })}
    >
      {id && tab !== "overview" ? (
        <InnerList
          key={`${id} ${tab}`}
          label="Devices"
          columns={shortDeviceColumns}
          rowKey={(device) => device.id}
          query={(parameters) => checkDevicesQuery(id, { ...parameters, assessed_as: tab })}
          defaultSort="-exposure_score"
          empty="No such device in your scope."
        />
      ) : (
        <Result query={query} lines={10}>
          {(detail) => <Overview key={detail.check.id} detail={detail} />}
        </Result>
      )}
    </Flyout>
  );
}

function ExceptionButton() {
  const { change } = useUrl();
  const mayExcept = useMay("ActiveRemediation.ExceptionHandling");
  if (!mayExcept) return null;
  return (
    <Button size="small" onClick={() => change({ view: EXCEPTION }, true)}>
      Exception options
    </Button>
  );
}

const valueColumns: Column<CheckValueRow>[] = [
  { id: "value", label: "Value", width: 300, cell: (row) => row.value || "Empty" },
  { id: "result", label: "Result", width: 150, cell: (row) => <ResultMark result={row.result} /> },
  { id: "devices", label: "Devices", width: 90, isNumber: true, cell: (row) => format.count(row.devices) },
];

function Overview({ detail }: { detail: CheckDetail }) {
  const { check } = detail;
  const mayManage = useMay("ManageSecurity");
  return (
    <>
      {!check.is_enabled && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            Switched off by {format.person(detail.decided_by)} on {format.time(detail.decided_at)}:{" "}
            {detail.reason || "no reason given"}. It does not count.
          </MessageBarBody>
        </MessageBar>
      )}
      <Section title="Why">
        <ForeignText text={detail.rationale} />
      </Section>
      <Section title="What to do">
        <Steps steps={detail.remediation} />
        <Text>
          {detail.user_impact
            ? `What people notice: ${detail.user_impact}`
            : "People are not expected to notice it."}
        </Text>
      </Section>
      <Section title="Details">
        <Facts
          facts={[
            ["Complies when", detail.expected],
            ["Setting", detail.setting],
            ["Nothing to set when", detail.not_applicable.join(", ")],
            ["Platform", check.platforms.map(format.system).join(", ")],
            [
              "Exposed devices",
              `${format.count(check.exposed_devices)} of ${format.count(check.applicable_devices)}`,
            ],
            ["After exceptions", format.count(check.exposed_devices_after_exceptions)],
            ["Not known", format.count(check.unknown_devices)],
            ["Weight", `${check.impact} of 10`],
            ["Impact on the secure score", `+${format.points(check.secure_score_impact)} points`],
            ...Object.entries(detail.provided).map(([system, place]): [string, string] => [
              `Told on ${format.system(system)} by`,
              place,
            ]),
          ]}
        />
      </Section>
      <Section title="Values that devices have">
        {detail.values.length === 0 ? (
          <Empty title="No device tells this setting" />
        ) : (
          <Grid label="Values" columns={valueColumns} rows={detail.values} rowKey={(row) => row.value} />
        )}
      </Section>
      <Reasons detail={detail} />
      {mayManage && <Choice detail={detail} />}
    </>
  );
}

/** Switching a check off or on, for all devices. */
function Choice({ detail }: { detail: CheckDetail }) {
  const { check } = detail;
  const [reason, setReason] = useState("");
  const change = useChange(
    (asked: CheckChoice) => send("PUT", `/checks/${encodeURIComponent(check.id)}`, asked),
    SWITCH_TOPICS,
  );
  return (
    <Section title={check.is_enabled ? "Switch it off" : "Switch it on"}>
      <Form
        label="Use of the check"
        submitLabel={check.is_enabled ? "Switch off for all devices" : "Switch on for all devices"}
        change={change}
        isReady={!check.is_enabled || reason.trim() !== ""}
        onSubmit={() =>
          change.mutate(
            { is_enabled: !check.is_enabled, reason: reason.trim() },
            { onSuccess: () => setReason("") },
          )
        }
      >
        {check.is_enabled ? (
          <Field label="Reason" hint="For some devices only, ask for an exception instead." required>
            <Textarea value={reason} maxLength={2000} onChange={(_, { value }) => setReason(value)} />
          </Field>
        ) : (
          <Text>It counts again at once.</Text>
        )}
      </Form>
    </Section>
  );
}
