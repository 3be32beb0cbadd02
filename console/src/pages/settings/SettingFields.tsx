/** Fields of a connection whose settings the server names: one a setting, secrets never shown. */
import { Field, Input } from "@fluentui/react-components";

import * as format from "../../ui/format";

export interface SettingField {
  name: string;
  description: string;
  isSecret: boolean;
  /** Undefined: nothing is usual and it must be given; null: it may be left out. */
  usual: string | null | undefined;
}

interface SettingFieldsProps {
  fields: SettingField[];
  values: Record<string, string>;
  onValues: (values: Record<string, string>) => void;
}

export function SettingFields({ fields, values, onValues }: SettingFieldsProps) {
  return fields.map((field) => (
    <Field
      key={field.name}
      label={format.words(field.name)}
      hint={field.description}
      required={field.usual === undefined}
    >
      <Input
        type={field.isSecret ? "password" : "text"}
        autoComplete="off"
        maxLength={2000}
        placeholder={field.usual ?? ""}
        value={values[field.name] ?? ""}
        onChange={(_, { value }) => onValues({ ...values, [field.name]: value })}
      />
    </Field>
  ));
}

/** What was filled in of these fields, and whether nothing is missing. */
export function givenOf(fields: SettingField[], values: Record<string, string>) {
  const given: Record<string, string> = {};
  for (const { name } of fields) {
    const value = values[name]?.trim();
    if (value) given[name] = value;
  }
  const isComplete = fields.every(({ name, usual }) => usual !== undefined || name in given);
  return { given, isComplete };
}
