import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { ENVIRONMENT_BEGIN, ENVIRONMENT_END } from "../../kit/lib/user-data";
import type { SettingsOf } from "../../kit/function/define-function";
import { SETTINGS_VARIABLE } from "../../kit/function/function-environment";
import { present } from "../../kit/lib/present";
import { planFunction } from "../../lambdas/batch/plan/function";
import { sealFunction } from "../../lambdas/batch/seal/function";
import { synthesisEnvironment } from "../../kit/lib/env";
import { stackNameOf } from "../../kit/lib/stack-marks";
import { LOCAL_ACCOUNT_ID } from "../../kit/local/emulator/emulator";
import { PROJECT, startCommand, type CommandResult } from "./command";
import { linkEmulator } from "./emulator-home";
import { resolveText, SAMPLE_ACCOUNT_ID } from "./resolve";
import { statementsOf, synthesizedStackSchema, type Statement, type SynthesizedStack } from "./synth";

/** One action in one statement of a role. */
export interface Grant {
  /** Name of the role, as in its ARN. */
  readonly role: string;
  /** The statement's id: an action may be granted on several resources in a statement each. */
  readonly sid: string;
  readonly action: string;
  /** ARNs as the local run has them; `*` stands for any text. */
  readonly resources: readonly string[];
}

export const titleOf = ({ role, sid, action }: Grant): string => `${role}: ${action} (${sid})`;

/** The environment `local`, synthesized by the built program in a folder of its own, from which changed copies can be run. */
export class LocalSynthesis {
  public readonly stack: SynthesizedStack;
  private readonly directory = mkdtempSync(path.join(tmpdir(), "filemill-permissions-"));
  private readonly stackFile: string;
  private readonly whole: Readonly<Record<string, unknown>>;
  private copies = 0;

  /** Synchronous: tests are named by what is in the stack. `npm run build` goes first. */
  public constructor(public readonly system = "batch") {
    const program = path.join(PROJECT, "dist", "main.js");
    if (!existsSync(program)) throw new Error(`${program} is not there; run \`npm run build\` first`);
    execFileSync(process.execPath, [program], {
      cwd: PROJECT,
      env: synthesisEnvironment(process.env, "local", this.directory, [system]),
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.stackFile = path.join(this.directory, "stacks", stackNameOf(system, "local"), "cdk.tf.json");
    this.whole = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(this.stackFile, "utf8")));
    this.stack = synthesizedStackSchema.parse(this.whole);
  }

