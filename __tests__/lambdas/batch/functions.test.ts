import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { EnvironmentError, readEnvironment } from "../../../kit/lib/env";
import { environmentSchemaOf, SETTINGS_VARIABLE } from "../../../kit/function/function-environment";
import { isResourceUse } from "../../../kit/function/use";
import { BATCH_FUNCTIONS, LAMBDA_NAMES } from "../../../lambdas/batch/functions";
import { planFunction } from "../../../lambdas/batch/plan/function";
import { processUploadFunction } from "../../../lambdas/batch/process-upload/function";
import { reconcileFunction } from "../../../lambdas/batch/reconcile/function";
import { PROJECT } from "../../support/command";

const FOLDER = path.join(PROJECT, "lambdas", "batch");
const VALUES = {
  LEDGER_TABLE_NAME: "wordfreq-ledger",
  RESULT_TABLE_NAME: "wordfreq",
  STATE_MACHINE_ARN: "arn:aws:states:us-east-1:123456789012:stateMachine:wordfreq-batch",
  JOBS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-jobs",
  JOBS_DEAD_LETTERS_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-jobs-dead-letters",
  RESULTS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-results",
  CHUNKS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-chunks",
  CHUNKS_DEAD_LETTERS_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-chunks-dead-letters",
  STATE_BUCKET_NAME: "batch-state",
  PROCESSING_BUCKET_NAME: "data-processing",
};
const SETTINGS = { reconcilePrefix: "", maximumObjects: 10_000, jobsRetentionSeconds: 345_600, settlingSeconds: 900, slotsPerWorker: 2 };
const environment = environmentSchemaOf(reconcileFunction);
const withSettings = (settings: unknown): Record<string, string> => ({ ...VALUES, [SETTINGS_VARIABLE]: JSON.stringify(settings) });

test("every folder is a function that is listed, under its own name", () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect([...LAMBDA_NAMES].sort()).toEqual(folders.sort());
});

test.each(LAMBDA_NAMES)("the handler of %s adds nothing to its description", (name) => {
  const source = readFileSync(path.join(FOLDER, name, "handler.ts"), "utf8");
  const statements = source.split(/;\n/).filter((statement) => statement.trim() !== "");
  expect(statements.filter((statement) => !statement.startsWith("import "))).toEqual([
    expect.stringMatching(/^\nexport const handler = awsHandler\([\w\s,{}.]*\)$/),
  ]);
});

test.each(BATCH_FUNCTIONS)(
  "$name says each thing that it uses once: one variable, and no verb of a resource, or of a part of it, twice",
  ({ uses }) => {
    const used = Object.values(uses).filter(isResourceUse);
    const variables = used.flatMap(({ variable }) => (variable === undefined ? [] : [variable.name]));
    const verbs = used.flatMap(({ may, prefix = "", resource }) => may.map((verb) => `${verb} ${resource}/${prefix}`));
    expect([new Set(variables).size, new Set(verbs).size]).toEqual([variables.length, verbs.length]);
  },
);

describe("the environment of a function (reconcile)", () => {
  test("is where what it uses is, and its settings, checked", () => {
    expect(environment.parse(withSettings(SETTINGS))).toEqual({ ...VALUES, [SETTINGS_VARIABLE]: SETTINGS });
  });

  test.each([...Object.keys(VALUES), SETTINGS_VARIABLE])("needs %s", (name) => {
    const { error } = environment.safeParse({ ...withSettings(SETTINGS), [name]: undefined });
    expect(error?.issues.map(({ path: at }) => at)).toEqual([[name]]);
  });

  test.each([
    ["STATE_MACHINE_ARN", "wordfreq-batch"],
    ["CHUNKS_QUEUE_URL", "wordfreq-chunks"],
    ["STATE_BUCKET_NAME", "x"],
    [SETTINGS_VARIABLE, "{"],
    [SETTINGS_VARIABLE, "{}"],
  ])("has no %s that is %j", (name, value) => {
    expect(environment.safeParse({ ...withSettings(SETTINGS), [name]: value }).success).toBe(false);
  });

  test.each([
    { maximumObjects: 0 },
    { maximumObjects: "10" },
    { jobsRetentionSeconds: 1_209_601 },
    { settlingSeconds: 59 },
    { slotsPerWorker: 17 },
    { workerVersion: "" },
    { misspelt: 1 },
  ])("has no settings with %j", (wrong) => {
    expect(environment.safeParse(withSettings({ ...SETTINGS, ...wrong })).success).toBe(false);
  });

  test("that is wrong is told with each problem, its place and its value", () => {
    const read = (): unknown =>
      readEnvironment("the reconcile Lambda", environment, {
        ...withSettings({ ...SETTINGS, maximumObjects: 0, slotsPerWorker: 17 }),
        JOBS_QUEUE_URL: undefined,
      });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(/JOBS_QUEUE_URL is not set\n.*SETTINGS.*maximumObjects is 0: .*\n.*SETTINGS.*slotsPerWorker is 17: /);
  });
});

test.each([
  [planFunction, { batchId: "x", generation: 0 }],
  [processUploadFunction, { Records: [] }],
  [processUploadFunction, { Event: "s3:TestEvent" }],
])("an event that is none of $0.name's is refused before anything is done", ({ input }, event) => {
  expect(input.safeParse(event).success).toBe(false);
});
