import jest from "eslint-plugin-jest";
import { importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Imports point one way (docs/architecture.md): what each folder may not import. */
const zones = [
  { target: "./core", from: ["./adapters", "./cli", "./config", "./constructs", "./lambdas", "./local", "./stacks", "./worker"] },
  { target: "./adapters", from: ["./cli", "./config", "./constructs", "./lambdas", "./local", "./stacks", "./worker"] },
  { target: "./lambdas", from: ["./cli", "./config", "./constructs", "./local", "./stacks", "./worker"] },
  { target: "./worker", from: ["./cli", "./config", "./constructs", "./lambdas", "./local", "./stacks"] },
  { target: "./local", from: ["./cli", "./config", "./constructs", "./lambdas", "./stacks", "./worker"] },
  { target: "./cli", from: ["./config", "./constructs", "./lambdas", "./stacks", "./worker"] },
  { target: "./config", from: ["./adapters", "./cli", "./constructs", "./lambdas", "./local", "./stacks", "./worker"] },
  { target: "./constructs", from: ["./adapters", "./cli", "./local", "./stacks"] },
  {
    target: "./constructs",
    from: ["./core", "./lambdas", "./worker"],
    except: ["./contracts", "./env.ts", "**/env.ts"],
    message: "constructs import core/contracts and each process's env.ts only",
  },
];

export default tseslint.config(
  { ignores: ["dist/**", "cdktf.out/**", ".filemill/**", "filemill-out/**", "coverage/**", "reports/**", "core/unicode/tables.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["*.js", "*.mjs", "bin/*.js", "scripts/*.mjs"] }, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: zones.filter((zone) => zone.except === undefined) }],
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: [{ name: "@cdktf/provider-aws", message: "import @cdktf/provider-aws/lib/<resource>: the barrel takes 4 s and 548 MiB" }],
        },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "the environment is read in composition roots, through readEnvironment" },
      ],
      // new constructs are made for their effect on the tree
      "no-new": "off",
    },
  },
  { files: ["core/**", "worker/**", "lambdas/**", "cli/**"], ignores: ["**/handler.ts", "worker/main.ts", "cli/main.ts"], rules: {
    "@typescript-eslint/no-restricted-imports": ["error", { patterns: [{ group: ["@aws-sdk/*"], message: "only adapters import @aws-sdk", allowTypeImports: true }] }],
  } },
  { files: ["main.ts", "worker/main.ts", "**/handler.ts", "cli/main.ts", "bin/**", "scripts/**", "bench/**", "__tests__/**"], rules: { "no-restricted-properties": "off" } },
  { files: ["**/*.js", "**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.js"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  {
    files: ["__tests__/**/*.ts"],
    plugins: { jest },
    rules: {
      ...jest.configs["flat/recommended"].rules,
      "jest/no-disabled-tests": "error",
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "fc.assert"] }],
      "max-lines": "off",
    },
  },
);
