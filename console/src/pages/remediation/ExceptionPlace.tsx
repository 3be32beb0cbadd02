/** Where an exception is to hold. */
import { Checkbox, Field, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { exceptionGroupsQuery } from "../../api/actQueries";
import { sessionQuery } from "../../api/queries";
import type { ExceptionRow, SoftwareReference } from "../../api/types";
import * as format from "../../ui/format";
import { Checks, DevicePicker } from "../../ui/pickers";
import { parts } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { EXCEPTION_TYPES } from "./exceptionColumns";
import type { Place } from "./exceptionRequest";

interface PlaceStepProps {
  place: Place;
  onPlace: (place: Place) => void;
  subjectKind: ExceptionRow["subject_kind"];
  subject: string;
  software: SoftwareReference[];
}

export function PlaceStep({ place, onPlace, subjectKind, subject, software }: PlaceStepProps) {
  const { data: session } = useQuery(sessionQuery());
  const kinds = (["device_group", "tag", "device", "software", "global"] as const).filter(
    (kind) => (kind !== "global" || session?.is_all_groups) && (kind !== "software" || software.length > 0),
  );
  const put = (changes: Partial<Place>) => onPlace({ ...place, ...changes });
  return (
    <>
      <Field label="Scope">
        <RadioGroup value={place.kind} onChange={(_, data) => put({ kind: data.value as Place["kind"] })}>
          {kinds.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={kind === "global" ? "Global: all current and future devices" : EXCEPTION_TYPES[kind]}
            />
          ))}
        </RadioGroup>
      </Field>
      {place.kind === "device_group" && (
        <GroupsPart place={place} put={put} subjectKind={subjectKind} subject={subject} />
      )}
      {place.kind === "tag" && (
        <Field label="Tags" hint="One a line; devices with any of them." required>
          <Textarea
            value={place.tags}
            maxLength={10_000}
            resize="vertical"
            onChange={(_, data) => put({ tags: data.value })}
          />
        </Field>
      )}
      {place.kind === "device" && (
        <DevicePicker chosen={place.devices} onChosen={(devices) => put({ devices })} />
      )}
      {place.kind === "software" && (
        <Checks
          label="Software"
          choices={software.map(({ id, name, vendor }) => ({
            id,
            label: vendor ? `${name} (${format.system(vendor)})` : name,
          }))}
          chosen={place.software}
          onChosen={(chosen) => put({ software: chosen })}
        />
      )}
    </>
  );
}

interface GroupsPartProps {
  place: Place;
  put: (changes: Partial<Place>) => void;
  subjectKind: ExceptionRow["subject_kind"];
  subject: string;
}

/** Groups in the filter of the page; those that have an exception already cannot be chosen. */
function GroupsPart({ place, put, subjectKind, subject }: GroupsPartProps) {
  const { state } = useUrl();
  const { data: groups = [] } = useQuery(exceptionGroupsQuery(subjectKind, subject));
  const filtered = new Set(parts(state.groups));
  const offered = groups.filter((group) => filtered.size === 0 || filtered.has(String(group.id)));
  return (
    <>
      {filtered.size === 0 && (
        <Checkbox
          label="All current device groups"
          checked={place.isAllGroups}
          onChange={(_, { checked }) => put({ isAllGroups: checked === true })}
        />
      )}
      {!place.isAllGroups && (
        <Checks
          label="Device groups"
          choices={offered.map((group) => ({
            id: String(group.id),
            label: group.is_offered ? group.name : `${group.name} (has an exception)`,
            isDisabled: !group.is_offered,
          }))}
          chosen={new Set([...place.groups.keys()].map(String))}
          onChosen={(ids) =>
            put({
              groups: new Map(
                offered.filter((group) => ids.has(String(group.id))).map((group) => [group.id, group.name]),
              ),
            })
          }
        />
      )}
    </>
  );
}
