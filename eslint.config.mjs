import jest from "eslint-plugin-jest";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Imports point one way (docs/architecture.md): what each folder may not import. */
const zones = [
  {
    target: "./folders",
    from: ["./adapters", "./cli", "./config", "./constructs", "./core", "./lambdas", "./local", "./simulator", "./stacks", "./worker"],
  },
  {
    target: "./core",
    from: ["./adapters", "./cli", "./config", "./constructs", "./lambdas", "./local", "./simulator", "./stacks", "./worker"],
  },
  { target: "./adapters", from: ["./cli", "./config", "./constructs", "./lambdas", "./local", "./simulator", "./stacks", "./worker"] },
  { target: "./lambdas", from: ["./cli", "./config", "./constructs", "./local", "./simulator", "./stacks", "./worker"] },
  { target: "./worker", from: ["./cli", "./config", "./constructs", "./lambdas", "./local", "./simulator", "./stacks"] },
  { target: "./local", from: ["./cli", "./config", "./constructs", "./lambdas", "./simulator", "./stacks", "./worker"] },
  {
    target: "./simulator",
    from: ["./adapters", "./cli", "./config", "./constructs", "./local", "./stacks", "./worker/main.ts"],
  },
  { target: "./simulator", from: ["./lambdas/**/handler.ts"] },
  { target: "./cli", from: ["./config", "./constructs", "./lambdas", "./stacks", "./worker"] },
  { target: "./config", from: ["./adapters", "./cli", "./constructs", "./lambdas", "./local", "./simulator", "./stacks", "./worker"] },
  { target: "./constructs", from: ["./adapters", "./cli", "./local", "./simulator", "./stacks"] },
  {
    target: "./constructs",
    from: "./core",
    except: ["./contracts", "./env.ts", "./limits.ts"],
    message: "constructs import core/contracts and env.ts only",
  },
  {
    target: "./constructs",
    from: ["./lambdas/**/!(env).ts", "./worker/**/!(env).ts"],
    message: "constructs import each process's env.ts only",
  },
];

const BARREL = { name: "@cdktf/provider-aws", message: "import @cdktf/provider-aws/lib/<resource>: the barrel takes 4 s and 548 MiB" };
const CDKTF = {
  group: ["cdktf", "cdktf/*", "@cdktf/*", "constructs"],
  message: "only main.ts, constructs/ and stacks/ know CDKTF (docs/adr/0001-cdktf.md)",
};
const REMOVAL = "only folders/removal.ts removes, and only what is marked as the product's own (docs/adr/0016-removal-by-mark.md)";
/** What removes a file or a folder, of node:fs and of node:fs/promises. */
const REMOVERS = ["rm", "rmSync", "rmdir", "rmdirSync", "unlink", "unlinkSync"];
const FILE_SYSTEMS = ["node:fs", "node:fs/promises", "fs", "fs/promises"].map((name) => ({
  name,
  importNames: ["default", "promises", ...REMOVERS],
  message: REMOVAL,
}));
/** The other ways to a remover: through a namespace, a dynamic import, a require, or a package that removes. */
const removers = `/^(${REMOVERS.join("|")})$/`;
const NO_REMOVERS = [
  { selector: `MemberExpression[property.name=${removers}]`, message: REMOVAL },
  { selector: `MemberExpression[computed=true][property.value=${removers}]`, message: REMOVAL },
  { selector: `ObjectPattern > Property[key.name=${removers}]`, message: REMOVAL },
  { selector: "ImportDeclaration[source.value=/^(node:)?fs(.promises)?$/] > ImportNamespaceSpecifier", message: REMOVAL },
  { selector: "ImportDeclaration[source.value=/^(rimraf|del|fs-extra|graceful-fs|trash)$/]", message: REMOVAL },
  {
    selector:
      "CallExpression[callee.name=/^(exec|execFile|execFileSync|execSync|spawn|spawnSync)$/][arguments.0.value=/^(rm|rmdir|unlink|find)\\b/]",
    message: REMOVAL,
  },
];
/** What a stack has stored may be cut or changed: who reads it is told where it lies. */
const STORED = {
  selector: "CallExpression[callee.property.name=parse] > CallExpression[callee.object.name=JSON][callee.property.name=parse]",
  message: "core/stored-json.ts reads what is stored, and says where it lies when it is not what its writer promises",
};
const SDK = { group: ["@aws-sdk/*"], message: "only adapters import @aws-sdk", allowTypeImports: true };

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      ".stryker-tmp/**",
      "cdktf.out/**",
      ".filemill/**",
      "filemill-out/**",
      "coverage/**",
      "reports/**",
      "core/unicode/tables.ts",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ["*.js", "*.mjs", "bin/*.js", "scripts/*.mjs", "scripts/build/*.{mjs,cjs}", "scripts/terraform/*.mjs"],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".js"] })] },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL, ...FILE_SYSTEMS] }],
      "no-restricted-syntax": ["error", ...NO_REMOVERS],
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
  {
    files: ["core/**", "worker/**", "lambdas/**", "cli/**", "simulator/**"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL, ...FILE_SYSTEMS], patterns: [CDKTF, SDK] }] },
  },
  { files: ["core/**"], rules: { "no-restricted-syntax": ["error", ...NO_REMOVERS, STORED] } },
  {
    files: ["adapters/**", "folders/**", "local/**", "config/**", "bench/**"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL, ...FILE_SYSTEMS], patterns: [CDKTF] }] },
  },
  {
    files: [
      "main.ts",
      "worker/main.ts",
      "**/handler.ts",
      "cli/main.ts",
      "simulator/main.ts",
      "local/supervisor.ts",
      "bin/**",
      "scripts/**",
      "bench/**",
      "__tests__/**",
      "*.config.js",
    ],
    rules: { "no-restricted-properties": "off" },
  },
  // the one place; and a file system in memory, whose names are those of the real one
  {
    files: ["folders/removal.ts", "simulator/memory/stand-ins/*.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL], patterns: [CDKTF] }], "no-restricted-syntax": "off" },
  },
  // tests clean up what they made with mkdtemp
  {
    files: ["__tests__/**"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL] }], "no-restricted-syntax": "off" },
  },
  { files: ["**/*.js", "**/*.mjs", "**/*.cjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.js", "**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  {
    files: ["__tests__/**/*.ts"],
    plugins: { jest },
    rules: {
      ...jest.configs["flat/recommended"].rules,
      "jest/no-disabled-tests": "error",
      "jest/no-standalone-expect": ["error", { additionalTestBlockFunctions: ["afterEach"] }],
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "*.expect*", "fc.assert"] }],
      "max-lines": "off",
    },
  },
  // helpers assert on behalf of the tests that call them
  { files: ["__tests__/support/**/*.ts"], rules: { "jest/no-standalone-expect": "off" } },
  // assertions about a stack are run by its tests and by the mutation run
  {
    files: ["__tests__/stack/assertions.test.ts", "__tests__/stack/kinds.test.ts"],
    rules: { "jest/expect-expect": "off", "jest/valid-title": "off" },
  },
  // a contract suite is run by the tests of each family of adapters
  { files: ["__tests__/contract-suites/*-contract.ts", "__tests__/contract-suites/ledger/*.ts"], rules: { "jest/no-export": "off" } },
);
