/** The one form: fields, what went wrong, buttons. What is sent and what follows is the caller's. */
import { Button, makeStyles, MessageBar, MessageBarBody, tokens } from "@fluentui/react-components";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Failed } from "./states";

/**
 * A change that somebody makes. When it is made, everything under the given topics (first words of keys) is
 * read again before `isPending` ends, so that what is seen is what is.
 */
export function useChange<Asked, Answer>(
  make: (asked: Asked) => Promise<Answer>,
  topics: readonly string[],
  onDone?: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Asked> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: make,
    onSuccess: async (answer) => {
      await client.invalidateQueries({ predicate: ({ queryKey }) => topics.includes(String(queryKey[0])) });
      onDone?.(answer);
    },
  });
}

const useStyles = makeStyles({
  form: {
    display: "grid",
    rowGap: tokens.spacingVerticalM,
    maxWidth: "640px",
    paddingTop: tokens.spacingVerticalS,
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

interface FormProps {
  /** What the form is for, for screen readers. */
  label: string;
  submitLabel: string;
  onSubmit: () => void;
  change: { isPending: boolean; error: Error | null };
  isReady: boolean;
  onCancel?: (() => void) | undefined;
  cancelLabel?: string;
  /** Further buttons. */
  more?: ReactNode;
  children: ReactNode;
}

export function Form(props: FormProps) {
  const styles = useStyles();
  const { change, isReady, onCancel } = props;
  const isOpen = isReady && !change.isPending;
  return (
    <form
      className={styles.form}
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault();
        if (isOpen) props.onSubmit();
      }}
    >
      {props.children}
      {change.error && <Failed error={change.error} />}
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={!isOpen}>
          {props.submitLabel}
        </Button>
        {props.more}
        {onCancel && <Button onClick={onCancel}>{props.cancelLabel ?? "Cancel"}</Button>}
      </div>
    </form>
  );
}

/** Says that something was done; read out by screen readers. */
export function Done({ children }: { children: ReactNode }) {
  return (
    <MessageBar intent="success" layout="multiline" role="status">
      <MessageBarBody>{children}</MessageBarBody>
    </MessageBar>
  );
}
