import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { bundleModule } from "../../../workloads/module/bundle";
import { moduleWorkload } from "../../../workloads/module/module-workload";
import { TryAgainLaterError, WorkloadUnusableError, type Merge } from "../../../workloads/workload";
import { temporaryDirectory } from "../../support/count-harness";
import { WorkloadBench } from "../../support/workload-run";

const MODULE = `
import { defineWorkload, TryAgainLater } from "filemill/workload";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
interface Counts { readonly lines: number }
let files = 0;
export default defineWorkload({
  name: "lines",
  cut: "lines",
  options: { parse: (given: any) => { if (given.bad) throw new Error("bad is no option"); return { prefix: "", ...given }; } },
  setup: (options) => { if (options.prefix === "unready") throw new Error("not ready"); return { at: process.pid }; },
  async file(file, options, ready): Promise<{ result: object, partial: Counts }> {
    files += 1;
    let lines = 0;
    for await (const line of file.lines()) {
      if (line.startsWith("do ")) await actions[line.slice(3)](file);
      lines += 1;
    }
    return { result: { lines, prefix: options.prefix, same: ready.at === process.pid, files }, partial: { lines } };
  },
  merge: (a, b) => ({ lines: a.lines + b.lines }),
  join: (results: any[], partial) => ({ joined: results.map(({ lines }) => lines), lines: partial?.lines }),
  total: (partial, { files }) => ({ files, lines: partial?.lines ?? 0 }),
});
const hold: unknown[] = [];
const actions: Record<string, (file: any) => unknown> = {
  throw: () => { throw new TypeError("thrown"); },
  reject: () => Promise.reject("text"),
  loop: () => { for (;;); },
  never: () => new Promise((resolve) => setTimeout(resolve, 1e8)),
  heap: () => { for (;;) hold.push(Array.from({ length: 1000 }, (_, index) => ({ index }))); },
  "some heap": () => { for (let i = 0; i < 4000; i += 1) hold.push(Array.from({ length: 1000 }, (_, index) => ({ index }))); },
  buffers: async () => { for (;;) { hold.push(Buffer.alloc(16 << 20, 1)); await new Promise(setImmediate); } },
  exit: () => process.exit(0),
  "exit 3": () => process.exit(3),
  kill: () => process.kill(process.pid, "SIGKILL"),
  uncaught: () => { setTimeout(() => { throw new Error("late"); }); return new Promise(() => {}); },
  print: () => { console.log("x".repeat(1e6)); },
  disconnect: () => { process.disconnect(); return new Promise(() => {}); },
  "speak nonsense": () => { process.send!({ kind: "nonsense" }); return new Promise(() => {}); },
  later: () => { throw new TryAgainLater("busy"); },
  write: async (file) => { await file.writeOutput("a/b.txt", "text"); writeFileSync("copied", "2"); await file.writeOutput("c", { path: "copied" }); },
  "write out": (file) => file.writeOutput("../x", "text"),
  fork: () => { require("node:child_process").spawn("sleep", ["1000"], { detached: true }); },
  environment: () => { throw new Error(Object.keys(process.env).sort().join()); },
  signal: (file) => new Promise((_, reject) => file.signal.addEventListener("abort", () => reject(new Error("told to end")))),
};
`;

const directory = temporaryDirectory();
const bundled = async (name: string, source: string): Promise<string> => {
  writeFileSync(join(directory.path, name), source);
  const file = join(directory.path, `${name}.bundle.js`);
  writeFileSync(file, (await bundleModule(join(directory.path, name))).code);
  return file;
};
let bench: WorkloadBench<unknown, unknown>;
let lines: { readonly module: string };
const LINES = { cut: "lines" } as const;
const merges: Merge<unknown, unknown>[] = [];
const mergeOf = (options: object = LINES): Merge<unknown, unknown> => {
  const merge = moduleWorkload.merge(moduleWorkload.options.parse(options), bench.mergeContext()) as Merge<unknown, unknown>;
  merges.push(merge);
  return merge;
};
beforeAll(async () => {
  lines = { module: await bundled("lines.ts", MODULE) };
  bench = new WorkloadBench(moduleWorkload, lines);
});
afterAll(async () => {
  for (const merge of merges) await merge.dispose();
  await bench.close();
  directory.remove();
});
const fails = (detail: RegExp): object => ({
  status: "quarantined",
  reason: "workload-error",
  detail: expect.stringMatching(detail) as string,
});
const run = (content: string | Uint8Array, options: object = {}, more: object = {}): Promise<object> =>
  bench.run({ ...LINES, ...options }, content, more);

