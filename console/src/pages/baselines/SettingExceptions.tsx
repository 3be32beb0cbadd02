/** Exceptions of settings: while one holds, no profile judges its devices by the setting. */
import { Field, Select, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { exceptionsQuery } from "../../api/actQueries";
import { checksQuery } from "../../api/postureQueries";
import type { ExceptionRow } from "../../api/types";
import { Flyout } from "../../ui/Flyout";
import { PageLink } from "../../ui/links";
import { ListView, type ListDefinition } from "../../ui/ListView";
import { Result } from "../../ui/states";
import { changed } from "../../url/state";
import { useUrl } from "../../url/useUrl";
import { exceptionList } from "../remediation/exceptionColumns";
import { ExceptionFlyout } from "../remediation/ExceptionFlyout";
import { ExceptionWizard } from "../remediation/ExceptionWizard";
import { NEW } from "./BaselineFlyout";

const MOST_CHECKS = 500;

const settingExceptionList: ListDefinition<ExceptionRow> = {
  ...exceptionList,
  columns: [
    {
      id: "subject",
      label: "Setting",
      width: 280,
      sort: "subject",
      cell: (row) => (
        <PageLink
          to="/baselines"
          search={(state) => changed(state, { open: String(row.id), view: undefined })}
          title={row.title}
        >
          {row.title || row.subject}
        </PageLink>
      ),
    },
    ...exceptionList.columns.filter(({ id }) => id !== "subject"),
  ],
  filters: exceptionList.filters.filter(({ name }) => name !== "subject"),
  empty: "No device is left out of a setting.",
};

export function SettingExceptions({ mayExcept }: { mayExcept: boolean }) {
  const { state, change } = useUrl();
  const close = () => change({ open: undefined, view: undefined }, true);
  return (
    <>
      <ListView
        list={settingExceptionList}
        path="/exceptions"
        query={exceptionsQuery}
        fixed={{ subject: "configuration" }}
        onOpen={(row) => change({ open: String(row.id), view: undefined }, true)}
      />
      {state.open === NEW ? (
        <Flyout isOpen={mayExcept} title="New exception" onClose={close}>
          <NewException onClose={close} />
        </Flyout>
      ) : (
        <ExceptionFlyout />
      )}
    </>
  );
}

function NewException({ onClose }: { onClose: () => void }) {
  const [subject, setSubject] = useState("");
  const query = useQuery(checksQuery({ sort: "title", page_size: MOST_CHECKS }));
  return (
    <Result query={query} lines={6}>
      {(page) => (
        <>
          <Field label="Setting" required>
            <Select value={subject} onChange={(_, { value }) => setSubject(value)}>
              <option value="">Choose a setting</option>
              {page.items.map((one) => (
                <option key={one.id} value={one.recommendation_id}>
                  {one.title}
                </option>
              ))}
            </Select>
          </Field>
          {subject ? (
            <ExceptionWizard
              key={subject}
              subjectKind="recommendation"
              subject={subject}
              software={[]}
              onClose={onClose}
            />
          ) : (
            <Text>No profile judges devices with an exception by the setting.</Text>
          )}
        </>
      )}
    </Result>
  );
}
