/** The detection that the address names under `open`, what it hangs on, and what people say of it. */
import {
  Badge,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { send } from "../../api/client";
import { detectionQuery } from "../../api/threatQueries";
import type { DetectionDecision, DetectionDetail } from "../../api/types";
import { useMay } from "../../app/access";
import { Facts, ForeignText, Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import * as format from "../../ui/format";
import { Form, useChange } from "../../ui/Form";
import { ExternalLink, PageLink } from "../../ui/links";
import { Empty, Result } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { DeviceLink } from "../devices/columns";
import { OpenWeakness } from "../weaknesses/columns";
import { CLASSIFICATIONS, DetectionSeverityMark, STATUSES } from "./columns";

const useStyles = makeStyles({
  reasons: {
    display: "grid",
    rowGap: tokens.spacingVerticalM,
    margin: 0,
    padding: 0,
    listStyleType: "none",
  },
  reason: { display: "grid", rowGap: tokens.spacingVerticalXXS },
});

export function DetectionFlyout() {
  const { state, change } = useUrl();
  const [id, setId] = useState(state.open);
  if (state.open && state.open !== id) setId(state.open);
  const query = useQuery({ ...detectionQuery(id ?? ""), enabled: Boolean(state.open) });
  const detection = query.data?.detection;
  return (
    <Flyout
      isOpen={Boolean(state.open)}
      title={detection?.title || "Detection"}
      subtitle={detection && `${detection.product} · ${STATUSES[detection.status]}`}
      onClose={() => change({ open: undefined }, true)}
    >
      <Result query={query}>{(detail) => <Detection key={detail.detection.id} detail={detail} />}</Result>
    </Flyout>
  );
}

function Detection({ detail }: { detail: DetectionDetail }) {
  const { detection } = detail;
  const mayDecide = useMay("AlertsInvestigation");
  return (
    <>
      {detection.unresolved_because && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>It belongs to no known device: {detection.unresolved_because}</MessageBarBody>
        </MessageBar>
      )}
      {detail.description && (
        <Section title="Description">
          <ForeignText text={detail.description} />
        </Section>
      )}
      <Reasons detail={detail} />
      <Section title="Details">
        <Facts
          facts={[
            ["Severity", <DetectionSeverityMark key="severity" severity={detection.severity} />],
            ["Status", STATUSES[detection.status]],
            ["Counts now", detection.is_active ? "Yes" : "No"],
            ["Device", detection.device && <DeviceLink key="device" device={detection.device} />],
            ["Device group", detection.device && detection.device.group_name],
            ["Names in the event", detail.device_names.join(", ")],
            ["Addresses in the event", detail.device_addresses.join(", ")],
            ["Category", detection.category],
            ["Rule", detail.rule],
            ["Techniques", detection.techniques.join(", ")],
            ["User", detail.user],
            ["Files", detail.paths.join("\n")],
            ["Programs", detail.programs.join(", ")],
            ["First seen", format.time(detection.first_at)],
            ["Last seen", format.time(detection.last_at)],
            ["Times seen", format.count(detection.times_seen)],
            ["Received by", detection.intake],
            ["In the product", detail.url ? <ExternalLink key="url" address={detail.url} /> : null],
            ["Classification", detection.classification && CLASSIFICATIONS[detection.classification]],
            ["Determination", detail.determination],
            ["Assigned to", detection.assigned_to],
            ["Comment", detail.comment],
            ["Decided by", detail.decided_by && format.person(detail.decided_by)],
            ["Resolved", detail.resolved_at && format.time(detail.resolved_at)],
          ]}
        />
      </Section>
      {mayDecide && <Decision detail={detail} />}
    </>
  );
}

function Reasons({ detail }: { detail: DetectionDetail }) {
  const styles = useStyles();
  if (detail.reasons.length === 0) {
    return (
      <Section title="What it hangs on">
        <Empty title="No weakness and no software here is related to it" />
      </Section>
    );
  }
  return (
    <Section title="What it hangs on">
      <ul className={styles.reasons}>
        {detail.reasons.map((one, at) => (
          <li key={at} className={styles.reason}>
            <span>
              {one.weakness && <OpenWeakness name={one.weakness} />} {one.weakness && one.software && "in "}
              {one.software && (
                <PageLink to="/software" search={{ open: one.software.id }}>
                  {one.software.name}
                </PageLink>
              )}{" "}
              {one.is_raised && (
                <Badge appearance="outline" color="danger" size="small">
                  Raises the score
                </Badge>
              )}
            </span>
            <Text size={200}>{one.text}</Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Decision({ detail }: { detail: DetectionDetail }) {
  const { detection } = detail;
  const [status, setStatus] = useState(detection.status);
  const [classification, setClassification] = useState<string>(detection.classification ?? "");
  const [assigned, setAssigned] = useState(detection.assigned_to);
  const [comment, setComment] = useState(detail.comment);
  const change = useChange(
    (asked: DetectionDecision) =>
      send("POST", `/detections/${encodeURIComponent(detection.id)}/decision`, asked),
    ["detections", "weaknesses", "devices", "software", "dashboard", "recommendations"],
  );
  const submit = () =>
    change.mutate({
      status,
      classification: (classification || null) as DetectionDecision["classification"],
      determination: null,
      assigned_to: assigned.trim(),
      comment: comment.trim(),
    });
  return (
    <Section title="Manage it">
      <Form label="Manage it" submitLabel="Save" onSubmit={submit} change={change} isReady>
        <Field label="Status" hint="It counts while it is new or in progress.">
          <Select value={status} onChange={(_, { value }) => setStatus(value as typeof status)}>
            {Object.entries(STATUSES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Classification">
          <Select value={classification} onChange={(_, { value }) => setClassification(value)}>
            <option value="">Not set</option>
            {Object.entries(CLASSIFICATIONS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Assigned to">
          <Input value={assigned} maxLength={300} onChange={(_, { value }) => setAssigned(value)} />
        </Field>
        <Field label="Comment">
          <Textarea value={comment} maxLength={4000} onChange={(_, { value }) => setComment(value)} />
        </Field>
      </Form>
    </Section>
  );
}
