import {
  StepFunctions,
  StatesError,
  type StatusChange,
  type StepFunctionsOptions,
  type TaskServices,
} from "../../../../../kit/simulator/interpreter";
import { VirtualTime } from "../../../../../kit/simulator/kernel/virtual-time";

type Behaviour = (payload: unknown, call: number, signal: AbortSignal) => unknown;

/** A StatesError as Lambda as a service would cause it. */
export const lambdaBusy = (): StatesError => new StatesError("Lambda.ServiceException", "busy");

/** One state machine in virtual time, around it services that are as the test says. */
export class StatesWorld {
  public readonly time = new VirtualTime(Date.UTC(2026, 0, 1));
  public readonly messages: { readonly queueUrl: string; readonly body: string }[] = [];
  public readonly invocations: { readonly arn: string; readonly payload: unknown; readonly signal: AbortSignal }[] = [];
  public readonly objects = new Map<string, string>();
  public readonly events: StatusChange[] = [];
  public readonly statesEntered: unknown[] = [];
  public readonly stepFunctions: StepFunctions;
  /** Called for each invocation of a function; `call` counts from 0. */
  public lambda: Behaviour = () => null;
  public onMessage: (body: string, call: number) => Promise<void> | void = () => undefined;

  public constructor(definition: unknown, options: Partial<StepFunctionsOptions> = {}) {
    this.stepFunctions = new StepFunctions({
      definition,
      machineName: "machine",
      clock: this.time,
      random: () => 0.5,
      services: this.services,
      onStatusChange: (event) => this.events.push(event),
      log: (event, { state }) => {
        if (event === "state_entered") this.statesEntered.push(state);
      },
      ...options,
    });
  }

  private get services(): TaskServices {
    return {
      invokeFunction: async (arn, payload, signal) => {
        this.invocations.push({ arn, payload, signal });
        return await this.lambda(payload, this.invocations.length - 1, signal);
      },
      sendMessage: async (queueUrl, body) => {
        this.messages.push({ queueUrl, body });
        await this.onMessage(body, this.messages.length - 1);
        return { messageId: String(this.messages.length) };
      },
      readObject: (bucket, key) => {
        const text = this.objects.get(`${bucket}/${key}`);
        if (text === undefined) return Promise.reject(new StatesError("States.ItemReaderFailed", `no ${bucket}/${key}`));
        return Promise.resolve(text);
      },
      writeObject: (bucket, key, body) => {
        this.objects.set(`${bucket}/${key}`, body);
        return Promise.resolve();
      },
    };
  }

  /** Seconds since the start. */
  public get seconds(): number {
    return (this.time.now() - Date.UTC(2026, 0, 1)) / 1_000;
  }

  /** Starts `x` and lets time pass until it is over. */
  public async run(input: unknown = {}): Promise<NonNullable<ReturnType<StepFunctions["describeExecution"]>>> {
    this.stepFunctions.startExecution("x", input);
    return this.settled();
  }

  /** Lets time pass until `x` is over and nothing else is planned. */
  public async settled(): Promise<NonNullable<ReturnType<StepFunctions["describeExecution"]>>> {
    await this.time.run(() => this.stepFunctions.describeExecution("x")?.status !== "RUNNING", Infinity);
    await Promise.resolve();
    const found = this.stepFunctions.describeExecution("x");
    if (found === undefined) throw new Error("x was not started");
    return found;
  }

  /** Lets this many seconds pass. */
  public async pass(seconds: number): Promise<void> {
    let over = false;
    this.time.after(seconds * 1_000, () => {
      over = true;
    });
    await this.time.run(() => over, Infinity);
  }

  /** Token of a message that was sent. */
  public token(index = this.messages.length - 1): string {
    const body: unknown = JSON.parse(this.messages[index]?.body ?? "{}");
    if (typeof body !== "object" || body === null || !("token" in body)) throw new Error(`message ${index} has no token`);
    return String(body.token);
  }
}

/** A machine of one state and, for what it catches, another. */
export const oneState = (state: object): object => ({
  StartAt: "Only",
  States: { Only: state, Caught: { Type: "Pass", End: true } },
});

export const CATCH_ALL = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Caught" }];

export const invoke = (more: object = {}): object => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "function", "Payload.$": "$" },
  End: true,
  ...more,
});

export const sendAndWait = (more: object = {}): object => ({
  Type: "Task",
  Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  Parameters: { QueueUrl: "queue", MessageBody: { "item.$": "$", "token.$": "$$.Task.Token" } },
  End: true,
  ...more,
});

export const overItems = (child: object, more: object = {}): object => ({
  Type: "Map",
  Label: "Items",
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { Bucket: "bucket", Key: "items.jsonl" },
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "Child",
    States: { Child: child },
  },
  End: true,
  ...more,
});
