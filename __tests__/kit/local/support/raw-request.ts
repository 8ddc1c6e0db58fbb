import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { LOOPBACK } from "../../../../kit/local/loopback";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Sends just what it is told to, the Host header included. */
export async function send(
  port: number,
  method: string,
  target: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body = "",
): Promise<Answer> {
  const sent = request({
    host: LOOPBACK,
    port,
    method,
    path: target,
    setHost: false,
    agent: false,
    headers: { ...headers, ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }) } as Record<
      string,
      string | string[]
    >,
  });
  // a body that nobody reads ends with the connection, after the answer
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response).catch(() => "") };
}

/** Sends bytes as they are, for what is no proper HTTP. @returns all that came back */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, LOOPBACK);
  socket.write(bytes);
  let answer = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    answer += part;
    // all that is waited for is the first line
    if (answer.includes("\r\n")) socket.destroy();
  });
  await new Promise((resolve) => socket.on("close", resolve).on("error", resolve));
  return answer;
}
