import { zones } from "./eslint.zones.mjs";
import jest from "eslint-plugin-jest";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

const BARREL = { name: "@cdktf/provider-aws", message: "import @cdktf/provider-aws/lib/<resource>: the barrel takes 4 s and 548 MiB" };
const CDKTF = {
  group: ["cdktf", "cdktf/*", "@cdktf/*", "constructs"],
  message: "only main.ts, constructs/ and the stacks of systems know CDKTF (docs/adr/0001-cdktf.md)",
};
const REMOVAL = "only kit/folders/removal.ts removes, and only what is marked as the product's own (docs/adr/0016-removal-by-mark.md)";
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
  message: "kit/lib/stored-json.ts reads what is stored, and says where it lies when it is not what its writer promises",
};
const SDK = {
  group: ["@aws-sdk/*"],
  message: "only kit/aws and what is in an aws/ folder of a system import @aws-sdk",
  allowTypeImports: true,
};

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
      "workloads/word-count/unicode/tables.ts",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            "*.js",
            "*.mjs",
            "bin/*.js",
            "bench/baselines/*.mjs",
            "scripts/*.mjs",
            "scripts/build/*.{mjs,cjs}",
            "scripts/terraform/*.mjs",
            "scripts/user-data/*.mjs",
          ],
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
      // code is prettier's, which leaves comments as they are
      "max-len": ["error", { code: 1_000, comments: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }],
      // new constructs are made for their effect on the tree
      "no-new": "off",
    },
  },
  {
    // AssemblyScript: numbers of every width are one type to TypeScript, and conversions between them do something; that a loop has no end
    // its compiler sees by `while (true)` only
    files: ["workloads/word-count/simd/kernel/**"],
    rules: {
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
    },
  },
  {
    files: [
      "command/**",
      "kit/{cli,config,function,graph,lib,ports,simulator,synth}/**",
      "lambdas/**",
      "systems/*/{cli,contracts,core,ports,simulation}/**",
      "worker/**",
      "workloads/**",
    ],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL, ...FILE_SYSTEMS], patterns: [CDKTF, SDK] }] },
  },
  { files: ["systems/*/core/**", "kit/lib/**"], rules: { "no-restricted-syntax": ["error", ...NO_REMOVERS, STORED] } },
  {
    files: ["kit/{aws,folders,local}/**", "systems/*/{aws,config}/**", "bench/**"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [BARREL, ...FILE_SYSTEMS], patterns: [CDKTF] }] },
  },
  {
    files: [
      "main.ts",
      "worker/main.ts",
      "**/handler.ts",
      "command/main.ts",
      "command/simulate.ts",
      "command/supervisor.ts",
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
    files: ["kit/folders/removal.ts", "kit/simulator/memory/stand-ins/*.ts"],
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
    files: ["__tests__/systems/*/stack/assertions.test.ts", "__tests__/systems/*/stack/kinds.test.ts"],
    rules: { "jest/expect-expect": "off", "jest/valid-title": "off" },
  },
  // a contract suite is run by the tests of each family of adapters
  { files: ["__tests__/contract-suites/*-contract.ts", "__tests__/contract-suites/ledger/*.ts"], rules: { "jest/no-export": "off" } },
);
