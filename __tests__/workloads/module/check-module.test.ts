import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { checkModule } from "../../../workloads/module/check-module";
import { temporaryDirectory } from "../../support/count-harness";

const directory = temporaryDirectory();
const work = temporaryDirectory();
afterAll(() => {
  work.assertEmpty();
  work.remove();
  directory.remove();
});
const check = (source: string, sample?: string): ReturnType<typeof checkModule> => {
  const file = join(directory.path, "my.ts");
  writeFileSync(file, source);
  const given = sample === undefined ? {} : { sample: join(directory.path, "sample.txt") };
  if (sample !== undefined) writeFileSync(join(directory.path, "sample.txt"), sample);
  return checkModule(file, { ...given, directory: work.path, decompressor: nodeZlib });
};

const GOOD = `import { defineWorkload } from "filemill/workload";
export default defineWorkload({
  async file(file) {
    let lines = 0;
    for await (const line of file.lines()) if (line !== "") lines += 1;
    await file.writeOutput("lines.txt", String(lines));
    return { result: { lines }, partial: lines };
  },
  merge: (a: number, b: number) => a + b,
  total: (lines, { files }) => ({ files, lines: lines ?? 0 }),
});
`;

test("a sound module: what it has, and what came of the sample", async () => {
  expect(await check(GOOD, "a\n\nb\n")).toEqual({
    findings: [
      { level: "note", text: 'result of the sample, 11 of 65536 bytes: {"lines":2}' },
      { level: "note", text: "output of the sample: lines.txt" },
      { level: "note", text: 'total of it alone: {"files":1,"lines":2}' },
    ],
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    bundleBytes: expect.any(Number) as number,
    hooks: { cut: "never", merges: true, joins: false, totals: true },
  });
});

test.each([
  ["wrong types", GOOD.replace("lines ?? 0", "lines.length"), /my\.ts:10:.*length/],
  ["what can't be bundled", 'import x from "./nowhere";\nexport default x;', /nowhere/],
  ["no workload", "export default 3;", /default export is 3/],
  [
    "a file that fails",
    GOOD.replace("let lines = 0;", 'let lines = 0; throw new Error("no");'),
    /sample is quarantined: workload-error: Error: no/,
  ],
  [
    "a total that fails",
    GOOD.replace("({ files,", '{ throw new Error("none"); return ({ files,').replace("?? 0 }),", "?? 0 }); },"),
    /total failed: Error: none/,
  ],
])("%s is told", async (_what, source, problem) => {
  const { findings } = await check(source, "a");
  expect(findings.filter(({ level }) => level === "error").map(({ text }) => text)).toContainEqual(expect.stringMatching(problem));
});
