import { productFiles } from "../../../support/product-files";
import { PROJECT } from "../../../support/project";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { reportOf, type Surroundings } from "../../../../kit/cli/error-report";
import { InterruptedError, RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { renderError } from "../../../../kit/cli/render/error";
import { FinishExhaustedError } from "../../../../systems/batch/core/finish/finish-generation";
import { UnknownBatchError } from "../../../../systems/batch/core/stored-batch/errors";
import { GenerationConflictError } from "../../../../systems/batch/ports/ledger";
import { parseStored } from "../../../../kit/lib/stored-json";
import { SYSTEM_ERRORS } from "../../../../kit/lib/system-errors";
import { BackgroundStackError, FleetError, ProvisioningError } from "../../../../kit/local/errors";

const kept: string[] = [];
const surroundings: Surroundings = {
  places: [
    { what: "the folder of local runs", folder: "/home/jane/.filemill", elsewhere: "name another folder with FILEMILL_HOME" },
    { what: "the folder of temporary files", folder: "/tmp", elsewhere: "name another folder with TMPDIR" },
  ],
  freeBytes: (folder) => Promise.resolve(folder === "/tmp" ? 20_000 : 5e9),
  openFilesLimit: () => "64",
  keepDetails: (details) => {
    kept.push(details);
    return Promise.resolve("/home/jane/.filemill/error.log");
  },
};
const told = async (error: unknown): Promise<string> => renderError(await reportOf(error, surroundings));

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};
const system = (code: string, fields: object = {}): Error => Object.assign(new Error(`${code}: words of the system`), { code, ...fields });

test("an error is its cause and value, then the fix, and nothing more", async () => {
  expect(await told(new UsageError("no files in 'x'", "give a folder that holds files"))).toBe(
    "error: no files in 'x'\nfix: give a folder that holds files\n",
  );
  expect(await told(new InterruptedError())).toBe("interrupted\n");
});

test.each([
  new UnknownBatchError("b"),
  new GenerationConflictError({ batchId: "b", generation: 1 }, "is not the latest"),
  new FinishExhaustedError({ batchId: "b", generation: 1 }),
])("%p names its own way out", async (error) => {
  expect(await told(error)).toBe(`error: ${error.message}\nfix: ${error.fix}\n`);
});

test("a validator's findings are told in one line, however many they are, and what is stored wrong says where", async () => {
  const schema = z.object(Object.fromEntries(Array.from({ length: 29 }, (_, index) => [`field${index}`, z.string()])));
  const { error } = schema.safeParse({});
  expect(await told(error)).toMatch(
    /^error: filemill met an error that it does not know: [^\n]*: field0: Invalid input[^\n]*; field4: [^\n]*; and 24 more\nfix: [^\n]+\n$/,
  );
  for (const text of ["{", "{}", "[]", `{"field0":${"[".repeat(500)}`]) {
    const stored = await reportOf(
      thrownBy(() => parseStored(schema, text, "s3://state/x:7", "a receipt")),
      surroundings,
    );
    expect(stored).toMatchObject({ code: "stored-format", exitCode: 1 });
    expect(stored.message).toMatch(/^s3:\/\/state\/x:7 is not (?:JSON|a receipt): [^\n]{1,400}$/);
  }
});

test("nobody shows a validator's findings otherwise", () => {
  // the simulator tells its developers
  const sources = productFiles().filter((file) => !file.startsWith("kit/simulator/"));
  expect(sources.length).toBeGreaterThan(200);
  const shows = /prettifyError|formatError|treeifyError|parsed\.error\.message/;
  expect(sources.filter((file) => shows.test(readFileSync(path.join(PROJECT, file), "utf8")))).toEqual([]);
});

test("what an error quotes can't drive the terminal", async () => {
  expect(await told(new UsageError("no files in '\u001b[2Jx'", "f"))).toBe("error: no files in '\\u{1b}[2Jx'\nfix: f\n");
});

test.each([
  ["a construct's fault that it isn't", new ProvisioningError("aws_x.y", "refused", "correct the construct", { cause: system("EMFILE") })],
  ["a worker that can't be started", new FleetError("worker 0 could not be started: spawn node EMFILE", "run `npm run build`")],
  ["a process that tells it in words", new BackgroundStackError("filebase64sha256(): EMFILE: too many open files, open 'x'", "f")],
  ["several at once", new AggregateError([new Error("a"), system("EMFILE")], "several")],
])("too many open files are told as %s: the limit, and how to raise it", async (_name, error) => {
  const report = await reportOf(error, surroundings);
  expect(report).toMatchObject({ code: "too-many-open-files", exitCode: 1 });
  expect(report.message).toContain(`too many open files (this process may have 64): ${error.message}`);
  expect(report.fix).toContain("ulimit -n");
});

