import { readFileSync } from "node:fs";
import { coursework } from "../../../../systems/batch/config/coursework";
import { dev } from "../../../../systems/batch/config/dev";
import { ENVIRONMENT_NAMES } from "../../../../systems/batch/config/environment-names";
import { SYSTEMS_VARIABLE } from "../../../../kit/config/systems-variable";
import { ConfigurationError } from "../../../../kit/config/errors";
import { configuration } from "../../../../systems/batch/config/configuration";
import { overridesSchema } from "../../../../systems/batch/config/overrides";
import type { EnvironmentInput } from "../../../../systems/batch/config/schema";

test.each(ENVIRONMENT_NAMES)("%s is valid as it stands", (name) => {
  expect(configuration.load({ FILEMILL_ENVIRONMENT: name }).name).toBe(name);
});

test("dev is the environment without a name", () => {
  expect(configuration.load({}).name).toBe("dev");
});

test("every number of an environment's own is taken over", () => {
  expect(configuration.load({ FILEMILL_ENVIRONMENT: "coursework" }).fleet).toMatchObject({
    minimumInstances: 1,
    initialInstances: 1,
    maximumInstances: 5,
    accountInstanceLimit: 9,
  });
});

test.each([
  [{ FILEMILL_OWNER: "me-2" }, { owner: "me-2" }],
  [{ FILEMILL_BUCKET_PREFIX: "texts" }, { bucketPrefix: "texts" }],
  [{ FILEMILL_NAME_PREFIX: "two-" }, { namePrefix: "two-" }],
  [{ FILEMILL_REGION: "eu-west-1" }, { region: "eu-west-1", availabilityZones: { first: 3 } }],
  [{ FILEMILL_REGION: "us-east-1" }, { availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"] }],
  [{ FILEMILL_REGION: "us-west-1", FILEMILL_ZONES: "us-west-1a, us-west-1c" }, { availabilityZones: ["us-west-1a", "us-west-1c"] }],
  [{ FILEMILL_INSTANCE_TYPES: "c7g.large,m7g.large" }, { fleet: { instanceTypes: ["c7g.large", "m7g.large"], images: { arm64: {} } } }],
  [
    { FILEMILL_INSTANCE_TYPES: "c5.large" },
    { fleet: { instanceTypes: ["c5.large"], images: { x86_64: { name: expect.stringContaining("x86_64") as string } } } },
  ],
  [
    { FILEMILL_INSTANCE_TYPES: "c7g.large,c5.large" },
    {
      fleet: {
        images: {
          arm64: { kind: "parameter", name: expect.stringContaining("arm64") as string },
          x86_64: { kind: "parameter", name: expect.stringContaining("x86_64") as string },
        },
      },
    },
  ],
  [
    { FILEMILL_INSTANCE_TYPES: "c5.large,c7g.large", FILEMILL_AMI_NAME: "wordfreq-worker-ami" },
    { fleet: { images: { arm64: { amiName: "wordfreq-worker-ami" }, x86_64: { amiName: "wordfreq-worker-ami" } } } },
  ],
  [{ FILEMILL_MAXIMUM_INSTANCES: "7" }, { fleet: { maximumInstances: 7 } }],
  [{ FILEMILL_MINIMUM_INSTANCES: "1" }, { fleet: { minimumInstances: 1, initialInstances: 1, maximumInstances: 2 } }],
  [
    { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_MINIMUM_INSTANCES: "2", FILEMILL_MAXIMUM_INSTANCES: "3" },
    { fleet: { minimumInstances: 2, initialInstances: 2, maximumInstances: 3 } },
  ],
  [{ FILEMILL_GATHERING_MILLISECONDS: "0" }, { fleet: { gatheringMilliseconds: 0 } }],
  [{ FILEMILL_FLEET_CONCURRENCY: "70" }, { workflow: { fleetConcurrency: 70 } }],
  [{ FILEMILL_LAMBDA_CONCURRENCY: "9" }, { workflow: { lambdaConcurrency: 9, reservedLambdaConcurrency: undefined } }],
  [{ FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "50" }, { workflow: { lambdaConcurrency: 50, reservedLambdaConcurrency: 50 } }],
  [{ FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "500" }, { workflow: { lambdaConcurrency: 200, reservedLambdaConcurrency: 500 } }],
  [{ FILEMILL_MAXIMUM_OPEN_BATCHES: "3" }, { workflow: { maximumOpenBatches: 3 } }],
  [{ FILEMILL_AMI_NAME: "wordfreq-worker-ami" }, { fleet: { images: { arm64: { kind: "name", amiName: "wordfreq-worker-ami" } } } }],
  [{ FILEMILL_ROOT_DEVICE: "/dev/sda1" }, { fleet: { rootDeviceName: "/dev/sda1" } }],
  [{ FILEMILL_KEY_PAIR: "my key" }, { fleet: { keyPairName: "my key" } }],
  [{ FILEMILL_RESULTS_ARE_READ: "yes" }, { resultsAreRead: true }],
  [{ FILEMILL_SOURCE_BUCKETS: "one-bucket, other-bucket" }, { sourceBuckets: ["one-bucket", "other-bucket"] }],
  [{ FILEMILL_EGRESS: "nat" }, { egress: "nat" }],
  [{ FILEMILL_OBSERVABILITY: "lean" }, { observability: { level: "lean" } }],
  [
    { FILEMILL_CRITICAL_ALERTS: "https://pager.example.com/alerts, night@example.com" },
    { observability: { criticalAlerts: ["https://pager.example.com/alerts", "night@example.com"], warningAlerts: [] } },
  ],
  [{ FILEMILL_WARNING_ALERTS: "team@example.com" }, { observability: { criticalAlerts: [], warningAlerts: ["team@example.com"] } }],
  [{ FILEMILL_MONTHLY_BUDGET_DOLLARS: "99.50" }, { observability: { monthlyBudgetDollars: 99.5 } }],
  [{ FILEMILL_INGEST: "lambda" }, { ingest: "lambda" }],
  [{ FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES: "5" }, { fleet: { onDemandRescue: { afterSpotLosses: 5, maximumInstances: 1 } } }],
  [{ FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES: "0" }, { fleet: { onDemandRescue: undefined } }],
  [{ FILEMILL_AMI_ID: "ami-0123456789abcdef0" }, { fleet: { images: { arm64: { kind: "id", amiId: "ami-0123456789abcdef0" } } } }],
])("%j changes what it names", (variables, expected) => {
  expect(configuration.load(variables)).toMatchObject(expected);
});

/** A value that each variable can't have. */
const BAD_VALUES: Readonly<Record<keyof typeof overridesSchema.shape, string>> = {
  FILEMILL_ENVIRONMENT: "staging",
  FILEMILL_OWNER: "Not_A_Bucket",
  FILEMILL_BUCKET_PREFIX: "UPPER",
  FILEMILL_NAME_PREFIX: "no-dash-at-the-end",
  FILEMILL_REGION: "Frankfurt",
  FILEMILL_ZONES: "us-east-1a",
  FILEMILL_SOURCE_BUCKETS: "good-bucket,,other-bucket",
  FILEMILL_EGRESS: "proxy",
  FILEMILL_INGEST: "both",
  FILEMILL_INSTANCE_TYPES: "c5.large;m5.large",
  FILEMILL_MINIMUM_INSTANCES: "none",
  FILEMILL_MAXIMUM_INSTANCES: "0",
  FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES: "-1",
  FILEMILL_GATHERING_MILLISECONDS: "5001",
  FILEMILL_FLEET_CONCURRENCY: "4.5",
  FILEMILL_LAMBDA_CONCURRENCY: "-1",
  FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "many",
  FILEMILL_MAXIMUM_OPEN_BATCHES: "1e9",
  FILEMILL_AMI_ID: "ubuntu",
  FILEMILL_AMI_NAME: "x",
  FILEMILL_ROOT_DEVICE: "sda1",
  FILEMILL_KEY_PAIR: "",
  FILEMILL_RESULTS_ARE_READ: "true",
  FILEMILL_SCALING: "none",
  FILEMILL_COURSEWORK_RUN: "E",
  FILEMILL_TERRAFORM_STATE_BUCKET: "s3://states",
  FILEMILL_KMS_KEY_ARN: "arn:aws:kms:us-east-1:123456789012:alias/mine",
  FILEMILL_PERMISSIONS_BOUNDARY_ARN: "boundary",
  FILEMILL_ROLE_PATH: "team/filemill",
  FILEMILL_OBSERVABILITY: "some",
  FILEMILL_CRITICAL_ALERTS: "http://pager.example.com/alerts",
  FILEMILL_WARNING_ALERTS: "team@example.com,,",
  FILEMILL_MONTHLY_BUDGET_DOLLARS: "0",
};

test.each(Object.entries(BAD_VALUES))("%s=%s is refused: the message has the variable, its value and what it may be", (name, value) => {
  const load = (): unknown => configuration.load({ [name]: value });
  expect(load).toThrow(ConfigurationError);
  expect(load).toThrow(`\n  ${name} is '${value}': `);
  expect(load).toThrow(/; set it so, or unset it|there are local, dev, prod, coursework/);
});

test("all bad values are told at once", () => {
  expect(() => configuration.load({ FILEMILL_EGRESS: "proxy", FILEMILL_AMI_ID: "ubuntu" })).toThrow(
    /FILEMILL_EGRESS(.|\n)*FILEMILL_AMI_ID/,
  );
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["the policy of coursework elsewhere", { FILEMILL_SCALING: "step" }, "FILEMILL_ENVIRONMENT 'dev'"],
  [
    "an image by id and by name",
    { FILEMILL_AMI_ID: "ami-0123456789abcdef0", FILEMILL_AMI_NAME: "wordfreq-worker-ami" },
    "unset one of the two",
  ],
  [
    "a key of another region",
    { FILEMILL_KMS_KEY_ARN: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-96ef-1234567890ab" },
    "is not a key of the region us-east-1",
  ],
  ["zones of another region", { FILEMILL_ZONES: "eu-west-1a,eu-west-1b" }, "eu-west-1a is not in us-east-1"],
  [
    "one image for types of two architectures",
    { FILEMILL_INSTANCE_TYPES: "c7g.large,c5.large", FILEMILL_AMI_ID: "ami-0123456789abcdef0" },
    "has types of arm64 and x86_64",
  ],
  ["a minimum above the maximum", { FILEMILL_MINIMUM_INSTANCES: "3" }, "above maximumInstances 2"],
  ["a published run elsewhere", { FILEMILL_COURSEWORK_RUN: "C" }, "FILEMILL_ENVIRONMENT 'dev'"],
  [
    "a published run beside a policy",
    { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_COURSEWORK_RUN: "A", FILEMILL_SCALING: "step" },
    "run A is simple scaling on t2.micro",
  ],
  [
    "a published run beside types, although they agree",
    { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_COURSEWORK_RUN: "D", FILEMILL_INSTANCE_TYPES: "r5.large" },
    "unset one of the two",
  ],
  [
    "policies that never see a few files, at zero (S1.109)",
    { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_MINIMUM_INSTANCES: "0" },
    "S1.109",
  ],
  ["a type with a quota of its own", { FILEMILL_INSTANCE_TYPES: "g5.large" }, "'g5.large' is none of EC2's standard types"],
  ["a type whose size tells no vCPUs", { FILEMILL_INSTANCE_TYPES: "c7g.metal" }, "'c7g.metal' is none of EC2's standard types"],
  [
    "more of one batch than is kept for all",
    { FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "10", FILEMILL_LAMBDA_CONCURRENCY: "11" },
    "10 are kept for all",
  ],
  [
    "so few chunks that the policies never fire",
    { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_FLEET_CONCURRENCY: "14" },
    "one batch would never let the fleet grow",
  ],
  ["more instances than the lab has (S1.65)", { FILEMILL_ENVIRONMENT: "coursework", FILEMILL_MAXIMUM_INSTANCES: "9" }, "the account's 9"],
])("%s: refused, and the variables are named", (_what, variables, reason) => {
  expect(() => configuration.load(variables)).toThrow(reason);
  for (const name of Object.keys(variables).filter((each) => each !== "FILEMILL_ENVIRONMENT"))
    expect(() => configuration.load(variables)).toThrow(name);
});

test.each([
  ["A", "simple", "t2.micro"],
  ["B", "step", "t2.micro"],
  ["C", "step", "c5.large"],
  ["D", "step", "r5.large"],
] as const)("run %s of the published ones has the %s policy on %s, one file at a time (S1.85)", (run, kind, type) => {
  const { fleet } = configuration.load({ FILEMILL_ENVIRONMENT: "coursework", FILEMILL_COURSEWORK_RUN: run });
  expect(fleet).toMatchObject({ scaleOut: { kind }, instanceTypes: [type], images: { x86_64: {} }, slotsPerWorker: 1 });
  expect([fleet.minimumInstances, fleet.maximumInstances]).toEqual([1, 5]);
});

test("a variable that is misspelt is refused, with the one that is meant; those of others are left alone", () => {
  const misspelt = (): unknown => configuration.load({ FILEMILL_MAXIMUM_INSTANCE: "9" });
  expect(misspelt).toThrow(ConfigurationError);
  expect(misspelt).toThrow(/FILEMILL_MAXIMUM_INSTANCE is '9'(.|\n)*if FILEMILL_MAXIMUM_INSTANCES is meant/);
  expect(configuration.load({ FILEMILL_HOME: "/somewhere", FILEMILL_STACK_OUTPUTS: "outputs.json" }).name).toBe("dev");
});

test("docs/infrastructure.md describes just the variables that there are", () => {
  const table = readFileSync("docs/infrastructure.md", "utf8").split("### Variables of a synthesis")[1]?.split("\n## ")[0] ?? "";
  const described = [...table.matchAll(/^\| `(FILEMILL_\w+)`/gm)].map(([, name]) => name);
  expect(described).toEqual([SYSTEMS_VARIABLE, ...Object.keys(overridesSchema.shape)]);
});

const fleetOf = (base: EnvironmentInput, fleet: Partial<EnvironmentInput["fleet"]>): EnvironmentInput => ({
  ...base,
  fleet: { ...base.fleet, ...fleet },
});

describe("combinations that can't work are refused with their reason", () => {
  test.each<[string, EnvironmentInput, string]>([
    ["policies beside the orchestrator", { ...coursework, orchestrateEachMinute: true }, "either the orchestrator"],
    ["nothing that scales out", { ...dev, orchestrateEachMinute: false }, "either the orchestrator"],
    ["more instances than the lab account has (S1.65)", fleetOf(coursework, { maximumInstances: 9 }), "the account's 9"],
    [
      "minimum 0 that no single file wakes (S1.109)",
      fleetOf(dev, { scaleOut: { kind: "simple", threshold: 10, add: 1, cooldownSeconds: 120 } }),
      "must begin at 1 message",
    ],
    [
      "scale-in of protected instances",
      fleetOf(dev, { scaleIn: { threshold: 0, remove: 1, cooldownSeconds: 120 } }),
      "can't take protected instances",
    ],
    ["two owners of scale-in", fleetOf(coursework, { idleRetireSeconds: 300 }), "needs protectFromScaleIn"],
    [
      "an x86 type without an image",
      fleetOf(dev, { instanceTypes: ["c7g.large", "c5.large"] }),
      "there is none for instanceTypes of x86_64",
    ],
    ["an arm64 type without an image", fleetOf(coursework, { instanceTypes: ["t4g.micro"] }), "there is none for instanceTypes of arm64"],
    ["minimum above maximum", fleetOf(dev, { minimumInstances: 3 }), "above maximumInstances 2"],
    ["first instances above maximum", fleetOf(dev, { initialInstances: 3 }), "not between minimumInstances 0 and maximumInstances 2"],
    [
      "steps that fall",
      fleetOf(dev, {
        scaleOut: {
          kind: "step",
          steps: [
            { from: 1, add: 1 },
            { from: 1, add: 2 },
          ],
          warmUpSeconds: 30,
        },
      }),
      "steps must rise",
    ],
    [
      "a task that outlives its message",
      { ...dev, queues: { ...dev.queues, retentionSeconds: 3_600 } },
      "the queue forgets a message after 3600 s",
    ],
    [
      "counts that fill the Lambda",
      { ...dev, work: { ...dev.work, functionCounterMemoryMebibytes: 1_000 } },
      "half of the memory of process-upload",
    ],
    [
      "files split that fit a chunk",
      { ...dev, planning: { ...dev.planning, splitBytes: 65_536 } },
      "files would be split that fit a chunk",
    ],
    [
      "a lease that a live worker seems to outlive",
      { ...dev, queues: { ...dev.queues, visibilityTimeoutSeconds: 9 } },
      "visibilityTimeoutSeconds",
    ],
    ["a zone twice", { ...dev, availabilityZones: ["us-east-1a", "us-east-1a", "us-east-1b"] }, "a zone is named twice"],
    ["a zone of another region", { ...dev, region: "eu-west-1" }, "us-east-1a is not in eu-west-1"],
    ["one zone", { ...dev, availabilityZones: ["us-east-1a"] }, "availabilityZones"],
  ])("%s", (_what, input, reason) => {
    expect(() => configuration.validate(input)).toThrow(reason);
  });
});

test("the step policy of coursework is chosen by its variable (S1.85)", () => {
  expect(configuration.load({ FILEMILL_ENVIRONMENT: "coursework", FILEMILL_SCALING: "step" }).fleet.scaleOut).toEqual({
    kind: "step",
    steps: [
      { from: 10, add: 1 },
      { from: 50, add: 2 },
      { from: 100, add: 4 },
    ],
    warmUpSeconds: 30,
  });
});
