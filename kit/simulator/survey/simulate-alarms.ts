import Table from "cli-table3";
import type { AlarmTransition } from "../../alarms/alarm-engine";
import { isForScaling, type MetricAlarm } from "../../alarms/metric-alarm";
import type { EvaluatedStack } from "../../graph/evaluated-stack";
import { HOUR, MINUTE, START_MILLISECONDS } from "../kernel/times";
import { StackModel } from "../stack/stack-model";
import { causeOf, type CauseOutcome } from "./alarm-cause";
import { withWorlds } from "./simulate-faults";
import type { SimulateEnvironment, SystemSimulation, Worlds } from "./simulation";
import { synthesizeStack } from "./synthesized-stack";

export interface SimulateAlarmsOptions {
  readonly seeds: number;
  readonly first: number;
  readonly seed?: number;
  readonly environment?: string;
  readonly alarm?: string;
}

/** Undisturbed worlds that are shown of those in which an alarm fired; more say nothing new. */
const SHOWN_WORLDS = 5;

/**
 * Makes the cause of each alarm and says whether it fires, and ends when the cause does; then lives through undisturbed worlds, in which
 * none that is there for people may fire.
 *
 * @returns the exit code: 0 all is as it should be, 1 it is not, 2 wrong usage
 */
export async function simulateAlarms(
  { environments, system }: SystemSimulation,
  options: SimulateAlarmsOptions,
  context: SimulateEnvironment,
): Promise<number> {
  const wanted = environments.filter((name) => options.environment === undefined || options.environment === name);
  if (wanted.length === 0) {
    context.out.write(`the system ${system} has no environment '${String(options.environment)}'; it has ${environments.join(", ")}\n`);
    return 2;
  }
  return withWorlds(system, context, undefined, async (worlds) => {
    let failures = 0;
    for (const environment of wanted) {
      const survey = new AlarmSurvey(
        worlds,
        await synthesizeStack(system, context, { environmentName: environment }),
        system,
        environment,
        context.out,
      );
      if (options.seed !== undefined) {
        failures += await survey.replay(options.seed);
        continue;
      }
      failures += await survey.causes(options.alarm);
      if (options.alarm === undefined) failures += await survey.undisturbed(options);
    }
    return failures === 0 ? 0 : 1;
  });
}

class AlarmSurvey {
  private readonly alarms: readonly MetricAlarm[];

  public constructor(
    private readonly worlds: Worlds,
    private readonly stack: EvaluatedStack,
    private readonly system: string,
    private readonly environment: string,
    private readonly out: NodeJS.WritableStream,
  ) {
    this.alarms = [...new StackModel(stack).alarms].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private get name(): string {
    return `${this.system}-${this.environment}`;
  }

  /** @returns alarms that did not do what they are for */
  public async causes(only: string | undefined): Promise<number> {
    const table = new Table({ head: ["alarm", "cause", "fires", "is over"], style: { head: [], border: [] } });
    const alarms = this.alarms.filter(({ name }) => only === undefined || name === only);
    let failures = only !== undefined && alarms.length === 0 ? 1 : 0;
    for (const { name } of alarms) {
      const usual = causeOf(this.worlds.alarmCauses, name);
      const cause = usual?.instead?.[this.environment] ?? usual;
      const seen = cause === undefined ? undefined : seenOf(await cause.live(this.stack, name), name);
      if (seen?.firedAfter === undefined || seen.overAfter === undefined) failures += 1;
      table.push([name, cause?.cause ?? "NO CAUSE IS KNOWN", shownTime(seen?.firedAfter), shownTime(seen?.overAfter)]);
    }
    this.out.write(`${this.name}\n${table.toString()}\n`);
    this.out.write(`${this.name}: ${alarms.length - failures} of ${alarms.length} alarms fire for their cause and are over after it\n`);
    return failures;
  }

  /** @returns undisturbed worlds in which an alarm fired, or a rule was broken */
  public async undisturbed({ first, seeds }: SimulateAlarmsOptions): Promise<number> {
    let failed = 0;
    let virtualMilliseconds = 0;
    const started = process.hrtime.bigint();
    for (let seed = first; seed < first + seeds; seed += 1) {
      const { alarms = [], violations, virtualSeconds } = await this.worlds.runUndisturbed(seed, this.stack);
      virtualMilliseconds += virtualSeconds * 1_000;
      const fired = alertsIn(alarms);
      if (fired.length === 0 && violations.length === 0) continue;
      failed += 1;
      if (failed > SHOWN_WORLDS) continue;
      for (const { problem } of violations) this.out.write(`seed ${seed}: ${problem}\n`);
      for (const alert of fired) this.out.write(`seed ${seed}: ${shownTransition(alert)}\n`);
      this.out.write(`  replay it: npm run simulate:alarms -- --system ${this.system} --environment ${this.environment} --seed ${seed}\n`);
    }
    const minutes = Number(process.hrtime.bigint() - started) / 60e9;
    this.out.write(
      `${this.name}: ${seeds} undisturbed worlds, ${failed} with an alarm; ` +
        `${Math.round(virtualMilliseconds / HOUR)} hours of virtual time, ${Math.round(seeds / minutes)} worlds a minute\n`,
    );
    return failed;
  }

  public async replay(seed: number): Promise<number> {
    const { alarms = [], drawn, trace, violations } = await this.worlds.runUndisturbed(seed, this.stack, true);
    this.out.write(`seed ${seed} draws ${JSON.stringify(drawn, undefined, 2)}\n${trace}`);
    for (const { problem } of violations) this.out.write(`${problem}\n`);
    for (const transition of alarms) this.out.write(`${shownTransition(transition)}\n`);
    return violations.length + alertsIn(alarms).length;
  }
}

/** Alarms that people would be told of. */
const alertsIn = (transitions: readonly AlarmTransition[]): AlarmTransition[] =>
  transitions.filter(({ alarm, to }) => to === "ALARM" && !isForScaling(alarm));

/** When an alarm fired, from the cause's beginning, and when it was over, from the cause's end. */
function seenOf({ begunAt, endedAt, history }: CauseOutcome, name: string): { readonly firedAfter?: number; readonly overAfter?: number } {
  const own = history.filter(({ alarm }) => alarm.name === name);
  const fired = own.find(({ at, to }) => to === "ALARM" && at > begunAt);
  const over = own.find(({ at, from }) => from === "ALARM" && at > endedAt);
  return {
    ...(fired === undefined ? {} : { firedAfter: fired.at - begunAt }),
    ...(over === undefined ? {} : { overAfter: over.at - endedAt }),
  };
}

const shownTime = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? "NEVER" : `after ${Math.floor(milliseconds / HOUR)} h ${Math.round((milliseconds % HOUR) / MINUTE)} min`;

const shownTransition = ({ alarm, at, to, value }: AlarmTransition): string =>
  `${alarm.name} is ${to} after ${Math.round((at - START_MILLISECONDS) / MINUTE)} min, at ${String(value)} (${alarm.description})`;
