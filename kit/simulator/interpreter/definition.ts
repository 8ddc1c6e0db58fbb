import { z } from "zod";
import { UnsupportedDefinitionError } from "./errors";
import { compilePath, compileResultPath, compileTemplate, type PlaceResult, type Template } from "./paths";

/** Compiles while parsing, so that what can't be interpreted is refused with its place in the definition. */
const compiled = <T, R>(schema: z.ZodType<T>, compile: (value: T) => R) =>
  schema.transform((value, issues): R => {
    try {
      return compile(value);
    } catch (error) {
      issues.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });

const templateSchema = compiled<object, Template>(z.record(z.string(), z.unknown()), compileTemplate);
const pathSchema = compiled<string, Template>(z.string(), (path) => compilePath(path, path));
const resultPathSchema = compiled<string | null | undefined, PlaceResult>(z.string().nullish(), compileResultPath);
const nameSchema = z.string().min(1).max(80);

/** Step Functions' own defaults. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error */
const retrySchema = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).default(1),
  MaxAttempts: z.int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).default("NONE"),
});
export type Retrier = z.output<typeof retrySchema>;

const catchSchema = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  ResultPath: resultPathSchema,
  Next: nameSchema,
});

/** A state ends the execution or leads to another one; which of both is checked for all states at once. */
const transition = { Next: nameSchema.optional(), End: z.literal(true).optional() };
const described = { Comment: z.string().optional() };
const filtered = { InputPath: pathSchema.nullable().optional(), OutputPath: pathSchema.nullable().optional() };
const guarded = { Retry: z.array(retrySchema).default([]), Catch: z.array(catchSchema).default([]) };

const taskFields = {
  Type: z.literal("Task"),
  ...described,
  ...filtered,
  ...guarded,
  ...transition,
  ResultSelector: templateSchema.optional(),
  ResultPath: resultPathSchema,
  TimeoutSeconds: z.int().min(1).optional(),
};
const withFields = (...allowed: string[]) =>
  z
    .record(z.string(), z.unknown())
    .refine(
      (parameters) => Object.keys(parameters).every((key) => allowed.includes(key.replace(/\.\$$/, ""))),
      `only ${allowed.join(" and ")} are carried out`,
    );

/** A Task calls one of two integrations. */
const taskSchema = z.discriminatedUnion("Resource", [
  z.strictObject({
    ...taskFields,
    Resource: z.literal("arn:aws:states:::lambda:invoke"),
    Parameters: compiled<object, Template>(withFields("FunctionName", "Payload"), compileTemplate),
  }),
  z.strictObject({
    ...taskFields,
    Resource: z.literal("arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
    Parameters: compiled<object, Template>(withFields("QueueUrl", "MessageBody"), compileTemplate),
  }),
]);
export type TaskState = z.output<typeof taskSchema>;

const variable = { Variable: pathSchema };
const comparisonSchema = z.union([
  z.strictObject({ ...variable, BooleanEquals: z.boolean() }),
  z.strictObject({ ...variable, StringEquals: z.string() }),
  z.strictObject({ ...variable, NumericEquals: z.number() }),
  z.strictObject({ ...variable, NumericLessThan: z.number() }),
]);
export type Comparison = z.output<typeof comparisonSchema>;

const next = { Next: nameSchema };
const choiceRuleSchema = z.union([
  z.strictObject({ ...variable, ...next, BooleanEquals: z.boolean() }),
  z.strictObject({ ...variable, ...next, StringEquals: z.string() }),
  z.strictObject({ ...variable, ...next, NumericEquals: z.number() }),
  z.strictObject({ ...variable, ...next, NumericLessThan: z.number() }),
  z.strictObject({ ...next, And: z.array(comparisonSchema).min(1) }),
]);
export type ChoiceRule = z.output<typeof choiceRuleSchema>;

const passSchema = z.strictObject({
  Type: z.literal("Pass"),
  ...described,
  ...filtered,
  ...transition,
  Parameters: templateSchema.optional(),
  Result: z.unknown().optional(),
  ResultPath: resultPathSchema,
});
export type PassState = z.output<typeof passSchema>;
const waitSchema = z.strictObject({
  Type: z.literal("Wait"),
  ...described,
  ...filtered,
  ...transition,
  Seconds: z.int().min(0).max(99_999_999),
});
const choiceSchema = z.strictObject({
  Type: z.literal("Choice"),
  ...described,
  ...filtered,
  Choices: z.array(choiceRuleSchema).min(1),
  Default: nameSchema.optional(),
});
export type ChoiceState = z.output<typeof choiceSchema>;
const failSchema = z.strictObject({ Type: z.literal("Fail"), ...described, Error: z.string(), Cause: z.string() });
const succeedSchema = z.strictObject({ Type: z.literal("Succeed"), ...described, ...filtered });

const plainStates = [taskSchema, passSchema, waitSchema, choiceSchema, failSchema, succeedSchema] as const;
const machineFields = { Comment: z.string().optional(), StartAt: nameSchema };

/** A map's children. They have no maps of their own here, though AWS would take them. */
const childMachineSchema = z
  .strictObject({
    ...machineFields,
    ProcessorConfig: z.strictObject({ Mode: z.literal("DISTRIBUTED"), ExecutionType: z.literal("STANDARD") }),
    States: z.record(nameSchema, z.discriminatedUnion("Type", plainStates)),
  })
  .superRefine(checkWays);

const mapSchema = z.strictObject({
  Type: z.literal("Map"),
  ...described,
  ...filtered,
  ...guarded,
  ...transition,
  Label: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, "a label is of 1 to 40 letters, digits, - and _"),
  ItemReader: z.strictObject({
    Resource: z.literal("arn:aws:states:::s3:getObject"),
    ReaderConfig: z.strictObject({ InputType: z.literal("JSONL") }),
    Parameters: compiled<object, Template>(withFields("Bucket", "Key"), compileTemplate),
  }),
  ItemSelector: templateSchema.optional(),
  ItemProcessor: childMachineSchema,
  ResultWriter: z
    .strictObject({
      Resource: z.literal("arn:aws:states:::s3:putObject"),
      Parameters: compiled<object, Template>(withFields("Bucket", "Prefix"), compileTemplate),
    })
    .optional(),
  MaxConcurrency: z.int().min(0).default(0),
  ToleratedFailurePercentage: z.number().min(0).max(100).default(0),
  ResultSelector: templateSchema.optional(),
  ResultPath: resultPathSchema,
});

