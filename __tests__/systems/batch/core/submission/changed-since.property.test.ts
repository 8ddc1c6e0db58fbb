import fc from "fast-check";
import { submissionKey } from "../../../../../systems/batch/contracts/state-keys";
import type { BatchRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { submissionList } from "../../../../../systems/batch/core/stored-batch/submission-list";
import { changedSince } from "../../../../../systems/batch/core/submission/changed-since";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";

const BATCH_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const STATE = "state";
/** Names whose order by code units is another one than by code points, in any order, each with one of two contents. */
const files = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom<string>("10", "2", "a", "é", "\uffee", "\u{10000}", "z/1", "z"),
      content: fc.constantFrom("0", "1"),
    }),
    {
      selector: ({ name }) => name,
    },
  )
  .map((drawn) => drawn.map(({ content, name }) => ({ name, path: name, size: 1, sha256: content.repeat(64) })));

test("what is new, changed, unchanged and gone is found in whatever order files are given", async () => {
  await fc.assert(
    fc.asyncProperty(files, files, async (before, now) => {
      const objects = new MemoryObjectStore([STATE]);
      const list = submissionList(before);
      objects.set(STATE, submissionKey(BATCH_ID), list.text);
      const batch = { batchId: BATCH_ID, submission: list.summary } as BatchRecord;
      const contentBefore = new Map(before.map(({ name, sha256 }) => [name, sha256]));
      const isSame = ({ name, sha256 }: { name: string; sha256: string }): boolean => contentBefore.get(name) === sha256;
      expect(await changedSince(objects, STATE, batch, now)).toEqual({
        files: now.filter((file) => !isSame(file)),
        unchanged: now.filter((file) => isSame(file)).length,
        gone: before.filter(({ name }) => !now.some((file) => file.name === name)).length,
      });
    }),
    { numRuns: 300 },
  );
});
