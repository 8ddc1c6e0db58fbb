import Table from "cli-table3";
import type { DeadLetter, DeadLetterContent } from "../dead-letters/describe";
import { count, plural } from "./numbers";
import { printable } from "./printable";

const plain = { style: { head: [], border: [], compact: true } };

/** Names shown of a message that announces several objects. */
const NAMED_OBJECTS = 3;

export function renderDeadLetters(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "no dead letters\n";
  const table = new Table({ ...plain, head: ["queue", "message", "received", "what"], colAligns: ["left", "left", "right", "left"] });
  for (const letter of letters) {
    table.push([letter.queue, printable(letter.messageId), count(letter.receiveCount), printable(what(letter.content, letter.bytes))]);
  }
  return `${table.toString()}\n`;
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
