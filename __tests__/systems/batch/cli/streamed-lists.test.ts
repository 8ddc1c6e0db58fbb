import { Writable } from "node:stream";
import { csvText } from "../../../../kit/cli/output/csv";
import { writePieces } from "../../../../systems/batch/cli/output/write-pieces";
import { fileTable, renderFiles } from "../../../../systems/batch/cli/render/files";
import { StreamOutput } from "../../../../kit/cli/terminal/output";
import type { ListedFile } from "../../../../systems/batch/core/results/list-files";
import { collect } from "../../../support/count-harness";
import { parse } from "../../../support/csv";
import { NOTHING_MADE } from "../../../support/word-count";

const fileOf = (index: number): ListedFile => ({
  ...NOTHING_MADE,
  filename: `file-${index}`,
  status: "skipped",
  reason: "not-text",
  bytes: index,
  doubtful: false,
});
/** As many as asked for, and how many were taken. */
class Source {
  public taken = 0;
  public closed = false;
  public async *take(count: number): AsyncGenerator<ListedFile> {
    try {
      for (; this.taken < count; this.taken += 1) yield await Promise.resolve(fileOf(this.taken));
    } finally {
      this.closed = true;
    }
  }
}
/** A reader that takes one piece, then stands still until it is told to go on, or breaks off. */
class SlowReader extends Writable {
  public readonly isTTY = false;
  public go: (error?: Error | null) => void = () => undefined;
  public readonly waiting: Promise<void>;
  private isWaiting: () => void = () => undefined;
  private first = true;
  public constructor() {
    super({ autoDestroy: false });
    this.waiting = new Promise((resolve) => (this.isWaiting = resolve));
  }
  public override _write(_chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.first) {
      done();
      return;
    }
    this.first = false;
    this.go = done;
    this.isWaiting();
  }
}
const COLUMNS = [["filename", ({ filename }: ListedFile) => filename]] as const;
const signal = new AbortController().signal;

test("a long list is several tables, and memory holds one: each row once, in order", async () => {
  const tables = await collect(renderFiles(new Source().take(1_200), 80));
  expect(tables).toHaveLength(2);
  expect(tables.map((table) => [...table.matchAll(/│ (file-\d+) /g)].map(([, name]) => name)).flat()).toEqual(
    Array.from({ length: 1_200 }, (_, index) => `file-${index}`),
  );
  expect(tables[0]).toBe(
    fileTable(
      Array.from({ length: 1_000 }, (_, index) => fileOf(index)),
      80,
    ),
  );
});

test("a list of any length has each row once as CSV, and none makes a header", async () => {
  for (const length of [0, 1, 498, 499, 500, 1_234]) {
    const { header, records } = parse((await collect(csvText(COLUMNS, new Source().take(length)))).join(""));
    expect(header).toEqual(["filename"]);
    expect(records).toEqual(Array.from({ length }, (_, index) => [`file-${index}`]));
  }
});

test.each([
  ["takes its time: it gets all, and is not run ahead of", undefined, 20_000],
  ["breaks off, as `| head` does: nothing more is read", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }), 1_000],
])("a reader that %s", async (_name, error, taken) => {
  const source = new Source();
  const reader = new SlowReader();
  const output = new StreamOutput(reader);
  const writing = writePieces(output, csvText(COLUMNS, source.take(20_000)), { signal });
  await reader.waiting;
  expect(source.taken).toBeLessThan(1_000);
  reader.go(error);
  await writing;
  expect(source.closed).toBe(true);
  expect(error === undefined ? source.taken >= taken : source.taken < taken).toBe(true);
  expect(output.failure).toBeUndefined();
});

test("an interrupted command writes no more, and says so", async () => {
  const source = new Source();
  const interruption = new AbortController();
  interruption.abort(new Error("interrupted"));
  const output = new StreamOutput(new SlowReader());
  await expect(writePieces(output, csvText(COLUMNS, source.take(20_000)), { signal: interruption.signal })).rejects.toThrow("interrupted");
  expect(source.closed).toBe(true);
  expect(output.wasUsed).toBe(false);
});