  /** Runs `work` with a changed copy of the stack file, beside the original: what is in it is relative to its folder. */
  public async withCopy<T>(change: (stack: SynthesizedStack) => void, work: (stackFile: string) => Promise<T>): Promise<T> {
    const copy = structuredClone(this.stack);
    change(copy);
    this.copies += 1;
    const file = path.join(path.dirname(this.stackFile), `cdk.tf.${this.copies}.json`);
    await writeFile(file, JSON.stringify({ ...this.whole, resource: copy.resource, locals: copy.locals }));
    try {
      return await work(file);
    } finally {
      await rm(file);
    }
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Every action of every role. */
export function grantsOf(stack: SynthesizedStack): Grant[] {
  const grants = policiesOf(stack).flatMap(({ role, statements }) =>
    statements.flatMap(({ Sid: sid, Action, Resource = [] }) =>
      Action.map((action) => ({ role, sid, action, resources: Resource.map((resource) => localArn(stack, resource)) })),
    ),
  );
  if (grants.length === 0) throw new Error("no role of the stack is granted anything: tests over its grants would hold for nothing");
  return grants;
}

/** Takes actions out of the roles' policies. */
export function takeOut(stack: SynthesizedStack, grants: readonly Grant[]): void {
  const taken = new Set(grants.map(titleOf));
  for (const { role, statements, body } of policiesOf(stack)) {
    const left = statements.flatMap((statement) => {
      const actions = statement.Action.filter((action) => !taken.delete(titleOf({ role, sid: statement.Sid, action, resources: [] })));
      return actions.length === 0 ? [] : [{ ...statement, Action: actions }];
    });
    body["policy"] = JSON.stringify({ Version: "2012-10-17", Statement: left });
  }
  if (taken.size > 0) throw new Error(`the stack doesn't grant ${[...taken].join(", ")}, so it can't be taken out`);
}

interface RolePolicy {
  readonly role: string;
  readonly statements: readonly Statement[];
  readonly body: Record<string, unknown>;
}

const policiesOf = (stack: SynthesizedStack): RolePolicy[] =>
  Object.values(stack.resource["aws_iam_role_policy"] ?? {}).map((body) => ({
    role: roleNameOf(stack, body["role"]),
    statements: statementsOf(body["policy"]),
    body,
  }));

/** @param reference to a role's name or ARN */
export function roleNameOf(stack: SynthesizedStack, reference: unknown): string {
  const [, id = ""] = /^\$\{aws_iam_role\.([\w-]+)\.(?:name|arn)\}$/.exec(String(reference)) ?? [];
  return z.string().parse(stack.resource["aws_iam_role"]?.[id]?.["name"]);
}

const localArn = (stack: SynthesizedStack, resource: string): string =>
  resolveText(stack, resource).replace(`:${SAMPLE_ACCOUNT_ID}:`, `:${LOCAL_ACCOUNT_ID}:`);

type PlanSettings = NonNullable<SettingsOf<typeof planFunction>>;

/** Changes the plan's settings in its Lambda's environment. */
export function changePlanSettings(stack: SynthesizedStack, change: (settings: PlanSettings) => PlanSettings): void {
  const body = Object.values(stack.resource["aws_lambda_function"] ?? {}).find((each) => String(each["function_name"]).endsWith("-plan"));
  const { variables } = z.object({ variables: z.record(z.string(), z.string()) }).parse(body?.["environment"]);
  const settings = change(present(planFunction.settings, "the plan's schema").parse(JSON.parse(variables[SETTINGS_VARIABLE] ?? "")));
  Object.assign(body ?? {}, { environment: { variables: { ...variables, [SETTINGS_VARIABLE]: JSON.stringify(settings) } } });
}

/** Changes by how many partials a seal cuts into ranges, in its Lambda's environment. */
export function cutPartialsInto(stack: SynthesizedStack, partialsPerRange: number): void {
  const body = Object.values(stack.resource["aws_lambda_function"] ?? {}).find((each) => String(each["function_name"]).endsWith("-seal"));
  const { variables } = z.object({ variables: z.record(z.string(), z.string()) }).parse(body?.["environment"]);
  const settings = present(sealFunction.settings, "the seal's schema").parse({ partialsPerRange });
  Object.assign(body ?? {}, { environment: { variables: { ...variables, [SETTINGS_VARIABLE]: JSON.stringify(settings) } } });
}

/** Changes the worker's environment in the instances' user data, and in the text that its version is made from. */
export function setWorkerVariables(
  stack: SynthesizedStack,
  change: (variables: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): void {
  let texts = 0;
  for (const [name, text] of Object.entries(stack.locals)) {
    const [before, after] = [text.indexOf(ENVIRONMENT_BEGIN) + ENVIRONMENT_BEGIN.length + 1, text.indexOf(ENVIRONMENT_END)];
    if (after < before) continue;
    const lines = text.slice(before, after).trimEnd().split("\n");
    const variables = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
    const changed = change(variables);
    for (const key of Object.keys(changed)) requireKnown(Object.keys(variables), key, "the worker");
    const written = Object.entries({ ...variables, ...changed }).map(([key, value]) => `${key}=${value}\n`);
    stack.locals[name] = text.slice(0, before) + written.join("") + text.slice(after);
    texts += 1;
  }
  if (texts !== 2)
    throw new Error(`${texts} locals of the stack hold the worker's environment; its user data, and that without a version, should`);
}

function requireKnown(known: readonly string[], key: string, process: string): void {
  if (!known.includes(key)) throw new Error(`${process} has no variable ${key}; it has ${known.join(", ")}`);
}

/** What a run works on and how. */
export interface RunInput {
  /** Contents by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Options of `local run`. */
  readonly options: readonly string[];
}

/** A run takes some 5 s on a quiet machine; this long only when something waits for what will never come. */
const RUN_LIMIT_MILLISECONDS = 300_000;

/** Runs `filemill local run` on a stack file, and interrupts a run that doesn't end. */
export async function runOnStack(home: string, stackFile: string, { files, options }: RunInput): Promise<CommandResult> {
  await linkEmulator(home);
  const folder = await mkdtemp(path.join(tmpdir(), "filemill-permissions-run-"));
  try {
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(path.join(folder, name), content)));
    const named = Object.keys(files).map((name) => path.join(folder, name));
    const output = ["--out", path.join(folder, "out"), "--stack-file", stackFile, "--json"];
    const running = startCommand(home, ["local", "run", ...named, ...options, ...output]);
    const limit = setTimeout(() => running.process.kill("SIGINT"), RUN_LIMIT_MILLISECONDS);
    return await running.finished.finally(() => {
      clearTimeout(limit);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Expects that a run failed for want of a grant, and says so: exit code 1, and the role, the action and the resource in its error. */
export function expectNamed({ exitCode, stderr }: CommandResult, { role, action, resources }: Grant): void {
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(action) as unknown });
  const error = /^error: .*$/m.exec(stderr)?.[0] ?? "";
  expect(error).toContain(`/${role}`);
  expect(error).toContain(action);
  // a denied call is on one of its resources; a check at the start names the pattern
  const patterns = resources.map((resource) => resource.split("*").map(escaped).join(".*"));
  expect(error).toMatch(new RegExp(`(^|\\W)(${patterns.join("|")})`));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
