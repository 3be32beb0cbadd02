/** What people decide about a device: tags, value, criticality, group, exclusion. */
import { Badge, Field, Input, makeStyles, Select, Text, Textarea, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { send } from "../../api/client";
import { groupsQuery } from "../../api/queries";
import { tagsQuery } from "../../api/settingsQueries";
import type { DeviceDecision, DeviceDetail } from "../../api/types";
import { Section } from "../../ui/Facts";
import { Flyout } from "../../ui/Flyout";
import { Done, Form, useChange } from "../../ui/Form";
import { RemoveButton } from "../../ui/RemoveButton";
import { Failed } from "../../ui/states";
import { useUrl } from "../../url/useUrl";
import { CRITICALITIES, DEVICE_VALUES } from "./columns";
import { AS_RULES, FACING, useDecision, VALUE_MEANING } from "./decision";
import { MergeSection } from "./MergeDevice";

export const MANAGE = "manage";
const useStyles = makeStyles({
  tags: { display: "grid", rowGap: tokens.spacingVerticalXS, margin: 0, padding: 0, listStyleType: "none" },
  tag: { display: "flex", alignItems: "center", columnGap: tokens.spacingHorizontalM },
});

export function ManageFlyout({ detail }: { detail: DeviceDetail }) {
  const { state, change } = useUrl();
  const isOpen = state.view === MANAGE;
  return (
    <Flyout
      isOpen={isOpen}
      title="Manage device"
      subtitle={detail.device.name}
      onClose={() => change({ view: undefined }, true)}
    >
      {isOpen && (
        <>
          <Tags detail={detail} />
          <Rating detail={detail} />
          <Exclusion detail={detail} />
          <MergeSection device={detail.device} />
          <Removal detail={detail} />
        </>
      )}
    </Flyout>
  );
}

function Tags({ detail }: { detail: DeviceDetail }) {
  const styles = useStyles();
  const { device } = detail;
  const [tag, setTag] = useState("");
  const change = useDecision([device.id]);
  const { data: known = [] } = useQuery(tagsQuery());
  return (
    <Section title="Tags">
      {device.tags.length === 0 && <Text>It has no tags.</Text>}
      <ul className={styles.tags}>
        {device.tags.map((one) => (
          <li key={one} className={styles.tag}>
            <Badge appearance="tint" color="informative">
              {one}
            </Badge>
            <RemoveButton
              what={one}
              isPending={change.isPending}
              onRemove={() => change.mutate({ remove_tags: [one] })}
            />
          </li>
        ))}
      </ul>
      <Form
        label="Add a tag"
        submitLabel="Add"
        change={change}
        isReady={tag.trim() !== ""}
        onSubmit={() => change.mutate({ add_tags: [tag.trim()] }, { onSuccess: () => setTag("") })}
      >
        <Field label="New tag" hint="Tags of sensors and rules come back by themselves when removed.">
          <Input value={tag} maxLength={200} list="known-tags" onChange={(_, { value }) => setTag(value)} />
        </Field>
        <datalist id="known-tags">
          {known.map((one) => (
            <option key={one.name} value={one.name} />
          ))}
        </datalist>
      </Form>
    </Section>
  );
}

function Rating({ detail }: { detail: DeviceDetail }) {
  const { device } = detail;
  const [value, setValue] = useState<string>(device.device_value);
  const [criticality, setCriticality] = useState<string>(device.criticality);
  const [facing, setFacing] = useState("");
  const [group, setGroup] = useState("");
  const { data: groups = [] } = useQuery(groupsQuery());
  const change = useDecision([device.id]);
  const submit = () =>
    change.mutate({
      value: (value === device.device_value ? null : value) as DeviceDecision["value"],
      criticality: (criticality === device.criticality ? null : criticality) as DeviceDecision["criticality"],
      internet_facing: (facing || null) as DeviceDecision["internet_facing"],
      group_id: group === "" ? null : group === AS_RULES ? AS_RULES : Number(group),
    });
  return (
    <Section title="Value and place">
      {change.isSuccess && <Done>Saved. It counts so from now on.</Done>}
      <Form label="Value and place" submitLabel="Save" change={change} isReady onSubmit={submit}>
        <Field label="Device value">
          <Select value={value} onChange={(_, data) => setValue(data.value)}>
            {DEVICE_VALUES.map((one) => (
              <option key={one} value={one}>
                {VALUE_MEANING[one]}
              </option>
            ))}
            <option value={AS_RULES}>As rules say</option>
          </Select>
        </Field>
        <Field label="Criticality">
          <Select value={criticality} onChange={(_, data) => setCriticality(data.value)}>
            {CRITICALITIES.map((one) => (
              <option key={one}>{one}</option>
            ))}
            <option value={AS_RULES}>As rules say</option>
          </Select>
        </Field>
        <Field label="Internet facing">
          <Select value={facing} onChange={(_, data) => setFacing(data.value)}>
            <option value="">Leave as it is</option>
            {Object.entries(FACING).map(([one, label]) => (
              <option key={one} value={one}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Device group" hint={`Now: ${device.group_name}`}>
          <Select value={group} onChange={(_, data) => setGroup(data.value)}>
            <option value="">Leave as it is</option>
            <option value={AS_RULES}>As the matching rules say</option>
            {groups.map((one) => (
              <option key={one.id} value={String(one.id)}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
      </Form>
    </Section>
  );
}

function Exclusion({ detail }: { detail: DeviceDetail }) {
  const [reason, setReason] = useState("");
  const change = useDecision([detail.device.id]);
  if (detail.is_excluded) {
    return (
      <Section title="Exclusion">
        <Text>Excluded: {detail.exclusion_reason ?? "no reason given"}</Text>
        {change.error && <Failed error={change.error} />}
        <Form
          label="Exclusion"
          submitLabel="Count it again"
          change={change}
          isReady
          onSubmit={() => change.mutate({ is_excluded: false })}
        >
          <Text>It appears again in every list and score.</Text>
        </Form>
      </Section>
    );
  }
  return (
    <Section title="Exclusion">
      <Form
        label="Exclusion"
        submitLabel="Exclude the device"
        change={change}
        isReady={reason.trim() !== ""}
        onSubmit={() => change.mutate({ is_excluded: true, reason: reason.trim() })}
      >
        <Field label="Reason" hint="Excluded, it leaves all counts and scores. It still reports." required>
          <Textarea value={reason} maxLength={500} onChange={(_, { value }) => setReason(value)} />
        </Field>
      </Form>
    </Section>
  );
}

function Removal({ detail }: { detail: DeviceDetail }) {
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const change = useChange(
    () => send("POST", `/devices/${encodeURIComponent(detail.device.id)}/removal`, { reason: reason.trim() }),
    ["groups", "dashboard"],
    () => void navigate({ to: "/devices" }),
  );
  return (
    <Section title="Removal">
      {change.error && <Failed error={change.error} />}
      <Field label="Why it is removed" hint="It goes for good. Should it report again, it is a new device.">
        <Input value={reason} maxLength={500} onChange={(_, { value }) => setReason(value)} />
      </Field>
      <div>
        <RemoveButton
          what={detail.device.name}
          isPending={change.isPending || reason.trim() === ""}
          onRemove={() => change.mutate(undefined)}
        />
      </div>
    </Section>
  );
}
