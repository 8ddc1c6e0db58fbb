import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

/** A request as an SDK client would put it on the wire. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Readable;
}

interface HandledRequest extends Omit<SentRequest, "body"> {
  readonly body?: unknown;
}

/**
 * The HTTP side of an SDK client, answered by a function: tests see what goes over the wire, encoding and all. Use with
 * `{ ...STUB_CLIENT, requestHandler: stub }`.
 */
export class StubHandler {
  public readonly requests: SentRequest[] = [];
  public readonly metadata = { handlerProtocol: "http/1.1" };

  public constructor(private readonly answer: (request: SentRequest, index: number) => StubAnswer) {}

  public async handle(
    request: HandledRequest,
  ): Promise<{ response: { statusCode: number; headers: Record<string, string>; body: Readable } }> {
    const sent = { ...request, body: await textOf(request.body) };
    this.requests.push(sent);
    const { body = "", headers = {}, status = 200 } = this.answer(sent, this.requests.length - 1);
    const stream = typeof body === "string" ? Readable.from(body === "" ? [] : [Buffer.from(body)], { objectMode: false }) : body;
    return { response: { statusCode: status, headers, body: stream } };
  }
  public destroy(): void {
    // nothing is open
  }
  public updateHttpClientConfig(): void {
    // nothing to configure
  }
  public httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

/** Settings of a client that asks nobody for credentials and does not try again. */
export const STUB_CLIENT = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 } as const;

/** An answer of one of the services that speak JSON. */
export const json = (value: unknown, status = 200): StubAnswer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify(value),
});
/** An error of such a service. */
export const jsonError = (name: string, message: string, status = 400): StubAnswer => json({ __type: name, message }, status);
/** An error as S3 writes it. */
export const xmlError = (code: string, status: number): StubAnswer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code} was the answer</Message></Error>`,
});

async function textOf(body: unknown): Promise<string> {
  if (body === undefined || body === null) return "";
  if (typeof body === "string") return body;
  if (body instanceof Readable) return (await buffer(body)).toString("utf8");
  if (body instanceof Uint8Array) return Buffer.copyBytesFrom(body).toString("utf8");
  throw new Error(`the stub can't read a body of type ${typeof body}`);
}
