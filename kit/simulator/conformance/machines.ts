import type { ConformanceBench } from "../../ports/conformance-target";

type Fields = Readonly<Record<string, unknown>>;
export type Places = Pick<ConformanceBench, "queueUrl" | "bucket" | "prefix">;

/** A machine of the state `Only`, and of `Caught` for what it catches. */
export const only = (state: Fields, machine: Fields = {}): object => ({
  ...machine,
  StartAt: "Only",
  States: { Only: state, ...("Catch" in state ? { Caught: { Type: "Pass", End: true } } : {}) },
});

export const sendAndWait = ({ queueUrl }: Places, more: Fields = {}): Fields => ({
  Type: "Task",
  Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  Parameters: { QueueUrl: queueUrl, MessageBody: { "input.$": "$", "token.$": "$$.Task.Token" } },
  TimeoutSeconds: 20,
  End: true,
  ...more,
});

export const catchAll = { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Caught" }] } as const;

export const ITEMS = "items.jsonl";

/** A distributed Map over the lines of `items.jsonl`, each child its item. */
export const overItems = ({ bucket, prefix }: Places, States: Readonly<Record<string, Fields>>, more: Fields = {}): Fields => ({
  Type: "Map",
  Label: "Items",
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { Bucket: bucket, Key: `${prefix}${ITEMS}` },
  },
  ItemSelector: { "item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "batch.$": "$.batch" },
  ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, StartAt: Object.keys(States)[0], States },
  MaxConcurrency: 10,
  End: true,
  ...more,
});

/** Children that fail when their item is `bad`. */
export const failingOnBad = {
  Look: { Type: "Choice", Choices: [{ Variable: "$.item", StringEquals: "bad", Next: "Bad" }], Default: "Good" },
  Bad: { Type: "Fail", Error: "Bad", Cause: "the item is bad" },
  Good: { Type: "Pass", Parameters: { "good.$": "$.item" }, End: true },
} as const;
