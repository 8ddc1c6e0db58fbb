import { ProvisioningError } from "../errors";

/** A permission that a state needs: the action on the resource. */
export interface NeededPermission {
  readonly action: string;
  /** ARN, or several of which the role must reach one where the definition leaves the choice to its input. */
  readonly resources: readonly string[];
  /** Where it is needed: `state ProcessChunks`. */
  readonly by: string;
}

export interface MachineFacts {
  readonly name: string;
  readonly arn: string;
  readonly definition: string;
  readonly region: string;
  readonly accountId: string;
  /** Buckets of the stack: what an ItemReader may name at run time. */
  readonly buckets: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown): Json => (isRecord(value) ? value : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The key that stands for "some object of this bucket" where only the run knows which; under the prefix of batches' files. */
const SOME_KEY = "batches/some/key";

/**
 * What a state machine's role needs, read from its definition. The emulator doesn't enforce this role, so a missing permission would
 * show on AWS only.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 * @throws ProvisioningError for an integration that is not known here
 */
export function neededByMachine(machine: MachineFacts): NeededPermission[] {
  const states = statesOf(JSON.parse(machine.definition) as unknown);
  return states.flatMap(([name, state]) => {
    if (state["Type"] === "Task") return neededByTask(name, state, machine);
    return state["Type"] === "Map" ? neededByMap(name, state, machine) : [];
  });
}

/** All states, those inside maps and branches included. */
function statesOf(definition: unknown): [string, Json][] {
  return Object.entries(record(record(definition)["States"])).flatMap(([name, body]): [string, Json][] => {
    const state = record(body);
    const branches = Array.isArray(state["Branches"]) ? (state["Branches"] as readonly unknown[]) : [];
    return [[name, state], ...[state["ItemProcessor"], ...branches].flatMap(statesOf)];
  });
}

function neededByTask(name: string, state: Json, machine: MachineFacts): NeededPermission[] {
  const resource = textOf(state["Resource"]) ?? "";
  const parameters = record(state["Parameters"] ?? state["Arguments"]);
  const by = `state ${name}`;
  const integration = resource.replace(/\.(waitForTaskToken|sync(:2)?)$/, "");
  if (integration === "arn:aws:states:::lambda:invoke") {
    return [{ action: "lambda:InvokeFunction", resources: [given(parameters, "FunctionName", name, machine)], by }];
  }
  if (/^arn:aws:lambda:/.test(resource)) return [{ action: "lambda:InvokeFunction", resources: [resource], by }];
  if (integration === "arn:aws:states:::sqs:sendMessage") {
    return [{ action: "sqs:SendMessage", resources: [queueArn(given(parameters, "QueueUrl", name, machine), machine)], by }];
  }
  throw new ProvisioningError(
    `state ${name} of ${machine.name}`,
    `the permissions of the integration ${resource} are not known`,
    "add them to kit/local/provision/machine-permissions.ts, with AWS's page",
  );
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
function neededByMap(name: string, state: Json, machine: MachineFacts): NeededPermission[] {
  const by = `state ${name}`;
  const processor = record(record(state["ItemProcessor"])["ProcessorConfig"]);
  if (processor["Mode"] !== "DISTRIBUTED") return [];
  const label = textOf(state["Label"]) ?? "some-label";
  const child = `arn:aws:states:${machine.region}:${machine.accountId}:execution:${machine.name}/${label}:some-child`;
  const needed: NeededPermission[] = [
    { action: "states:StartExecution", resources: [machine.arn], by },
    { action: "states:DescribeExecution", resources: [child], by },
    { action: "states:StopExecution", resources: [child], by },
  ];
  const reader = record(state["ItemReader"]);
  if (textOf(reader["Resource"]) === "arn:aws:states:::s3:getObject") {
    needed.push({ action: "s3:GetObject", resources: objectsOf(record(reader["Parameters"]), machine), by: `${by}, ItemReader` });
  }
  const writer = record(state["ResultWriter"]);
  if (textOf(writer["Resource"]) === "arn:aws:states:::s3:putObject") {
    const resources = objectsOf(record(writer["Parameters"]), machine);
    // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    for (const action of ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]) {
      needed.push({ action, resources, by: `${by}, ResultWriter` });
    }
  }
  return needed;
}

/** A bucket that only the run knows is one of the stack's. */
function objectsOf(parameters: Json, { buckets }: MachineFacts): string[] {
  const bucket = textOf(parameters["Bucket"]);
  const prefix = textOf(parameters["Prefix"]);
  const key = textOf(parameters["Key"]) ?? (prefix === undefined ? SOME_KEY : `${prefix}/some-run/some-file`);
  return (bucket === undefined ? buckets : [bucket]).map((name) => `arn:aws:s3:::${name}/${key}`);
}

function given(parameters: Json, field: string, state: string, machine: MachineFacts): string {
  const value = textOf(parameters[field]);
  if (value !== undefined) return value;
  throw new ProvisioningError(
    `state ${state} of ${machine.name}`,
    `${field} is not a constant, so the role's permission for it can't be checked`,
    "name the resource in the definition",
  );
}

/** `http://host/account/name` to the queue's ARN. */
const queueArn = (url: string, { region, accountId }: MachineFacts): string =>
  `arn:aws:sqs:${region}:${accountId}:${url.slice(url.lastIndexOf("/") + 1)}`;
