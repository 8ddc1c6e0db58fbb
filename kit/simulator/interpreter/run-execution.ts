import { chooseNext } from "./choice";
import type { PassState, State } from "./definition";
import { StatesError } from "./errors";
import { ExecutionClosedError, type Execution } from "./execution";
import { guarded } from "./guarded";
import { checkDataLimit } from "./limits";
import { runMap } from "./run-map";
import { runTask } from "./run-task";
import { inputOf, outputOf, scopeOf, type StateRun, type Step } from "./state-run";
import type { World } from "./world";

/** Runs an execution until it is over. Rejects only by a mistake in the simulation, never by an error that Step Functions would report. */
export async function runExecution(world: World, execution: Execution): Promise<void> {
  try {
    const output = await runStates(world, execution);
    execution.close("SUCCEEDED", world.clock.now(), { output });
  } catch (error) {
    // stopped or timed out meanwhile: what was given up on the way is no error
    if (error instanceof ExecutionClosedError) return;
    if (!(error instanceof StatesError)) throw error;
    execution.close("FAILED", world.clock.now(), { error: error.error, cause: error.cause });
  }
}

async function runStates(world: World, execution: Execution): Promise<unknown> {
  let data = execution.input;
  for (let next: string | undefined = execution.machine.StartAt; next !== undefined;) {
    const stateName: string = next;
    const state = execution.machine.States[stateName];
    if (state === undefined) throw new Error(`no state ${stateName} in ${execution.machineName}, although its definition was checked`);
    // else a loop of states that wait for nothing would keep everybody else waiting
    await Promise.resolve();
    execution.signal.throwIfAborted();
    world.log("state_entered", { execution: execution.name, state: stateName });
    const step = await runState({ world, execution, stateName, rawInput: data, enteredAt: world.clock.now() }, state);
    checkDataLimit(step.output, stateName, "output");
    data = step.output;
    next = step.next;
  }
  return data;
}

async function runState(run: StateRun, state: State): Promise<Step> {
  const { execution, world } = run;
  switch (state.Type) {
    case "Task":
      return guarded(run, state, (attempt) => runTask(run, state, attempt));
    case "Map":
      return guarded(run, state, () => runMap(run, state));
    case "Pass":
      execution.record(2);
      return { output: outputOf(run, state.OutputPath, passed(run, state)), next: state.Next };
    case "Wait":
      execution.record(1);
      await world.clock.sleep(state.Seconds * 1_000, execution.signal);
      execution.record(1);
      return { output: outputOf(run, state.OutputPath, inputOf(run, state.InputPath)), next: state.Next };
    case "Choice": {
      execution.record(2);
      const input = inputOf(run, state.InputPath);
      return { output: outputOf(run, state.OutputPath, input), next: chooseNext(run, state, input) };
    }
    case "Succeed":
      execution.record(2);
      return { output: outputOf(run, state.OutputPath, inputOf(run, state.InputPath)), next: undefined };
    case "Fail":
      execution.record(1);
      throw new StatesError(state.Error, state.Cause);
  }
  // the compiler holds that every type was handled
  return state satisfies never;
}

function passed(run: StateRun, state: PassState): unknown {
  const input = inputOf(run, state.InputPath);
  const parameters = state.Parameters === undefined ? input : state.Parameters(scopeOf(run, input));
  return state.ResultPath(run.rawInput, state.Result ?? parameters);
}
