/** Lets signed-in people through; everybody else sees the sign-in page. */
import { Spinner } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore, type ReactNode } from "react";

import { ApiProblem, send, setCsrfToken } from "../api/client";
import { sessionQuery } from "../api/queries";
import type { Session } from "../api/types";
import { SignIn } from "./SignIn";
import { forgetToken, pendingToken, subscribeToTokens } from "./signInLink";

export function Gate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const token = useSyncExternalStore(subscribeToTokens, pendingToken);
  const session = useQuery({ ...sessionQuery(), enabled: token === null });
  const { mutate, error: signInError } = useMutation({
    mutationFn: (value: string) => send<Session>("POST", "/session", { token: value }),
    onSuccess: (opened) => {
      client.clear();
      client.setQueryData(sessionQuery().queryKey, opened);
    },
    onSettled: forgetToken,
  });
  useEffect(() => {
    if (token !== null) mutate(token);
  }, [token, mutate]);

  const opened = session.data;
  const isRefused = session.error instanceof ApiProblem && session.error.status === 401;
  if (opened && !isRefused) {
    setCsrfToken(opened.csrf_token);
    return children;
  }
  if (token !== null || session.isPending) return <Spinner label="Signing in" style={{ height: "100%" }} />;
  return (
    <SignIn
      problem={signInError ?? (isRefused ? null : session.error)}
      onRetry={() => void session.refetch()}
    />
  );
}
