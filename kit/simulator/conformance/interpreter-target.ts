import type { CallbackAnswer, ConformanceBench, ConformanceTarget, DescribedExecution } from "../../ports/conformance-target";
import {
  InvalidTokenError,
  StatesError,
  StepFunctions,
  TaskDoesNotExistError,
  TaskTimedOutError,
  UnsupportedDefinitionError,
} from "../interpreter";
import { VirtualTime } from "../kernel/virtual-time";

const START = Date.UTC(2026, 0, 1);
/** Jitter plays no part in the cases. */
const NO_JITTER = (): number => 0;

/** The interpreter in virtual time: what the others are compared with. */
export const interpreterTarget: ConformanceTarget = {
  openBench: (caseName) => Promise.resolve(new InterpreterBench(caseName)),
};

class InterpreterBench implements ConformanceBench {
  public readonly queueUrl = "queue";
  public readonly bucket = "bucket";
  public readonly prefix: string;
  private readonly time = new VirtualTime(START);
  private readonly messages: string[] = [];
  private readonly objects = new Map<string, string>();
  private stepFunctions: StepFunctions | undefined;

  public constructor(private readonly caseName: string) {
    this.prefix = `${caseName}/`;
  }

  public createMachine(definition: object): Promise<"created" | "refused"> {
    try {
      this.stepFunctions = new StepFunctions({
        definition,
        machineName: this.caseName,
        clock: this.time,
        random: NO_JITTER,
        services: {
          invokeFunction: () => Promise.reject(new StatesError("Lambda.ResourceNotFoundException", "there are no functions here")),
          sendMessage: (_, body) => Promise.resolve({ messageId: String(this.messages.push(body)) }),
          readObject: (_, key) => {
            const text = this.objects.get(key);
            if (text === undefined) return Promise.reject(new StatesError("States.ItemReaderFailed", `no object ${key}`));
            return Promise.resolve(text);
          },
          writeObject: (_, key, body) => this.putObject(key, body),
        },
      });
      return Promise.resolve("created");
    } catch (error) {
      if (error instanceof UnsupportedDefinitionError) return Promise.resolve("refused");
      throw error;
    }
  }

  public start(name: string, input: unknown): Promise<"started" | "already-exists"> {
    const answer = this.machine.startExecution(name, input);
    // a name that runs with another input answers as a closed one
    return Promise.resolve(answer === "closed" ? "already-exists" : "started");
  }

  public describe(name: string): Promise<DescribedExecution> {
    const found = this.machine.describeExecution(name);
    if (found === undefined) throw new Error(`case ${this.caseName} asks for an execution '${name}' that it did not start`);
    return Promise.resolve(found);
  }

  public stop(name: string, error: string, cause: string): Promise<void> {
    this.machine.stopExecution(name, error, cause);
    return Promise.resolve();
  }

  public childCounts(name: string): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const { status } of this.machine.children(name)) counts[status] = (counts[status] ?? 0) + 1;
    return Promise.resolve(counts);
  }

  public succeed(token: string, output: unknown): Promise<CallbackAnswer> {
    return answerOf(() => {
      this.machine.sendTaskSuccess(token, output);
    });
  }
  public fail(token: string, error: string, cause: string): Promise<CallbackAnswer> {
    return answerOf(() => {
      this.machine.sendTaskFailure(token, error, cause);
    });
  }

  public receive(): Promise<string | undefined> {
    return Promise.resolve(this.messages.shift());
  }
  public putObject(key: string, text: string): Promise<void> {
    this.objects.set(key, text);
    return Promise.resolve();
  }
  public listObjects(): Promise<string[]> {
    return Promise.resolve([...this.objects.keys()].filter((key) => key.startsWith(this.prefix)));
  }

  public async sleep(milliseconds: number): Promise<void> {
    let over = false;
    this.time.after(milliseconds, () => {
      over = true;
    });
    await this.time.run(() => over, Infinity);
  }
  public now(): number {
    return this.time.now();
  }
  public close(): Promise<void> {
    return Promise.resolve();
  }

  private get machine(): StepFunctions {
    if (this.stepFunctions === undefined) throw new Error(`case ${this.caseName} has created no state machine`);
    return this.stepFunctions;
  }
}

function answerOf(call: () => void): Promise<CallbackAnswer> {
  try {
    call();
    return Promise.resolve("accepted");
  } catch (error) {
    if (error instanceof TaskTimedOutError) return Promise.resolve("TaskTimedOut");
    if (error instanceof TaskDoesNotExistError) return Promise.resolve("TaskDoesNotExist");
    if (error instanceof InvalidTokenError) return Promise.resolve("InvalidToken");
    throw error;
  }
}