export type MapState = z.output<typeof mapSchema>;

const machineSchema = z
  .strictObject({
    ...machineFields,
    TimeoutSeconds: z.int().min(1).optional(),
    States: z.record(nameSchema, z.discriminatedUnion("Type", [...plainStates, mapSchema])),
  })
  .superRefine(checkWays);
export type Machine = z.output<typeof machineSchema>;
export type State = Machine["States"][string];
/** A machine, or that of a map's children. */
export type AnyMachine = Pick<Machine, "StartAt" | "States">;

interface Ways {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, object>>;
}

/** Every state says how it goes on, and where to is there. */
function checkWays({ StartAt, States }: Ways, issues: z.RefinementCtx): void {
  const problem = (path: string[], message: string): void => {
    issues.addIssue({ code: "custom", path, message });
  };
  if (!Object.hasOwn(States, StartAt)) problem(["StartAt"], `there is no state '${StartAt}'`);
  for (const [name, state] of Object.entries(States)) {
    for (const target of targetsOf(state)) if (!Object.hasOwn(States, target)) problem(["States", name], `there is no state '${target}'`);
    if ("Type" in state && NEEDS_TRANSITION.includes(String(state.Type)) && "Next" in state === "End" in state)
      problem(["States", name], "it needs either Next or End");
  }
}
const NEEDS_TRANSITION: readonly string[] = ["Task", "Pass", "Wait", "Map"];

function targetsOf(state: object): string[] {
  const { Next, Default, Choices, Catch } = targetsSchema.parse(state);
  return [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((catcher) => catcher.Next)].filter((name) => name !== undefined);
}
const leading = z.array(z.object({ Next: z.string() })).default([]);
const targetsSchema = z.object({ Next: z.string().optional(), Default: z.string().optional(), Choices: leading, Catch: leading });

/** Ten thousand worlds run the same definition: it is read once. */
const known = new WeakMap<object, Machine>();

/**
 * Reads a definition strictly: a field, a state type or a path that the interpreter does not carry out is refused (invariant 10).
 *
 * @param definition JSON of the Amazon States Language
 * @throws UnsupportedDefinitionError
 */
export function parseDefinition(machineName: string, definition: unknown): Machine {
  const before = typeof definition === "object" && definition !== null ? known.get(definition) : undefined;
  if (before !== undefined) return before;
  const parsed = machineSchema.safeParse(definition);
  if (!parsed.success) throw new UnsupportedDefinitionError(machineName, z.prettifyError(parsed.error), { cause: parsed.error });
  known.set(Object(definition) as object, parsed.data);
  return parsed.data;
}
