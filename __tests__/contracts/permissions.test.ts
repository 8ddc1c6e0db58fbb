import { SYSTEMS } from "../../systems";
import { unnoticedOf } from "../permissions/unnoticed";
import { everyStack, type NamedStack } from "../support/every-stack";
import { grantsOf, titleOf, type Grant } from "../support/permissions";
import { processesOf } from "../support/processes";
import { makeProgram, reachedCalls, type SdkCall } from "../support/reached-calls";
import { resourcesOf, statementsOf } from "../support/synth";

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
 * One that depends on what is asked for is told by the adapter's class, too.
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
  // each names a version
  "client-s3 GetObjectCommand S3UploadReader": ["GetObjectVersion"],
  "client-s3 HeadObjectCommand S3UploadReader": ["GetObjectVersion"],
  "client-s3 ListObjectsV2Command": ["ListBucket"],
  "client-lambda InvokeCommand": ["InvokeFunction"],
  "lib-dynamodb BatchGetCommand": ["BatchGetItem"],
  "lib-dynamodb GetCommand": ["GetItem"],
  "lib-dynamodb PutCommand": ["PutItem"],
  "lib-dynamodb UpdateCommand": ["UpdateItem"],
  "lib-dynamodb paginateQuery": ["Query"],
  // by parts when the file is big: a part that fails is aborted
  "lib-storage Upload": ["PutObject", "AbortMultipartUpload"],
};

/** The table that an adapter's class is for, by the system: the one thing that tells puts from puts. */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  batch: { DynamoDbRowStore: "wordfreq-ledger", DynamoDbResultStore: "wordfreq" },
  media: { DynamoDbRowStore: "media-uploads" },
};

/** Granted without a command of ours, and why. */
const IMPLIED: readonly (readonly [role: RegExp, permission: string, reason: string])[] = [
  [/-lambda$/, "logs:CreateLogStream", "Lambda writes the log in the role's name"],
  [/-lambda$/, "logs:PutLogEvents", "Lambda writes the log in the role's name"],
  ...[
    "ssm:UpdateInstanceInformation",
    ...["Create", "Open"].flatMap((verb) => ["Control", "Data"].map((what) => `ssmmessages:${verb}${what}Channel`)),
  ].map((permission) => [/worker$/, permission, "the agent on the host opens sessions in the role's name"] as const),
  [
    /worker$|(process-chunk|process-upload|seal|merge-range|reduce|report|classify)-lambda$/,
    "s3:ListBucket",
    "without it a missing object answers 403, not 404: a file deleted since the plan is `missing`, state that expired is gone",
  ],
];

interface Process {
  readonly system: string;
  readonly role: string;
  readonly entryFile: string;
  readonly grants: readonly Grant[];
  /** What its code comes to, as permissions. */
  readonly used: readonly string[];
}

let everyEnvironment: readonly NamedStack[];
let stacks: readonly NamedStack[];
let processes: readonly Process[];
beforeAll(async () => {
  everyEnvironment = await everyStack();
  // with every function that there is
  stacks = (await everyStack({ FILEMILL_INGEST: "lambda" })).filter(({ environment }) => environment === "dev");
  const found = (
    await Promise.all(
      stacks.map(async ({ system, stack }) => (await processesOf(system, stack)).map((process) => ({ ...process, system, stack }))),
    )
  ).flat();
  const program = makeProgram(found.map(({ entryFile }) => entryFile));
  processes = found.map(({ system, stack, role, entryFile }) => ({
    ...{ system, role, entryFile },
    grants: grantsOf(stack).filter((grant) => grant.role === role),
    used: reachedCalls(program, entryFile).flatMap((call) => permissionsOfCall(system, call)),
  }));
});

function permissionsOfCall(system: string, { package: sdkPackage, name, inClass }: SdkCall): string[] {
  const service = SERVICES[sdkPackage];
  if (service === undefined) throw new Error(`${name} is of ${sdkPackage}, whose actions are not known; add it to SERVICES`);
  const actions = ACTIONS[`${sdkPackage} ${name} ${inClass}`] ?? ACTIONS[`${sdkPackage} ${name}`] ?? [name.replace(/Command$/, "")];
  const table = service === "dynamodb" ? (TABLES[system]?.[inClass] ?? inClass) : undefined;
  return actions.map((action) => withTable(`${service}:${action}`, table));
}

const permissionsOfGrant = ({ action, resources }: Grant): string[] =>
  action.startsWith("dynamodb:") ? resources.map((resource) => withTable(action, resource.slice(resource.indexOf("/") + 1))) : [action];

const withTable = (action: string, table: string | undefined): string => (table === undefined ? action : `${action} of ${table}`);
const sorted = (permissions: readonly string[]): string[] => [...new Set(permissions)].sort();

const impliedFor = (role: string): string[] => IMPLIED.flatMap(([of, permission]) => (of.test(role) ? [permission] : []));

test("every system is here, and every role is a process's or a state machine's, whose are compared with its definition", () => {
  expect(stacks.map(({ system }) => system)).toEqual(SYSTEMS.map(({ name }) => name));
  for (const { system, stack } of stacks) {
    const ofMachines = Object.values(stack.resource["aws_sfn_state_machine"] ?? {}).map(({ name }) => `${String(name)}-machine`);
    const known = [...ofMachines, ...processes.filter((process) => process.system === system).map(({ role }) => role)];
    expect(sorted(grantsOf(stack).map(({ role }) => role))).toEqual(sorted(known));
  }
});

test("every process's role is granted the actions of the SDK commands that its code uses, and no other (S1.51)", () => {
  for (const { role, grants, used } of processes) {
    expect({ role, isUsed: used.length > 0 }).toEqual({ role, isUsed: true });
    expect({ role, may: sorted(grants.flatMap(permissionsOfGrant)) }).toEqual({ role, may: sorted([...used, ...impliedFor(role)]) });
  }
});

test("what is implied is not also used: its reason would be wrong", () => {
  for (const { role, used } of processes) {
    expect({ role, both: impliedFor(role).filter((permission) => used.includes(permission)) }).toEqual({ role, both: [] });
  }
});

test("through the gateway endpoints goes what the worker uses of S3 and DynamoDB, and nothing else (S1.112)", () => {
  const actionOf = (permission: string): string => permission.replace(/ of .*$/, "");
  const workers = processes.filter(({ entryFile }) => entryFile === "worker/main.ts");
  const used = workers
    .flatMap((process) => [...process.used, ...impliedFor(process.role)])
    .map(actionOf)
    .filter((action) => /^(s3|dynamodb):/.test(action));
  const gateways = stacks
    .filter(({ system }) => workers.some((worker) => worker.system === system))
    .flatMap(({ stack }) => resourcesOf(stack, "aws_vpc_endpoint"))
    .filter(({ body }) => body["vpc_endpoint_type"] === "Gateway");
  const open = gateways.flatMap(({ body }) => statementsOf(body["policy"]).flatMap(({ Action }) => Action));
  expect(sorted(open)).toEqual(sorted(used));
});

test("what `npm run check:permissions` says that no run can miss is granted and listed once, of every system", () => {
  for (const { system, stack } of everyEnvironment.filter(({ environment }) => environment === "local")) {
    const listed = unnoticedOf(system).map((entry) => titleOf({ ...entry, resources: [] }));
    const granted = new Set(grantsOf(stack).map(titleOf));
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((title) => !granted.has(title))).toEqual([]);
  }
});