test("a full disk is named by the path that could not be written, or by where the least room is left", async () => {
  const named = await reportOf(system("ENOSPC", { path: "/home/jane/.filemill/runs/x" }), surroundings);
  expect(named).toMatchObject({ code: "disk-full", fix: "make room on it, or name another folder with FILEMILL_HOME" });
  expect(named.message).toContain("'/home/jane/.filemill' (the folder of local runs)");
  const least = await reportOf(new RunFailedError("verify failed", "f", { cause: system("ENOSPC") }), surroundings);
  expect(least.message).toBe("the disk is full, the one of '/tmp' (the folder of temporary files; 20.0 kB are free there): verify failed");
  expect(least.fix).toBe("make room on it, or name another folder with TMPDIR");
});

test("a part that tells its full disk in words only is understood", async () => {
  const report = await reportOf(
    new RunFailedError("synthesis failed with exit code 1: Error: ENOSPC: no space left on device, write", "f"),
    surroundings,
  );
  expect(report).toMatchObject({ code: "disk-full", fix: "make room on it, or name another folder with TMPDIR" });
});

test("a folder of ours that can't be written names the setting; another path is just named", async () => {
  expect(await told(system("ENOENT", { path: "/tmp/scratch-x" }))).toMatch(/\nfix: make it, or name another folder with TMPDIR\n$/);
  expect(await told(system("EACCES", { path: "/home/jane/.filemill/stacks" }))).toBe(
    "error: '/home/jane/.filemill/stacks', the folder of local runs: no permission (EACCES)\n" +
      "fix: make it writable, or name another folder with FILEMILL_HOME\n",
  );
  expect(await told(system("EIO", { path: "/data/x" }))).toMatch(
    /^error: '\/data\/x': the device can't read or write it.* \(EIO\)\nfix: check/,
  );
});

test("nothing answers: the address is named", async () => {
  const refused = new AggregateError([system("ECONNREFUSED", { address: "127.0.0.1", port: 4566 })], "");
  expect(await reportOf(refused, surroundings)).toMatchObject({ message: "127.0.0.1:4566: nothing answers there (ECONNREFUSED)" });
});

test.each([
  ["ExpiredToken", "aws-credentials", /AWS_PROFILE/],
  ["AccessDeniedException", "aws-access-denied", /let your user or role/],
  ["ResourceNotFoundException", "aws-not-found", /terraform output/],
  ["ThrottlingException", "aws-busy", /try again/],
])("AWS says %s: %s", async (name, code, fix) => {
  const report = await reportOf(new Error("outer", { cause: Object.assign(new Error("why"), { name }) }), surroundings);
  expect(report).toMatchObject({ code, message: `${name}: why`, fix: expect.stringMatching(fix) as string });
});

test("an error that nobody thought of says what to report, and where its details are", async () => {
  kept.length = 0;
  const report = await reportOf(new TypeError("a bug", { cause: new Error("inner") }), surroundings);
  expect(report).toEqual({
    code: "unexpected",
    message: "filemill met an error that it does not know: a bug",
    fix: "report it to the maintainers with /home/jane/.filemill/error.log, which has the details",
    exitCode: 1,
  });
  expect(kept.join("")).toMatch(/TypeError: a bug[\s\S]*error-report\.test\.ts[\s\S]*\[cause\]: Error: inner/);
  const unkept = await reportOf("not even an error", { ...surroundings, keepDetails: () => Promise.resolve(undefined) });
  expect(unkept).toMatchObject({ message: "filemill met an error that it does not know: not even an error" });
  expect(unkept.fix).toContain("--debug");
});

test("codes are words that stay", async () => {
  const codes = await Promise.all(
    [new UsageError("m", "f"), new RunFailedError("m", "f"), new UnknownBatchError("b"), new InterruptedError()].map(
      async (error) => (await reportOf(error, surroundings)).code,
    ),
  );
  expect(codes).toEqual(["usage", "run-failed", "unknown-batch", "interrupted"]);
});

test("every error of the system has words, and a way out that is none of ours", () => {
  for (const [code, { words, fix }] of Object.entries(SYSTEM_ERRORS)) {
    expect({ code, words, fix: fix }).toEqual({
      code,
      words: expect.stringMatching(/^[a-z].{3,}/) as string,
      fix: expect.not.stringContaining("debug") as string,
    });
  }
});
