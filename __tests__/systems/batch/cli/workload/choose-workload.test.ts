import { chooseWorkload } from "../../../../../systems/batch/cli/workload/choose-workload";
import type { WorkloadFlags } from "../../../../../systems/batch/cli/workload/workload-options";
import { WORKLOADS } from "../../../../../workloads/registry";

test("words are counted when nothing else is said", () => {
  expect(chooseWorkload({})).toEqual({ name: "word-count", options: {}, files: [] });
  expect(chooseWorkload({ top: 5, minimumWordLength: 3, encoding: "windows-1252" })).toEqual({
    name: "word-count",
    options: { top: 5, minimumWordLength: 3, encoding: "windows-1252" },
    files: [],
  });
});

test("an option's value is what it reads as in JSON, else text", () => {
  const option = [
    ["top", "7"],
    ["encoding", "utf-8"],
  ] as const;
  expect(chooseWorkload({ option }).options).toEqual({ top: 7, encoding: "utf-8" });
});

test("a flag of the word count goes before the same --option", () => {
  expect(chooseWorkload({ top: 5, option: [["top", "7"]] }).options).toEqual({ top: 5 });
});

test("--exec is the command workload; its flags and --option are its options", () => {
  expect(chooseWorkload({ exec: "wc -w {in}" })).toEqual({ name: "command", options: { exec: "wc -w {in}" }, files: [] });
  expect(chooseWorkload({ exec: "wc -w < {in}", shell: true, workload: "command", option: [["timeLimitSeconds", "60"]] }).options).toEqual({
    exec: "wc -w < {in}",
    shell: true,
    timeLimitSeconds: 60,
  });
});

test("--archive is brought along, and the command runs from it", () => {
  expect(chooseWorkload({ exec: "./count {in}", archive: "tools.tar.gz" })).toEqual({
    name: "command",
    options: { exec: "./count {in}", archive: true },
    files: [{ name: "archive", path: "tools.tar.gz" }],
  });
});

test.each(["./my.ts", "my.ts", "my.mjs", "my.cts", "folder/my", "/at/my.js"])("--workload %s is a module of the user's", (workload) => {
  const option = [
    ["timeLimitSeconds", "60"],
    ["pages", "3"],
    ["cut", "lines"],
  ] as const;
  expect(chooseWorkload({ workload, option })).toEqual({
    name: "module",
    // what runs a module has options of its own; all others are the module's
    options: { timeLimitSeconds: 60, options: { pages: 3, cut: "lines" } },
    files: [],
    module: workload,
  });
});

test("another workload that ships is named", () => {
  expect(chooseWorkload({ workload: "access-log" })).toEqual({ name: "access-log", options: {}, files: [] });
});

test("a name that nothing has is refused with those there are", () => {
  let error: unknown;
  try {
    chooseWorkload({ workload: "counting" });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ name: "UnknownWorkloadError", message: "there is no workload 'counting'" });
  for (const { name } of WORKLOADS) expect(error).toMatchObject({ fix: expect.stringContaining(name) as string });
});

test.each<[string, WorkloadFlags, string]>([
  ["an option that it doesn't take", { option: [["bottom", "5"]] }, "bottom"],
  ["a value out of range", { option: [["top", "0"]] }, "top"],
  ["a value of another kind", { exec: "wc {in}", option: [["timeLimitSeconds", "long"]] }, "timeLimitSeconds"],
  ["a command without a program", { exec: " " }, "it names no program"],
  ["open quotes", { exec: "wc 'a" }, "close the quotes"],
  ["a limit of a module's", { workload: "./my.ts", option: [["memoryClassMebibytes", "7"]] }, "memoryClassMebibytes"],
])("%s is refused by the workload's own schema", (_, flags, part) => {
  expect(() => chooseWorkload(flags)).toThrow(
    expect.objectContaining({ name: "WorkloadOptionsError", message: expect.stringContaining(part) as string }) as Error,
  );
});

test.each<[string, WorkloadFlags, string]>([
  [
    "--exec with another workload",
    { exec: "wc {in}", workload: "access-log" },
    "--exec with --workload access-log: a batch has one workload",
  ],
  ["--exec with a module", { exec: "wc {in}", workload: "./my.ts" }, "--exec with --workload ./my.ts: a batch has one workload"],
  ["--shell alone", { shell: true }, "--shell without --exec: it is about a command"],
  ["--archive alone", { archive: "tools.zip" }, "--archive without --exec: it is about a command"],
  ["--archive with a module", { workload: "./my.ts", archive: "tools.zip" }, "--archive without --exec: it is about a command"],
  ["--top with a command", { exec: "wc {in}", top: 5 }, "--top with workload command: it is about counting words"],
  [
    "--encoding with a log",
    { workload: "access-log", encoding: "utf-8" },
    "--encoding with workload access-log: it is about counting words",
  ],
  [
    "--minimum-word-length with a module",
    { workload: "./my.ts", minimumWordLength: 2 },
    "--minimum-word-length with workload module: it is about counting words",
  ],
])("%s is refused", (_, flags, message) => {
  expect(() => chooseWorkload(flags)).toThrow(expect.objectContaining({ name: "UsageError", message }) as Error);
});
