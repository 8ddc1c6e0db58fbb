import { coursework } from "../../config/coursework";
import { dev } from "../../config/dev";
import { ENVIRONMENT_NAMES } from "../../config/environment-names";
import { loadConfiguration, validateConfiguration } from "../../config/load";
import type { EnvironmentInput } from "../../config/schema";

test.each(ENVIRONMENT_NAMES)("%s is valid as it stands", (name) => {
  expect(loadConfiguration({ FILEMILL_ENVIRONMENT: name }).name).toBe(name);
});

test("dev is the environment without a name", () => {
  expect(loadConfiguration({}).name).toBe("dev");
});

test("every number of an environment's own is taken over", () => {
  expect(loadConfiguration({ FILEMILL_ENVIRONMENT: "coursework" }).fleet).toMatchObject({
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
  [{ FILEMILL_REGION: "eu-west-1" }, { region: "eu-west-1", availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }],
  [{ FILEMILL_SOURCE_BUCKETS: "one-bucket, other-bucket" }, { sourceBuckets: ["one-bucket", "other-bucket"] }],
  [{ FILEMILL_EGRESS: "nat" }, { egress: "nat" }],
  [{ FILEMILL_AMI_ID: "ami-0123456789abcdef0" }, { fleet: { image: { kind: "id", amiId: "ami-0123456789abcdef0" } } }],
])("%j changes what it names", (variables, expected) => {
  expect(loadConfiguration(variables)).toMatchObject(expected);
});

test.each([
  [{ FILEMILL_ENVIRONMENT: "staging" }, "FILEMILL_ENVIRONMENT"],
  [{ FILEMILL_OWNER: "Not_A_Bucket" }, "owner is 'Not_A_Bucket': "],
  [{ FILEMILL_EGRESS: "proxy" }, "FILEMILL_EGRESS is 'proxy': "],
  [{ FILEMILL_AMI_ID: "ubuntu" }, "amiId"],
  [{ FILEMILL_SOURCE_BUCKETS: "UPPER" }, "sourceBuckets"],
  [{ FILEMILL_SCALING: "step" }, "FILEMILL_ENVIRONMENT 'dev'"],
])("%j is refused and named", (variables, named) => {
  expect(() => loadConfiguration(variables)).toThrow(named);
});

const fleetOf = (base: EnvironmentInput, fleet: Partial<EnvironmentInput["fleet"]>): EnvironmentInput => ({
  ...base,
  fleet: { ...base.fleet, ...fleet },
});

describe("combinations that can't work are refused with their reason", () => {
  test.each<[string, EnvironmentInput, string]>([
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
    ["an x86 type on arm64", fleetOf(dev, { instanceTypes: ["c7g.large", "c5.large"] }), "c5.large is not arm64"],
    ["an arm64 type on x86", fleetOf(coursework, { instanceTypes: ["t4g.micro"] }), "t4g.micro is not x86_64"],
    ["minimum above maximum", fleetOf(dev, { minimumInstances: 6 }), "above maximumInstances 5"],
    ["first instances above maximum", fleetOf(dev, { initialInstances: 6 }), "not between minimumInstances 0 and maximumInstances 5"],
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
      "half of the Lambda's memory",
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
    ["two zones (S1.101)", { ...dev, availabilityZones: ["us-east-1a", "us-east-1b"] }, "availabilityZones"],
  ])("%s", (_what, input, reason) => {
    expect(() => validateConfiguration(input)).toThrow(reason);
  });
});

test("the step policy of coursework is chosen by its variable (S1.85)", () => {
  expect(loadConfiguration({ FILEMILL_ENVIRONMENT: "coursework", FILEMILL_SCALING: "step" }).fleet.scaleOut).toEqual({
    kind: "step",
    steps: [
      { from: 10, add: 1 },
      { from: 50, add: 2 },
      { from: 100, add: 4 },
    ],
    warmUpSeconds: 30,
  });
});
