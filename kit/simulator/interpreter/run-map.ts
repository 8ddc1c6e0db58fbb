import { z } from "zod";
import type { MapState } from "./definition";
import { StatesError } from "./errors";
import { Execution } from "./execution";
import { checkDataLimit, MAXIMUM_MAP_CONCURRENCY } from "./limits";
import type { MapRun } from "./map-run";
import { writeResults } from "./result-writer";
import { childResult } from "./child-result";
import { runExecution } from "./run-execution";
import { calledWith, inputOf, outputOf, scopeOf, type StateRun } from "./state-run";
import { statesArn } from "./world";

const readerSchema = z.object({ Bucket: z.string(), Key: z.string() });

/**
 * One attempt of a distributed Map: reads all items, runs a child execution for each. A retry is a new Map Run with all children.
 *
 * @throws StatesError States.ItemReaderFailed, States.ExceedToleratedFailureThreshold, States.ResultWriterFailed
 */
export async function runMap(run: StateRun, state: MapState): Promise<unknown> {
  const { execution, stateName } = run;
  execution.mapRuns += 1;
  const id = `${execution.name}-${execution.mapRuns}`;
  const arn = statesArn("mapRun", `${execution.machineName}/${state.Label}:${id}`);
  const mapRun: MapRun = { run, state, input: inputOf(run, state.InputPath), id, arn, children: [] };
  const items = await readItems(mapRun);
  // MapStateStarted, MapRunStarted, how the run ended, MapStateSucceeded
  execution.record(4);
  const failed = await runChildren(mapRun, items);
  // AWS writes the results of a run that failed, too
  const written = await writeResults(mapRun, items.length);
  if (failed !== undefined) throw failed;
  const result = written ?? mapRun.children.map(childResult);
  checkDataLimit(result, stateName, "result");
  const selected = state.ResultSelector === undefined ? result : state.ResultSelector(scopeOf(run, result));
  return outputOf(run, state.OutputPath, state.ResultPath(run.rawInput, selected));
}

async function readItems({ run, state, input }: MapRun): Promise<unknown[]> {
  const { Bucket, Key } = calledWith(readerSchema, state.ItemReader.Parameters(scopeOf(run, input)));
  const text = await run.world.services.readObject(Bucket, Key);
  run.execution.signal.throwIfAborted();
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  try {
    return lines.map((line) => JSON.parse(line) as unknown);
  } catch (error) {
    throw new StatesError("States.ItemReaderFailed", `s3://${Bucket}/${Key} is not JSON Lines: ${String(error)}`);
  }
}

/** @returns the error of a run that failed */
async function runChildren(mapRun: MapRun, items: readonly unknown[]): Promise<StatesError | undefined> {
  const { run, state } = mapRun;
  const { clock, childStartsPerSecond } = run.world;
  const tolerated = (items.length * state.ToleratedFailurePercentage) / 100;
  let [nextIndex, nextStartAt, failures] = [0, clock.now(), 0];
  let failed: StatesError | undefined;

  const onChildOver = (child: Execution): void => {
    if (child.status === "FAILED" || child.status === "TIMED_OUT") failures += 1;
    if (failed !== undefined || failures <= tolerated) return;
    failed = new StatesError("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");
    for (const other of mapRun.children) other.close("ABORTED", clock.now(), {});
  };
  const lane = async (): Promise<void> => {
    while (nextIndex < items.length && failed === undefined) {
      const index = nextIndex;
      nextIndex += 1;
      const startAt = Math.max(nextStartAt, clock.now());
      nextStartAt = startAt + 1_000 / childStartsPerSecond;
      if (startAt > clock.now()) await clock.sleep(startAt - clock.now(), run.execution.signal);
      // what was read before an await may have changed since
      if (isFailed()) return;
      const child = startChild(mapRun, index, items[index]);
      await runExecution(run.world, child);
      onChildOver(child);
    }
  };
  const isFailed = (): boolean => failed !== undefined;
  const concurrency = Math.min(state.MaxConcurrency === 0 ? MAXIMUM_MAP_CONCURRENCY : state.MaxConcurrency, items.length);
  await Promise.all(Array.from({ length: concurrency }, lane));
  run.execution.signal.throwIfAborted();
  return failed;
}

function startChild(mapRun: MapRun, index: number, value: unknown): Execution {
  const { run, state, input, id } = mapRun;
  const { execution, stateName, world } = run;
  execution.signal.throwIfAborted();
  const item = { Map: { Item: { Index: index, Value: value } } };
  const childInput = state.ItemSelector === undefined ? value : state.ItemSelector(scopeOf(run, input, item));
  checkDataLimit(childInput, stateName, "input");
  const child = new Execution({
    name: `${id}-${state.Label}-${index}`,
    machineName: `${world.machineName}/${state.Label}`,
    machine: state.ItemProcessor,
    input: childInput,
    startedAt: world.clock.now(),
  });
  mapRun.children[index] = child;
  execution.children.push(child);
  return child;
}
