import { LAMBDA_NAMES } from "../../lambdas/batch/functions";
import { UNNOTICED } from "../permissions/unnoticed";
import { grantsOf, titleOf, type Grant } from "../support/permissions";
import { makeProgram, reachedCalls, type SdkCall } from "../support/reached-calls";
import { configurationOf, resourcesOf, statementsOf, synthesize } from "../support/synth";

/** Entry file by role. The state machine's role has no code of ours: the local run checks it against its definition. */
const PROCESSES: readonly (readonly [role: string, entryFile: string])[] = [
  ["wordfreq-worker", "worker/main.ts"],
  ...LAMBDA_NAMES.map((name) => [`wordfreq-${name}-lambda`, `lambdas/batch/${name}/handler.ts`] as const),
];
const MACHINE_ROLE = "wordfreq-batch-machine";

/** Prefix of a service's actions, by the SDK's package. */
const SERVICES: Readonly<Record<string, string>> = {
  "client-auto-scaling": "autoscaling",
  "client-cloudwatch-logs": "logs",
  "client-lambda": "lambda",
  "client-s3": "s3",
  "client-sfn": "states",
  "client-sqs": "sqs",
  "lib-dynamodb": "dynamodb",
  "lib-storage": "s3",
};

/**
 * Actions of commands that are not called like their action.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "client-sqs ChangeMessageVisibilityBatchCommand": ["ChangeMessageVisibility"],
  "client-sqs DeleteMessageBatchCommand": ["DeleteMessage"],
  "client-sqs SendMessageBatchCommand": ["SendMessage"],
  // a copy reads one object and writes another; by parts when it is big
  "client-s3 CopyObjectCommand": ["GetObject", "PutObject"],
  "client-s3 CreateMultipartUploadCommand": ["PutObject"],
  "client-s3 UploadPartCopyCommand": ["GetObject", "PutObject"],
  "client-s3 CompleteMultipartUploadCommand": ["PutObject"],
  "client-s3 HeadObjectCommand": ["GetObject"],
  "client-s3 paginateListObjectsV2": ["ListBucket"],
  "client-lambda InvokeCommand": ["InvokeFunction"],
  "lib-dynamodb BatchGetCommand": ["BatchGetItem"],
  "lib-dynamodb GetCommand": ["GetItem"],
  "lib-dynamodb PutCommand": ["PutItem"],
  "lib-dynamodb UpdateCommand": ["UpdateItem"],
  "lib-dynamodb paginateQuery": ["Query"],
  // by parts when the file is big: a part that fails is aborted
  "lib-storage Upload": ["PutObject", "AbortMultipartUpload"],
};

/** The table that an adapter's class is for: the one thing that tells puts from puts. */
const TABLES: Readonly<Record<string, string>> = { DynamoDbRowStore: "wordfreq-ledger", DynamoDbResultStore: "wordfreq" };

/** Granted without a command of ours, and why. */
const IMPLIED: readonly (readonly [role: RegExp, permission: string, reason: string])[] = [
  [/-lambda$/, "logs:CreateLogStream", "Lambda writes the log in the role's name"],
  [/-lambda$/, "logs:PutLogEvents", "Lambda writes the log in the role's name"],
  ...[
    "ssm:UpdateInstanceInformation",
    ...["Create", "Open"].flatMap((verb) => ["Control", "Data"].map((what) => `ssmmessages:${verb}${what}Channel`)),
  ].map((permission) => [/worker$/, permission, "the agent on the host opens sessions in the role's name"] as const),
  [
    /worker$|(process-chunk|seal|reduce|report)-lambda$/,
    "s3:ListBucket",
    "without it a missing object answers 403, not 404: a file deleted since the plan is `missing`, state that expired is gone",
  ],
];

const stack = synthesize(configurationOf("dev"));
const grants = grantsOf(stack);
const program = makeProgram(PROCESSES.map(([, entryFile]) => entryFile));

function permissionsOfCall({ package: sdkPackage, name, inClass }: SdkCall): string[] {
  const service = SERVICES[sdkPackage];
  if (service === undefined) throw new Error(`${name} is of ${sdkPackage}, whose actions are not known; add it to SERVICES`);
  const actions = ACTIONS[`${sdkPackage} ${name}`] ?? [name.replace(/Command$/, "")];
  return actions.map((action) => withTable(`${service}:${action}`, service === "dynamodb" ? (TABLES[inClass] ?? inClass) : undefined));
}

const permissionsOfGrant = ({ action, resources }: Grant): string[] =>
  action.startsWith("dynamodb:") ? resources.map((resource) => withTable(action, resource.slice(resource.indexOf("/") + 1))) : [action];

const withTable = (action: string, table: string | undefined): string => (table === undefined ? action : `${action} of ${table}`);
const sorted = (permissions: readonly string[]): string[] => [...new Set(permissions)].sort();

const usedBy = (entryFile: string): string[] => reachedCalls(program, entryFile).flatMap(permissionsOfCall);
const impliedFor = (role: string): string[] => IMPLIED.flatMap(([of, permission]) => (of.test(role) ? [permission] : []));

test("every role but the state machine's belongs to a process", () => {
  expect(sorted(grants.map(({ role }) => role))).toEqual(sorted([MACHINE_ROLE, ...PROCESSES.map(([role]) => role)]));
});

test.each(PROCESSES)("%s is granted the actions of the SDK commands that %s uses, and no other (S1.51)", (role, entryFile) => {
  const used = usedBy(entryFile);
  expect(used).not.toHaveLength(0);
  const granted = grants.filter((grant) => grant.role === role).flatMap(permissionsOfGrant);
  expect(sorted(granted)).toEqual(sorted([...used, ...impliedFor(role)]));
});

test("what is implied is not also used: its reason would be wrong", () => {
  for (const [role, entryFile] of PROCESSES) {
    const used = usedBy(entryFile);
    expect({ role, both: impliedFor(role).filter((permission) => used.includes(permission)) }).toEqual({ role, both: [] });
  }
});

test("through the gateway endpoints goes what the worker uses of S3 and DynamoDB, and nothing else (S1.112)", () => {
  const actionOf = (permission: string): string => permission.replace(/ of .*$/, "");
  const used = [...usedBy("worker/main.ts"), ...impliedFor("wordfreq-worker")]
    .map(actionOf)
    .filter((action) => /^(s3|dynamodb):/.test(action));
  const gateways = resourcesOf(stack, "aws_vpc_endpoint").filter(({ body }) => body["vpc_endpoint_type"] === "Gateway");
  const open = gateways.flatMap(({ body }) => statementsOf(body["policy"]).flatMap(({ Action }) => Action));
  expect(sorted(open)).toEqual(sorted(used));
});

test("what `npm run check:permissions` says that no run can miss is granted and listed once", () => {
  const listed = UNNOTICED.map((entry) => titleOf({ ...entry, resources: [] }));
  const granted = new Set(grantsOf(synthesize(configurationOf("local"))).map(titleOf));
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed.filter((title) => !granted.has(title))).toEqual([]);
});
