/**
 * Fields of the Amazon States Language that the emulator carries out, by the kind of thing they stand in (measured with MiniStack
 * 1.5.33). What a definition uses must be here, or in STAND_INS with a reason.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
export const HONOURED_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Machine: ["Comment", "StartAt", "States", "ProcessorConfig"],
  Task: [
    "Type",
    "Comment",
    "Resource",
    "Parameters",
    "ResultSelector",
    "ResultPath",
    "InputPath",
    "OutputPath",
    "TimeoutSeconds",
    "Retry",
    "Catch",
    "Next",
    "End",
  ],
  Map: [
    "Type",
    "Comment",
    "Label",
    "ItemReader",
    "ItemSelector",
    "ItemProcessor",
    "MaxConcurrency",
    "ResultPath",
    "ResultSelector",
    "Retry",
    "Catch",
    "Next",
    "End",
  ],
  Choice: ["Type", "Comment", "Choices", "Default"],
  Pass: ["Type", "Comment", "Parameters", "Result", "ResultPath", "Next", "End"],
  Fail: ["Type", "Comment", "Error", "Cause"],
  Succeed: ["Type", "Comment"],
  Wait: ["Type", "Comment", "Seconds", "SecondsPath", "Next", "End"],
  Retry: ["IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds"],
  Catch: ["ErrorEquals", "ResultPath", "Next"],
  ItemReader: ["Resource", "ReaderConfig", "Parameters"],
  ReaderConfig: ["InputType"],
  ProcessorConfig: ["Mode", "ExecutionType"],
  ChoiceRule: [
    "Variable",
    "And",
    "Next",
    "BooleanEquals",
    "StringEquals",
    "NumericEquals",
    "NumericLessThan",
    "NumericGreaterThan",
    "IsPresent",
  ],
};

/** A field of a definition: `Map.ResultWriter` at `States.ProcessChunks`. */
export interface UsedField {
  readonly field: string;
  readonly state: string;
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every field that a definition uses, those of the machines inside its maps included. */
export function usedFields(definition: unknown, state = "(machine)"): UsedField[] {
  if (!isRecord(definition)) return [];
  const fields = namedFields("Machine", definition, state);
  fields.push(...namedFields("ProcessorConfig", definition["ProcessorConfig"], state));
  for (const [name, body] of Object.entries(isRecord(definition["States"]) ? definition["States"] : {}))
    fields.push(...fieldsOfState(name, body));
  return fields;
}

function fieldsOfState(name: string, body: unknown): UsedField[] {
  if (!isRecord(body)) return [];
  const type = typeof body["Type"] === "string" ? body["Type"] : "State";
  const reader = body["ItemReader"];
  return [
    ...namedFields(type, body, name),
    ...listed(body["Retry"]).flatMap((retry) => namedFields("Retry", retry, name)),
    ...listed(body["Catch"]).flatMap((handler) => namedFields("Catch", handler, name)),
    ...listed(body["Choices"]).flatMap((rule) => ruleFields(rule, name)),
    ...namedFields("ItemReader", reader, name),
    ...namedFields("ReaderConfig", isRecord(reader) ? reader["ReaderConfig"] : undefined, name),
    ...usedFields(body["ItemProcessor"], name),
  ];
}

const ruleFields = (rule: unknown, state: string): UsedField[] => [
  ...namedFields("ChoiceRule", rule, state),
  ...["And", "Or"].flatMap((combination) => (isRecord(rule) ? listed(rule[combination]).flatMap((inner) => ruleFields(inner, state)) : [])),
];

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const namedFields = (kind: string, value: unknown, state: string): UsedField[] =>
  isRecord(value) ? Object.keys(value).map((field) => ({ field: `${kind}.${field}`, state })) : [];
