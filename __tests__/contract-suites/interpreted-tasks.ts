import type { TaskCallback } from "../../kit/ports/task-callback";
import { StatesError, StepFunctions } from "../../kit/simulator/interpreter";
import { InterpretedTaskCallback } from "../../kit/simulator/interpreter/interpreted-task-callback";
import { VirtualTime } from "../../kit/simulator/kernel/virtual-time";
import type { TaskBench, TaskCallbackSubject } from "./task-callback-contract";

const unused = (): Promise<never> => Promise.reject(new StatesError("States.Runtime", "the machine only sends"));

/** The interpreter with one queue, in virtual time. */
export function interpretedTasks(): TaskCallbackSubject {
  const time = new VirtualTime(Date.UTC(2026, 0, 1));
  const messages: string[] = [];
  let machine: StepFunctions | undefined;
  const made = (): StepFunctions => {
    if (machine === undefined) throw new Error("no machine was created");
    return machine;
  };
  const bench: TaskBench = {
    queueUrl: "queue",
    createMachine: (definition) => {
      const services = {
        invokeFunction: unused,
        readObject: unused,
        writeObject: unused,
        sendMessage: (_queueUrl: string, body: string) => Promise.resolve({ messageId: String(messages.push(body)) }),
      };
      machine = new StepFunctions({ definition, machineName: "machine", clock: time, random: () => 0, services });
      return Promise.resolve("created");
    },
    start: (name, input) => {
      made().startExecution(name, input);
      return Promise.resolve("started");
    },
    describe: (name) => {
      const found = made().describeExecution(name);
      return found === undefined ? Promise.reject(new Error(`no execution ${name}`)) : Promise.resolve(found);
    },
    stop: (name, error, cause) => {
      made().stopExecution(name, error, cause);
      return Promise.resolve();
    },
    receive: () => Promise.resolve(messages.shift()),
    sleep: async (milliseconds) => {
      let over = false;
      time.after(milliseconds, () => {
        over = true;
      });
      await time.run(() => over, Infinity);
    },
    close: () => Promise.resolve(),
  };
  const callback: TaskCallback = {
    succeed: (...args) => new InterpretedTaskCallback(made()).succeed(...args),
    fail: (...args) => new InterpretedTaskCallback(made()).fail(...args),
  };
  return { callback, bench };
}
