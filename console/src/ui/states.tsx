/** What a part of a page shows while it has no content: loading, nothing there, an error. */
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ApiProblem } from "../api/client";

const useStyles = makeStyles({
  lines: { display: "grid", rowGap: tokens.spacingVerticalM, padding: `${tokens.spacingVerticalM} 0` },
  empty: {
    display: "grid",
    justifyItems: "center",
    rowGap: tokens.spacingVerticalXS,
    padding: `${tokens.spacingVerticalXXL} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground3,
    textAlign: "center",
  },
});

export function Loading({ lines = 6 }: { lines?: number }) {
  const styles = useStyles();
  return (
    <Skeleton aria-label="Loading" className={styles.lines}>
      {Array.from({ length: lines }, (_, at) => (
        <SkeletonItem key={at} size={16} />
      ))}
    </Skeleton>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.empty}>
      <Text weight="semibold">{title}</Text>
      {children && <Text>{children}</Text>}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const title = error instanceof ApiProblem ? error.title : "Something went wrong in the console";
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {error.message}
      </MessageBarBody>
      {onRetry && (
        <MessageBarActions>
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

interface NoticeProps {
  intent: "info" | "warning" | "error";
  title?: string;
  children: ReactNode;
}

/** Something to know before reading on. */
export function Notice({ intent, title, children }: NoticeProps) {
  return (
    <MessageBar intent={intent} layout="multiline">
      <MessageBarBody>
        {title && <MessageBarTitle>{title}</MessageBarTitle>}
        {children}
      </MessageBarBody>
    </MessageBar>
  );
}

interface ResultProps<T> {
  query: UseQueryResult<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** Content of one answer. Old content stays in view when reading it again fails. */
export function Result<T>({ query, lines = 6, children }: ResultProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading lines={lines} />;
}
