import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  reactHooks.configs.flat["recommended-latest"],
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      // Foreign text stays text and no code is made from strings (docs/console.md).
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Foreign text must stay text.",
        },
        {
          selector: "MemberExpression[property.name=/^(inner|outer)HTML$/]",
          message: "Foreign text must stay text.",
        },
        {
          selector: "JSXOpeningElement[name.name='a'] > JSXAttribute[name.name='href']",
          message: "Use ExternalLink, DownloadLink or a router link.",
        },
      ],
    },
  },
);
