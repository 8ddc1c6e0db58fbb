import path from "node:path";
import { Option } from "commander";
import { SYSTEM_NAME } from "../../contracts/names";
import { accountOf } from "../../contracts/stack-outputs";
import { VERSIONS } from "../../contracts/versions";
import type { ServiceAnswer } from "../../../../kit/ports/service-probe";
import { compareQuotas } from "../../core/quotas/compare-quotas";
import { runCases, type CaseResult } from "../../../../kit/simulator/conformance/run-cases";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { writeAtomically } from "../../../../kit/cli/output/write-atomically";
import { checkCaller } from "../../../../kit/cli/doctor/check-caller";
import { checkDrift } from "../../../../kit/cli/doctor/check-drift";
import { checkNode, checkTerraform } from "../../../../kit/cli/doctor/check-versions";
import type { Finding } from "../../../../kit/cli/doctor/finding";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { TAG_KEYS } from "../../../../kit/lib/stack-marks";
import { renderConformance, renderFindings, renderQuotas, renderServices } from "../render/doctor";
import type { Services } from "../services";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface DoctorOptions {
  readonly conformance?: true;
  readonly drift?: true;
  readonly record?: string;
  readonly roleArn?: string;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** Requests signed with a clock that is further off are refused. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const TOLERATED_SKEW_SECONDS = 300;

export function addDoctor(program: Verb, context: CommandContext): void {
  program
    .command("doctor")
    .addOption(
      new Option("--conformance", "run small state machines on the stack and compare them with the simulator's; removes what it creates"),
    )
    .option("--drift", "also hold what is deployed against what these sources would deploy: code, state machine, archive, outputs")
    .addOption(new ValueOption("--record <file>", "write what came out of them as JSON; needs --conformance", "traces.json"))
    .addOption(
      new ValueOption(
        "--role-arn <arn>",
        "role of those state machines (default: that of the stack's own); needs --conformance",
        "arn:aws:iam::123456789012:role/my-role",
      ),
    )
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill doctor", "do the services answer, do the account's quotas suffice"],
      ["npx filemill doctor --drift", "is what is deployed what these sources make"],
      ["npx filemill doctor --conformance --record traces.json", "does its Step Functions do what the simulator expects"],
    ])
    .action((options: DoctorOptions) => doctor(context, options));
}

async function doctor(context: CommandContext, options: DoctorOptions): Promise<void> {
  if (options.conformance !== true && (options.record ?? options.roleArn) !== undefined) {
    throw new UsageError("--record and --role-arn say how to run --conformance, which is missing", "add --conformance, or leave them out");
  }
  if (options.drift === true && options.conformance === true)
    throw new UsageError("--drift with --conformance: each is a look of its own", "leave one of them out");
  const services = await connectToTarget(context, options.stackOutputs, { alwaysTell: true });
  if (options.conformance === true) await conformance(context, services, options);
  else await health(context, services, options);
}

async function health(context: CommandContext, services: Services, { drift, json }: DoctorOptions): Promise<void> {
  const { clock, exitWith, reporter, terminal } = context;
  const { doctor: parts, outputs } = services;
  reporter.wait("asking the stack's services");
  const [answers, quotaAnswers, ...looks] = await Promise.all([
    parts.probe.probe(),
    parts.quotas?.read(),
    checkCaller(parts.whoAmI, accountOf(outputs), clock.now()).then((finding) => [finding]),
    versionFindings(context, services),
    ...(drift === true ? [driftFindings(context, services)] : []),
  ]);
  const findings = looks.flat();
  // what binds makes a batch slower, not the stack unwell
  const verdicts = quotaAnswers === undefined ? undefined : compareQuotas(outputs.configured, quotaAnswers);
  const skew = skewSeconds(answers, clock.now());
  const well =
    answers.every(({ problem }) => problem === undefined) &&
    Math.abs(skew ?? 0) <= TOLERATED_SKEW_SECONDS &&
    findings.every(({ verdict }) => verdict !== "wrong");
  const versions = { filemill: VERSIONS.code, plan: VERSIONS.plan, unicode: VERSIONS.unicode, node: process.versions.node };
  if (json === true)
    printJson(terminal, {
      well,
      services: answers.map(publicAnswer),
      clockSkewSeconds: skew ?? null,
      quotas: verdicts ?? null,
      versions,
      checks: findings,
    });
  else {
    terminal.stdout.print(renderServices(answers, tableColumns(terminal)));
    terminal.stdout.print(renderFindings(findings, tableColumns(terminal)));
    terminal.stdout.print(
      verdicts === undefined ? "quotas: not asked: the emulator has no quotas\n" : renderQuotas(verdicts, tableColumns(terminal)),
    );
    terminal.stdout.print(
      `filemill ${versions.filemill}, plan format ${versions.plan}, Unicode ${versions.unicode}, Node ${versions.node}\n` +
        (skew === undefined ? "clock: no service told its time\n" : `clock: ${describeSkew(skew)}\n`),
    );
  }
  exitWith(well ? EXIT.done : EXIT.failed);
}

