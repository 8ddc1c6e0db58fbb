import { Option, type Command } from "commander";
import { VERSIONS } from "../../core/contracts/versions";
import type { ServiceAnswer } from "../../core/ports/service-probe";
import { runCases, type CaseResult } from "../../simulator/conformance/run-cases";
import type { CommandContext } from "../context";
import { connectToTarget } from "../context";
import { UsageError } from "../errors";
import { EXIT } from "../exit-codes";
import { resolveFrom, stackOutputsOption } from "../options";
import { writeAtomically } from "../output/write-atomically";
import { renderConformance, renderServices } from "../render/doctor";
import type { Services } from "../services";

interface DoctorOptions {
  readonly conformance?: true;
  readonly record?: string;
  readonly roleArn?: string;
  readonly stackOutputs?: string;
}

const EXAMPLES = `
Examples:
  $ npx filemill doctor                                    do the stack's services answer, are the clocks right
  $ npx filemill doctor --conformance --record traces.json does its Step Functions do what the simulator expects
`;

/** Requests signed with a clock that is further off are refused. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const TOLERATED_SKEW_SECONDS = 300;

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("check that the stack answers, and that its Step Functions does what the simulator expects")
    .addOption(
      new Option("--conformance", "run small state machines on the stack and compare them with the simulator's; removes what it creates"),
    )
    .addOption(new Option("--record <file>", "write what came out of them as JSON; needs --conformance"))
    .addOption(new Option("--role-arn <arn>", "role of those state machines (default: that of the stack's own); needs --conformance"))
    .addOption(stackOutputsOption())
    .addHelpText("after", EXAMPLES)
    .action((options: DoctorOptions) => doctor(context, options));
}

async function doctor(context: CommandContext, options: DoctorOptions): Promise<void> {
  if (options.conformance !== true && (options.record ?? options.roleArn) !== undefined) {
    throw new UsageError("--record and --role-arn say how to run --conformance, which is missing", "add --conformance, or leave them out");
  }
  const services = await connectToTarget(context, options.stackOutputs);
  if (options.conformance === true) await conformance(context, services, options);
  else await health(context, services);
}

async function health({ clock, exitWith, terminal }: CommandContext, { doctor: { probe } }: Services): Promise<void> {
  const answers = await probe.probe();
  const skew = skewSeconds(answers, clock.now());
  terminal.stdout.write(renderServices(answers));
  terminal.stdout.write(
    `filemill ${VERSIONS.code}, plan format ${VERSIONS.plan}, Unicode ${VERSIONS.unicode}, Node ${process.versions.node}\n`,
  );
  terminal.stdout.write(skew === undefined ? "clock: no service told its time\n" : `clock: ${describeSkew(skew)}\n`);
  const well = answers.every(({ problem }) => problem === undefined) && Math.abs(skew ?? 0) <= TOLERATED_SKEW_SECONDS;
  exitWith(well ? EXIT.done : EXIT.failed);
}

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
  let done = 0;
  const results = await runCases(conformanceTarget(options.roleArn), {
    emulator,
    signal: context.signal,
    onResult: (_, total) => {
      done += 1;
      context.reporter.advance("cases", done, total);
    },
  });
  context.reporter.finish();
  context.terminal.stdout.write(renderConformance(results));
  if (options.record !== undefined) {
    const file = resolveFrom(context.workingDirectory, options.record);
    await writeAtomically(file, [`${JSON.stringify(goldenTraces(context, results, emulator), undefined, 2)}\n`]);
    context.reporter.say(`traces: ${file}`);
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
