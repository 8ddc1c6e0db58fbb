import { randomUUID } from "node:crypto";
import type { DescribeTags$ } from "@aws-sdk/client-auto-scaling";
import { NormalizedSchema } from "@smithy/core/schema";
import { readJson, writeJson } from "./json-document";
import { readForm, type QueryDialect } from "./query-form";
import { ServiceError } from "./service-error";
import { node, textNode, xmlNodes } from "./xml-document";

/** A call that the emulator's gate let in: it is signed, and its caller may make it. */
export interface ServiceCall {
  /** As it is signed for: `autoscaling`. */
  readonly service: string;
  readonly operation: string;
  readonly contentType: string;
  readonly body: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the SDK's packages export beside each command; every operation's is of the same type. */
export type OperationSchema = typeof DescribeTags$;

/** An operation of a service: what it is called with and answers is what the SDK's schema of it says. */
export interface Operation {
  readonly schema: OperationSchema;
  readonly answer: (input: object) => object | Promise<object>;
}

/** An SDK's command, as far as it says what it is called with and what it answers. */
interface CommandTypes {
  readonly input: object;
  readonly resolveMiddleware: (...given: never[]) => (call: never) => Promise<{ readonly output: { readonly $metadata: unknown } }>;
}
type AnswerOf<C extends CommandTypes> = Omit<Awaited<ReturnType<ReturnType<C["resolveMiddleware"]>>>["output"], "$metadata">;

/** @param schema of the operation, which the SDK's package of the service exports beside its command */
export const operation = <C extends CommandTypes>(
  schema: OperationSchema,
  answer: (input: C["input"]) => AnswerOf<C> | Promise<AnswerOf<C>>,
): Operation => ({
  schema,
  // read by the schema that the command's own type is made from
  answer: (input) => answer(input),
});

/** A service that this process answers. */
export interface Service {
  readonly name: string;
  readonly dialect: QueryDialect;
  readonly xmlNamespace: string;
  /** By their names. */
  readonly operations: Readonly<Record<string, Operation>>;
}

/** @returns the operations by their names */
export const operationsOf = (operations: readonly Operation[]): Readonly<Record<string, Operation>> =>
  Object.fromEntries(operations.map((each) => [each.schema[2], each]));

/** Answers a call in the form in which it came: an XML document for a form, JSON for JSON. What was not foreseen is told as a fault. */
export async function answerCall(service: Service, call: ServiceCall): Promise<ServiceAnswer> {
  const isJson = call.contentType.includes("json");
  const known = service.operations[call.operation];
  try {
    if (known === undefined)
      throw new ServiceError("InvalidAction", `the operation ${call.operation} of ${service.name} is not known to the local run`);
    const [, , , , inputReference, outputReference] = known.schema;
    const [inputs, outputs] = [NormalizedSchema.of(inputReference), NormalizedSchema.of(outputReference)];
    const output = await known.answer(
      isJson ? readJson(inputs, call.body) : readForm(inputs, new URLSearchParams(call.body), service.dialect),
    );
    if (isJson) return { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: writeJson(outputs, output) };
    return xml(200, envelope(service, call.operation, xmlNodes(outputs, output)));
  } catch (error) {
    return refusal(service, isJson, error);
  }
}

const xml = (status: number, document: { toString(): string }): ServiceAnswer => ({
  status,
  headers: { "content-type": "text/xml" },
  body: document.toString(),
});

function envelope({ dialect, xmlNamespace }: Service, operationName: string, nodes: ReturnType<typeof xmlNodes>): { toString(): string } {
  const requestId = randomUUID();
  const children =
    dialect === "ec2"
      ? [textNode("requestId", requestId), ...nodes]
      : [node(`${operationName}Result`, nodes), node("ResponseMetadata", [textNode("RequestId", requestId)])];
  return node(`${operationName}Response`, children).addAttribute("xmlns", xmlNamespace);
}

function refusal({ dialect }: Service, isJson: boolean, thrown: unknown): ServiceAnswer {
  const isRefusal = thrown instanceof ServiceError;
  const code = isRefusal ? thrown.code : "InternalFailure";
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const status = isRefusal ? 400 : 500;
  if (isJson) {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amzn-query-error": `${code};${isRefusal ? "Sender" : "Receiver"}` };
    return { status, headers, body: JSON.stringify({ __type: code, message }) };
  }
  const error = node("Error", [
    ...(dialect === "ec2" ? [] : [textNode("Type", isRefusal ? "Sender" : "Receiver")]),
    textNode("Code", code),
    textNode("Message", message),
  ]);
  const requestId = randomUUID();
  return xml(
    status,
    dialect === "ec2"
      ? node("Response", [node("Errors", [error]), textNode("RequestID", requestId)])
      : node("ErrorResponse", [error, textNode("RequestId", requestId)]),
  );
}
