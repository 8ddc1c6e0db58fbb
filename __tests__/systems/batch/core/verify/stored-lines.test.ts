import type { FileResult } from "../../../../../systems/batch/contracts/files";
import { ObjectAccessDeniedError, ObjectMissingError } from "../../../../../kit/ports/object-store";
import { resultLine } from "../../../../../systems/batch/core/reduce/reduce";
import { StoredLines } from "../../../../../systems/batch/core/verify/stored-lines";
import type { Finding } from "../../../../../systems/batch/core/verify/verification";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { fileWords } from "../../../../support/word-count";

const STATE = "batch-state";
const KEY = "batches/b/g1/results.jsonl";
const RESULTS: FileResult[] = [0, 1, 2].map((file) => ({
  filename: `${file}.txt`,
  status: "processed",
  bytes: 1,
  result: fileWords({ textBytes: 1, totalWords: 1, distinctWords: 1, words: [{ word: `wörd${file}`, count: 1 }] }),
  outputs: [],
}));
const [FIRST = "", SECOND = "", THIRD = ""] = RESULTS.map(resultLine);

let store: MemoryObjectStore;
beforeEach(() => {
  store = new MemoryObjectStore([STATE]);
});

async function compared(stored: string, results: readonly FileResult[] = RESULTS): Promise<Finding> {
  store.set(STATE, KEY, stored);
  const lines = new StoredLines({ store, stateBucket: STATE }, KEY);
  for (const result of results) await lines.compare(result);
  return lines.finish();
}

test("the lines as they were written hold; so do none", async () => {
  expect(await compared(FIRST + SECOND + THIRD)).toEqual({ counts: { lines: 3 } });
  expect(await compared("", [])).toEqual({ counts: { lines: 0 } });
});

const WHOLE_BYTES = Buffer.byteLength(FIRST + SECOND + THIRD);

test.each([
  ["a changed line", FIRST + SECOND.replace('"count":1', '"count":2') + THIRD, `line 2 of ${KEY} is not that of file '1.txt'`],
  ["two lines swapped", SECOND + FIRST + THIRD, `line 1 of ${KEY} is not that of file '0.txt'`],
  ["a line less", FIRST + SECOND, `${KEY} ends before line 3, file '2.txt'`],
  ["a line too many", FIRST + SECOND + THIRD + THIRD, `${KEY} has more lines than the batch has files`],
  [
    "a last line without its end",
    (FIRST + SECOND + THIRD).slice(0, -1),
    `${KEY} has ${WHOLE_BYTES - 1} bytes, its lines come to ${WHOLE_BYTES}`,
  ],
])("%s is found and named", async (_, stored, wrong) => {
  expect(await compared(stored)).toEqual({ counts: { lines: 3 }, wrong });
});

test.each([
  [
    "gone",
    () => {
      store.deleteObject(STATE, KEY);
    },
    ObjectMissingError,
  ],
  [
    "closed to us",
    () => {
      store.denied.add(STATE);
    },
    ObjectAccessDeniedError,
  ],
])("lines that are %s stop no comparison of others: the end tells", async (_, happen, error) => {
  store.set(STATE, KEY, FIRST);
  happen();
  const lines = new StoredLines({ store, stateBucket: STATE }, KEY);
  for (const result of RESULTS) await expect(lines.compare(result)).resolves.toBeUndefined();
  await expect(lines.finish()).rejects.toThrow(error);
});
