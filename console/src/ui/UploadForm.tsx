/** Sends a file that is chosen here; what became of it is the caller's to say. */
import { Field } from "@fluentui/react-components";
import { useRef, useState, type ReactNode } from "react";

import * as format from "./format";
import { Form } from "./Form";

interface UploadFormProps {
  /** What the form is for. */
  label: string;
  fileLabel: string;
  hint: string;
  /** As the browser's file dialog takes it: ".json,.xml". */
  accept: string;
  mostBytes: number;
  change: { isPending: boolean; error: Error | null };
  /** Whether the other fields are filled in. */
  isReady?: boolean;
  onUpload: (file: File) => void;
  children?: ReactNode;
}

export function UploadForm(props: UploadFormProps) {
  const { label, fileLabel, hint, accept, mostBytes, change } = props;
  const [file, setFile] = useState<File | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const isTooLarge = file !== null && file.size > mostBytes;
  const submit = () => {
    if (file === null) return;
    props.onUpload(file);
    setFile(null);
    if (input.current) input.current.value = "";
  };
  return (
    <Form
      label={label}
      submitLabel="Upload"
      change={change}
      isReady={file !== null && !isTooLarge && (props.isReady ?? true)}
      onSubmit={submit}
    >
      <Field
        label={fileLabel}
        hint={hint}
        {...(isTooLarge && { validationMessage: `At most ${format.count(mostBytes / 1024)} KiB.` })}
      >
        {(field) => (
          <input
            {...field}
            ref={input}
            type="file"
            accept={accept}
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        )}
      </Field>
      {props.children}
    </Form>
  );
}
