import type { DeadLetter, DeadLetterContent } from "../dead-letters/describe";
import { plural } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";

/** Names shown of a message that announces several objects. */
const NAMED_OBJECTS = 3;

/** Half an id of SQS: it goes on in the next line. */
const LEAST_ID = 18;

export function renderDeadLetters(letters: readonly DeadLetter[], width: number): string {
  if (letters.length === 0) return "no dead letters\n";
  const table = renderTable(
    [{ head: "queue" }, { head: "message", least: LEAST_ID }, { head: "received", align: "right" }, { head: "what", least: 20 }],
    letters.map(({ queue, messageId, receiveCount, content, bytes }) => [queue, messageId, receiveCount, what(content, bytes)]),
    width,
  );
  return `${table}\n`;
}

function what(content: DeadLetterContent, bytes: number): string {
  switch (content.kind) {
    case "chunk":
      return `chunk ${content.index} of batch ${content.batchId}, generation ${content.generation}${content.problem === undefined ? "" : `: ${content.problem}`}`;
    case "objects": {
      const named = content.objects.slice(0, NAMED_OBJECTS).map(({ bucket, key }) => `${bucket}/${key}`);
      const unnamed = content.objects.length - named.length;
      return `S3 event: ${named.join(", ")}${unnamed === 0 ? "" : ` and ${plural(unnamed, "more object")}`}`;
    }
    case "result": {
      const place = content.batchId === undefined ? "" : ` of batch ${content.batchId}, generation ${content.generation ?? 1}`;
      return `${content.type}${place}${content.filename === undefined ? "" : `: ${content.filename}`}`;
    }
    case "unreadable":
      return `unreadable, ${plural(bytes, "byte")}: ${content.problem}`;
  }
}
