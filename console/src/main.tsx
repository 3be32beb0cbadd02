import "./page.css";

import { createDOMRenderer, FluentProvider, RendererProvider } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiProblem } from "./api/client";
import { Gate } from "./app/Gate";
import { makeRouter } from "./app/router";
import { takeToken } from "./app/signInLink";
import { useSystemTheme } from "./app/theme";

// Before anything else runs: the token must not stay in the address or the history.
takeToken();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiProblem && error.status > 0 && error.status < 500),
    },
  },
});
const router = makeRouter();

/** Griffel writes its rules into style elements of its own; the content policy lets them in by this nonce. */
const nonce = document.querySelector<HTMLElement>("meta[property='csp-nonce']")?.nonce;
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});

function Console() {
  const theme = useSystemTheme();
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={theme}>
        <div className="console">
          <QueryClientProvider client={client}>
            <Gate>
              <RouterProvider router={router} />
            </Gate>
          </QueryClientProvider>
        </div>
      </FluentProvider>
    </RendererProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html lost its root element");
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