/** What a deployment needs of this machine; the local stack needs no Terraform. */
async function versionFindings({ environment, projectDirectory }: CommandContext, { doctor }: Services): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  return doctor.emulator ? [node] : [node, ...(await checkTerraform(environment, projectDirectory))];
}

/** The sources, synthesized for the stack's own environment and owner, beside what runs. */
function driftFindings(context: CommandContext, { doctor, objects, outputs, storage }: Services): Promise<Finding[]> {
  return withCommandFolder(context, async (folder) => {
    const { deployments, local, signal } = context;
    const outputDirectory = path.join(folder, "synth");
    let stackFile: string | undefined;
    if (doctor.emulator) stackFile = (await local.synthesize([SYSTEM_NAME], outputDirectory, signal))[SYSTEM_NAME];
    else {
      const tags = (await storage.tagsOf(outputs.state_bucket)) ?? {};
      const ref = {
        system: SYSTEM_NAME,
        environment: tags[TAG_KEYS.environment] ?? "",
        owner: tags[TAG_KEYS.owner] ?? "",
        region: outputs.region,
      };
      stackFile = await deployments.synthesize(ref, outputDirectory, signal);
    }
    return checkDrift({ stackFile: stackFile ?? "", code: doctor.code, objects, bucket: outputs.state_bucket, outputs });
  });
}

const publicAnswer = ({ service, milliseconds, problem }: ServiceAnswer): object => ({
  service,
  answers: problem === undefined,
  milliseconds,
  ...(problem === undefined ? {} : { problem }),
});

/** @returns seconds that this machine's clock is ahead of the service that is furthest off; negative when behind */
function skewSeconds(answers: readonly ServiceAnswer[], now: number): number | undefined {
  const skews = answers.flatMap(({ serverTime }) => (serverTime === undefined ? [] : [Math.round((now - serverTime) / 1_000)]));
  return skews.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
}

function describeSkew(skew: number): string {
  // the header has whole seconds, and the answer took a moment
  if (Math.abs(skew) <= 2) return "the same as the services'";
  const off = `${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} the services'`;
  return Math.abs(skew) <= TOLERATED_SKEW_SECONDS ? off : `${off}: set it right, or AWS refuses what this machine signs`;
}

async function conformance(
  context: CommandContext,
  { doctor: { conformanceTarget, emulator } }: Services,
  options: DoctorOptions,
): Promise<void> {
  const { reporter, terminal } = context;
  let done = 0;
  const results = await runCases(conformanceTarget(options.roleArn), {
    emulator,
    signal: context.signal,
    onResult: (_, total) => {
      done += 1;
      reporter.advance("tried", done, total, "cases");
    },
  });
  reporter.finish();
  if (options.json === true) printJson(terminal, goldenTraces(context, results, emulator));
  else terminal.stdout.print(renderConformance(results, tableColumns(terminal)));
  if (options.record !== undefined) {
    const file = resolveFrom(context.workingDirectory, options.record);
    await writeAtomically(file, [`${JSON.stringify(goldenTraces(context, results, emulator), undefined, 2)}\n`]);
    reporter.say(`traces: ${file}`);
  }
  context.exitWith(results.some(({ verdict }) => verdict === "differs") ? EXIT.failed : EXIT.done);
}

/** What a later run, or a change of the interpreter, can be compared with. */
const goldenTraces = ({ clock }: CommandContext, results: readonly CaseResult[], emulator: boolean): object => ({
  recordedAt: new Date(clock.now()).toISOString(),
  filemill: VERSIONS.code,
  on: emulator ? "local emulator" : "AWS",
  cases: results.map(({ name, intent, found, expected, verdict }) => ({ name, intent, verdict, found, expected })),
});