test("a module works on file after file in one process that is set up once, with options it checked itself", async () => {
  const session = await bench.open({ ...LINES, options: { prefix: "p" } });
  for (const files of [1, 2]) {
    const outcome = await bench.run({}, "a\nb\n", { session });
    expect(outcome).toMatchObject({ status: "processed", result: { lines: 2, prefix: "p", same: true, files } });
  }
  expect(await bench.run({}, gzipSync("a\nb\nc"), { session })).toMatchObject({ result: { lines: 3 } });
  expect(await bench.run({}, Buffer.from("\ufeffa\nb", "utf16le"), { session })).toMatchObject({ result: { lines: 2 } });
  expect(await bench.run({}, gzipSync("a\nb\nc").subarray(0, 20), { session })).toMatchObject({
    status: "quarantined",
    reason: "corrupt-gzip",
  });
  expect(await bench.run({}, gzipSync("a\nb\nc"), { session, decompressionLimitBytes: 3 })).toMatchObject({
    reason: "decompression-limit",
  });
  expect(await bench.run({}, Uint8Array.of(0, 1), { session })).toEqual({ status: "skipped", reason: "not-text" });
  expect(await bench.run({}, "do write", { session })).toMatchObject({ outputs: { "a/b.txt": "text", c: "2" } });
});

