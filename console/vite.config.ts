/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The server under `npm run dev`; the built console is always of the server's own origin. */
const apiOrigin = process.env["WEAKSPOT_API"] ?? "http://127.0.0.1:8484";

export default defineConfig({
  plugins: [react()],
  // The server replaces this placeholder with a fresh nonce in every answer (docs/console.md).
  html: { cspNonce: "__CSP_NONCE__" },
  server: { proxy: { "/api": { target: apiOrigin, changeOrigin: true } } },
  build: {
    outDir: "../src/weakspot/console_dist",
    emptyOutDir: true,
    target: "es2022",
    // Inlined data: addresses are not allowed by the content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A module goes, with what it imports, into the group of the highest priority.
          groups: [
            { name: "react", priority: 4, test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "tanstack", priority: 3, test: /node_modules\/@tanstack\// },
            {
              name: "fluent",
              priority: 2,
              test: /node_modules\/(@fluentui\/(?!react-charts|chart-utilities)|@griffel|tabster|keyborg|@floating-ui|stylis|@swc)/,
            },
            {
              name: "charts",
              priority: 1,
              test: /node_modules\/(@fluentui\/(react-charts|chart-utilities)|d3-|internmap)/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // One page for all files: making one for each costs four times what the tests do.
    pool: "threads",
    isolate: false,
    maxWorkers: 1,
  },
});
