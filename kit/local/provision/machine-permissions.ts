import { ProvisioningError } from "../errors";
import { distributedMapPermissions, READER_ACTIONS, TASK_PERMISSIONS, WRITER_ACTIONS, type Permission } from "./integration-permissions";

/** A permission that a state needs: the action on the resource. */
export interface NeededPermission {
  readonly action: string;
  /** ARN with `*` for any text, or several of which the role must reach one where the definition leaves the choice to its input. */
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
  /** What reference paths stand for at run time (`$.plan.chunksKey`), `*` for any text. @default not known: any bucket, some key */
  readonly paths?: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown): Json => (isRecord(value) ? value : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The key that stands for "some object of this bucket" where only the run knows which; under the prefix of batches' files. */
const SOME_KEY = "batches/some/key";

/**
 * What a state machine's role needs, read from its definition. The emulator doesn't enforce this role, so a missing permission would
 * show on AWS only. The actions are those of `integration-permissions.ts`.
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
  const parameters = parametersOf(state);
  const by = `state ${name}`;
  if (/^arn:aws:lambda:/.test(resource)) return [{ action: "lambda:InvokeFunction", resources: [resource], by }];
  const integration = integrationOf(resource.replace(/\.(waitForTaskToken|sync(:2)?)$/, ""));
  const permissionOf = TASK_PERMISSIONS[integration];
  if (permissionOf === undefined) throw unknownIntegration(name, resource, machine);
  return neededFor(by)(permissionOf({ given: (field) => given(parameters, field, name, machine), machine }));
}

function neededByMap(name: string, state: Json, machine: MachineFacts): NeededPermission[] {
  const by = `state ${name}`;
  if (record(record(state["ItemProcessor"])["ProcessorConfig"])["Mode"] !== "DISTRIBUTED") return [];
  return [
    // without a label of its own a map has one that only AWS knows
    ...distributedMapPermissions(textOf(state["Label"]) ?? "*", machine).flatMap(neededFor(by)),
    ...neededForObjects(`${by}, ItemReader`, state["ItemReader"], READER_ACTIONS, name, machine),
    ...neededForObjects(`${by}, ResultWriter`, state["ResultWriter"], WRITER_ACTIONS, name, machine),
  ];
}

function neededForObjects(
  by: string,
  readerOrWriter: unknown,
  known: Readonly<Record<string, readonly string[]>>,
  state: string,
  machine: MachineFacts,
): NeededPermission[] {
  if (readerOrWriter === undefined) return [];
  const resource = textOf(record(readerOrWriter)["Resource"]) ?? "";
  const actions = known[integrationOf(resource)];
  if (actions === undefined) throw unknownIntegration(state, resource, machine);
  return neededFor(by)({ actions, resources: objectsOf(parametersOf(record(readerOrWriter)), machine) });
}

const neededFor =
  (by: string) =>
  ({ actions, resources }: Permission): NeededPermission[] =>
    actions.map((action) => ({ action, resources, by }));

/** `arn:aws:states:::lambda:invoke` to `lambda:invoke`. */
const integrationOf = (resource: string): string => resource.replace(/^arn:aws:states:::/, "");
const parametersOf = (of: Json): Json => record(of["Parameters"] ?? of["Arguments"]);

const unknownIntegration = (state: string, resource: string, { name }: MachineFacts): ProvisioningError =>
  new ProvisioningError(
    `state ${state} of ${name}`,
    `the permissions of the integration ${resource} are not known`,
    "add them to kit/local/provision/integration-permissions.ts, with AWS's page",
  );

/** A bucket that only the run knows is one of the stack's. */
function objectsOf(parameters: Json, { buckets, paths = {} }: MachineFacts): string[] {
  const valueOf = (field: string): string | undefined => textOf(parameters[field]) ?? paths[textOf(parameters[`${field}.$`]) ?? ""];
  const [bucket, prefix] = [valueOf("Bucket"), valueOf("Prefix")];
  const key = valueOf("Key") ?? (prefix === undefined ? SOME_KEY : `${prefix}/*`);
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