describe("what a module breaks is its file's outcome, and the next file goes on", () => {
  test.each([
    ["throw", {}, /^TypeError: thrown$/],
    ["reject", {}, /text/],
    ["loop", { timeLimitSeconds: 0.5 }, /longer than its time limit/],
    ["never", { timeLimitSeconds: 0.5 }, /longer than its time limit/],
    ["signal", { timeLimitSeconds: 0.5 }, /longer than its time limit/],
    ["exit", {}, /ended its process, with exit code 0$/],
    ["exit 3", {}, /ended its process, with exit code 3$/],
    ["kill", {}, /killed by SIGKILL/],
    ["uncaught", {}, /exit code 1: Error: late$/],
    ["disconnect", {}, /ended its process, with exit code 0$/],
    ["speak nonsense", {}, /no answer/],
    ["write out", {}, /empty part, '\.' or '\.\.'/],
    ["environment", {}, /^Error: AWS_EC2_METADATA_DISABLED,FILEMILL_FILE,FILEMILL_RUN,HOME,LANG,PATH,TMPDIR$/],
  ])("%s", async (action, options, detail) => {
    const session = await bench.open({ ...LINES, ...options });
    expect(await bench.run({}, `do ${action}`, { session })).toEqual(fails(detail));
    expect(await bench.run({}, "a", { session })).toMatchObject({ status: "processed", result: { lines: 1 } });
  });

  test("prints, forks: of no interest, and nothing is left", async () => {
    for (const action of ["print", "fork"]) expect(await run(`do ${action}`)).toMatchObject({ status: "processed" });
  });

  test("runs out of memory: once more in the next class, then quarantined", async () => {
    expect(await run("do some heap")).toEqual(
      expect.objectContaining({ status: "processed", result: expect.objectContaining({ lines: 1 }) as unknown }),
    );
  });

  test("later is later", async () => {
    await expect(run("do later")).rejects.toThrow(TryAgainLaterError);
  });

  test("aborted: it is gone when it rejects", async () => {
    const controller = new AbortController();
    const reason = new Error("the lease is lost");
    const onProgress = (): void => {
      controller.abort(reason);
    };
    await expect(run("do loop", {}, { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });
});

describe("what is wrong with the module is about every file", () => {
  test.each([
    ["options it refuses", MODULE, { ...LINES, options: { bad: true } }, /can't be set up: Error: bad is no option/],
    ["a setup that fails", MODULE, { ...LINES, options: { prefix: "unready" } }, /can't be set up: Error: not ready/],
    ["a cut it was not planned for", MODULE, {}, /cut at 'lines', and the batch was planned for 'never'/],
    ["an error while it is loaded", "throw new Error('at once')", {}, /can't be loaded: Error: at once$/],
    ["no default export", "export const x = 1;", {}, /can't be loaded: .*default export is undefined/],
    ["no file()", "export default { setup() {} }", {}, /has no function file\(\)/],
    ["a cut without join", "export default { cut: 'lines', file() {} }", {}, /no function join\(\)/],
  ])("%s", async (_what, source, options, problem) => {
    const other = new WorkloadBench(moduleWorkload, { module: await bundled("other.ts", source) });
    const opening = other.open(options);
    await expect(opening).rejects.toThrow(WorkloadUnusableError);
    await expect(opening).rejects.toThrow(problem);
    await other.close();
  });

  test("what can't be bundled", async () => {
    writeFileSync(join(directory.path, "bad.ts"), "import x from './nowhere'; export default x;");
    await expect(bundleModule(join(directory.path, "bad.ts"))).rejects.toThrow(/can't be bundled: .*nowhere/s);
    await expect(bundleModule("missing.ts")).rejects.toThrow(/no such file/);
  });
});

test("a bundle is the same bytes wherever its sources lie", async () => {
  const versions = [];
  for (const folder of ["x", "y/z"]) {
    mkdirSync(join(directory.path, folder), { recursive: true });
    writeFileSync(join(directory.path, folder, "my.ts"), `import { n } from "./n";\n${MODULE}\nexport const m = n;`);
    writeFileSync(join(directory.path, folder, "n.js"), "module.exports = { n: 1 };");
    versions.push((await bundleModule(join(directory.path, folder, "my.ts"))).sha256);
  }
  expect(versions[1]).toBe(versions[0]);
});

describe("merge, join and total", () => {
  const partialOf = async (content: string): Promise<unknown> => {
    const outcome = await bench.run(LINES, content, { keepPartial: true });
    return "partial" in outcome ? outcome.partial : undefined;
  };

  test("partials add up however they are grouped, and sections are their sums", async () => {
    const [first, second, all] = [mergeOf(), mergeOf(), mergeOf()];
    for (const content of ["a\nb", "c", ""]) await first.add((await partialOf(content)) as never);
    await second.add((await partialOf("d\ne\nf")) as never);
    const sections: string[] = [];
    for (const merge of [first, second]) {
      const section = await buffer(merge.section());
      sections.push(section.toString());
      await all.addSection([section.subarray(0, 3), section.subarray(3)] as never);
    }
    expect(sections).toEqual(['{"lines":3}\n', '{"lines":3}\n']);
    expect(await all.join([{ lines: 3 }, { lines: 3 }])).toEqual({ joined: [3, 3], lines: 6 });
    for (let file = 0; file < 4; file += 1) all.addResult({});
    expect(await all.total()).toEqual({ files: 4, lines: 6 });
  });

  test("nothing added up is nothing, and a section that was cut is told", async () => {
    const merge = mergeOf();
    expect((await buffer(merge.section())).toString()).toBe("");
    expect(await merge.total()).toEqual({ files: 0, lines: 0 });
    await expect(merge.addSection([Buffer.from('{"lines":3}')] as never)).rejects.toThrow(/cut/);
  });

  test("a merge that fails is about every file", async () => {
    const source = `export default { file: () => ({ result: 1, partial: 1 }), merge() { throw new Error("no sum"); } };`;
    const other = new WorkloadBench(moduleWorkload, { module: await bundled("sum.ts", source) });
    const merge = moduleWorkload.merge(moduleWorkload.options.parse({}), other.mergeContext());
    await merge.addSection([Buffer.from("1\n2\n")] as never);
    await expect(merge.total()).resolves.toEqual({ files: 0 });
    await expect(buffer(merge.section())).rejects.toThrow(/merge failed: Error: no sum/);
    await merge.dispose();
    await other.close();
  });
});

test("a range is a text of its own", async () => {
  const session = await bench.open(LINES);
  const body = createReadStream(join(directory.path, "lines.ts"), { start: 10 }) as AsyncIterable<Uint8Array>;
  const source = { key: "k", size: 5_000, body, range: { start: 10, end: 200, index: 1, count: 3 }, encoding: "utf-8" };
  const context = { memoryBytes: 1, directory: bench.folder(), decompressor: {} as never, decompressionLimitBytes: 1 };
  const worked = await session.work(source, context);
  const expected =
    MODULE.slice(0, MODULE.indexOf("\n", 200) + 1).split("\n").length -
    1 -
    (MODULE.slice(0, MODULE.indexOf("\n", 10) + 1).split("\n").length - 1);
  expect(worked).toMatchObject({ status: "processed", result: { lines: expected } });
  if (worked.status === "processed") await worked.partial?.dispose();
});
