import { identifySelf } from "../../folders/processes";
import { FixableError } from "../../lib/fixable-error";
import { explainFullDisk } from "../home/home-errors";
import type { LocalStack } from "../local-stack";
import type { LocalSystem } from "../local-system";
import { startLocalStack } from "../start-local-stack";
import type { SupervisorOrder, SupervisorReport } from "./messages";
import { removeUpFile, writeUpFile } from "./up-file";
import type { UpFile } from "./up-file";

/** The systems by their names. */
export class KnownSystems {
  public constructor(private readonly systems: readonly LocalSystem[]) {}

  /** @throws Error for a name that no system has: the program that asks and the supervisor are of two versions */
  public get(name: string): LocalSystem {
    const found = this.systems.find((system) => system.name === name);
    if (found === undefined) throw new Error(`the supervisor knows no system '${name}'`);
    return found;
  }
}

/**
 * Runs a background stack from its start to its end. The caller holds the claim of the home (claim.ts), and so does this process by a
 * stream that it was given.
 *
 * @param order its home is prepared
 * @param known every system that an order may name
 * @param environment this process's
 * @param report takes what the parent is told; nothing listens once the stack is ready
 * @param stop ends everything when aborted
 */
export async function supervise(
  order: SupervisorOrder,
  known: KnownSystems,
  environment: NodeJS.ProcessEnv,
  report: (message: SupervisorReport) => void,
  stop: AbortSignal,
): Promise<void> {
  const owner = await identifySelf();
  try {
    await writeUpFile(order.homeDirectory, { owner });
    const stack = await startReporting(order, known, environment, report, stop);
    if (stack !== undefined) await stayUp(stack, order, owner, report, stop);
  } catch (error) {
    report(failureOf(explainFullDisk(order.homeDirectory, error)));
    throw error;
  } finally {
    await removeUpFile(order.homeDirectory, owner);
  }
}

async function startReporting(
  order: SupervisorOrder,
  known: KnownSystems,
  environment: NodeJS.ProcessEnv,
  report: (message: SupervisorReport) => void,
  stop: AbortSignal,
): Promise<LocalStack | undefined> {
  const { port, programFiles, nodeFile, drainTimeoutMs, replaceLostWorkers, sizing, systems, timeFactor, ...rest } = order;
  try {
    return await startLocalStack({
      ...rest,
      systems: systems.map(({ name, stackFile }) => ({ system: known.get(name), stackFile })),
      environment,
      ...(port === undefined ? {} : { port }),
      ...(programFiles === undefined ? {} : { programFiles }),
      ...(nodeFile === undefined ? {} : { nodeFile }),
      ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
      ...(replaceLostWorkers === undefined ? {} : { replaceLostWorkers }),
      ...(sizing === undefined ? {} : { sizing }),
      ...(timeFactor === undefined ? {} : { timeFactor }),
      signal: stop,
      onStage: (stage) => {
        // up.log has what is said after the parent is gone: lost workers
        process.stderr.write(`${stage}\n`);
        report({ kind: "stage", stage });
      },
    });
  } catch (error) {
    report(failureOf(error));
    return undefined;
  }
}

async function stayUp(
  stack: LocalStack,
  order: SupervisorOrder,
  owner: UpFile["owner"],
  report: (message: SupervisorReport) => void,
  stop: AbortSignal,
): Promise<void> {
  const up = {
    endpoint: stack.endpoint,
    outputs: stack.outputs,
    environment: stack.environment,
    pid: process.pid,
    processes: order.processes,
    ...(order.timeFactor === undefined ? {} : { timeFactor: order.timeFactor }),
    startedAt: new Date().toISOString(),
  };
  const { controlSecret } = stack;
  let noting: Promise<void> = Promise.resolve();
  const note = async (failure: string): Promise<void> => {
    try {
      await writeUpFile(order.homeDirectory, { owner, stack: { ...up, failure }, controlSecret });
    } catch (error) {
      // a disk that is full has no room for saying so
      process.stderr.write(`${failure}; not noted in up.json: ${String(error)}\n`);
    }
  };
  try {
    await writeUpFile(order.homeDirectory, { owner, stack: up, controlSecret });
    report({ kind: "ready", stack: up });
    void stack.failed.then(({ message }) => {
      process.stderr.write(`${message}\n`);
      // a lost worker or a missing permission is for people to see; the rest of the stack is still of use
      noting = note(message);
    });
    await Promise.race([stack.ended, untilAborted(stop)]);
  } finally {
    await stack.stop();
    await noting;
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => {
      resolve();
    });
  });

const failureOf = (error: unknown): SupervisorReport => ({
  kind: "failed",
  message: error instanceof Error ? error.message : String(error),
  fix: error instanceof FixableError ? error.fix : "look at up.log in the .filemill folder",
});
