import type { Readable } from "node:stream";
import { z } from "zod";

const denialSchema = z.object({
  principal: z.string(),
  action: z.string(),
  operation: z.string(),
  resource: z.string().optional(),
  /** Seconds since 1970. */
  time: z.number(),
});
/** A call that this process answers, as answered.py hands it over. */
const callSchema = z.object({
  id: z.int(),
  service: z.string(),
  operation: z.string(),
  contentType: z.string(),
  body: z.base64().transform((text) => Buffer.from(text, "base64").toString("utf8")),
});
/** A line of the launcher's report; launcher.py says when each comes. */
const messageSchema = z.union([
  z.object({ listening: z.object({ port: z.int() }) }),
  z.object({ portTaken: z.int() }),
  z.object({ sealed: z.literal(true) }),
  z.object({ diskFull: z.string() }),
  z.object({ call: callSchema }),
  z.object({ calls: z.record(z.string(), z.int()) }),
  z.object({ denied: denialSchema }),
]);
export type ReportedDenial = z.output<typeof denialSchema>;
export type HandedCall = z.output<typeof callSchema>;

export interface ReportListener {
  readonly listening: (port: number) => void;
  readonly portTaken: (port: number) => void;
  readonly sealed: () => void;
  readonly diskFull: (problem: string) => void;
  readonly call: (call: HandedCall) => void;
  readonly calls: (counts: Readonly<Record<string, number>>) => void;
  readonly denied: (denial: ReportedDenial) => void;
}

/** Reads what the emulator's launcher tells through its pipe, which nobody else can write into. */
export function listenToLauncher(report: Readable, listener: ReportListener): void {
  let pending = "";
  report.setEncoding("utf8").on("data", (text: string) => {
    // what follows the last line feed may be the half of a line, for ever if the emulator was killed
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) tell(listener, line);
  });
}

function tell(listener: ReportListener, line: string): void {
  const message = messageSchema.parse(JSON.parse(line));
  if ("listening" in message) listener.listening(message.listening.port);
  else if ("portTaken" in message) listener.portTaken(message.portTaken);
  else if ("sealed" in message) listener.sealed();
  else if ("diskFull" in message) listener.diskFull(message.diskFull);
  else if ("call" in message) listener.call(message.call);
  else if ("calls" in message) listener.calls(message.calls);
  else listener.denied(message.denied);
}
