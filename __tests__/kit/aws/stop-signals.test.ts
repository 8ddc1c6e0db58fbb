import { productFiles } from "../../support/product-files";
import { PROJECT } from "../../support/project";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ignoredByShell, onStopSignals, STOP_SIGNALS } from "../../../kit/aws/stop-signals";
import type { SignalFacts, StopSignal } from "../../../kit/aws/stop-signals";

const ALL: SignalFacts = { hasTerminal: true, ignoredByShell: new Set() };

/** What a process that was started so hears of each signal. */
function heard(facts: SignalFacts): StopSignal[] {
  const source = new EventEmitter();
  const signals: StopSignal[] = [];
  const release = onStopSignals(source, facts, (signal) => signals.push(signal));
  for (const signal of STOP_SIGNALS) {
    // one that nobody listens for ends a Node process, whatever was ignored when it was started
    expect(source.listenerCount(signal)).toBe(1);
    source.emit(signal, signal);
  }
  release();
  for (const signal of STOP_SIGNALS) expect(source.listenerCount(signal)).toBe(0);
  return signals;
}

test.each<[string, Partial<SignalFacts>, StopSignal[]]>([
  ["on a terminal", {}, ["SIGINT", "SIGTERM", "SIGHUP"]],
  ["without a terminal, as below nohup", { hasTerminal: false }, ["SIGINT", "SIGTERM"]],
  ["below a shell that ignores Ctrl-C", { ignoredByShell: new Set(["SIGINT"]) }, ["SIGTERM", "SIGHUP"]],
  ["below a shell that ignores both", { ignoredByShell: new Set(["SIGINT", "SIGHUP"]) }, ["SIGTERM"]],
])("%s", (_name, facts, signals) => {
  expect(heard({ ...ALL, ...facts })).toEqual(signals);
});

const status = (mask: string): string => `Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t${mask}\nSigCgt:\t0000000000000000\n`;

test.each([
  ["/usr/bin/bash", "0000000000000003", ["SIGHUP", "SIGINT"]],
  ["/usr/bin/dash", "0000000000000002", ["SIGINT"]],
  ["/bin/busybox", "0000000000000001", ["SIGHUP"]],
  // an interactive shell ignores SIGTERM and SIGQUIT, and not for what it starts
  ["/usr/bin/zsh", "0000000000004004", []],
  // system() of C ignores SIGINT while it waits
  ["/usr/bin/perl", "0000000000000003", []],
  [undefined, "0000000000000003", []],
])("a parent %s that ignores %s", (program, mask, expected) => {
  expect([...ignoredByShell(program, status(mask))]).toEqual(expected);
});

test("a system that does not tell: nothing is known to be ignored", () => {
  expect(ignoredByShell("/bin/zsh", undefined).size).toBe(0);
});

test("every process listens for signals through this one place", () => {
  const project = PROJECT;
  const sources = productFiles().map((file) => ({ file, text: readFileSync(path.join(project, file), "utf8") }));
  const listening = sources
    .filter(({ text }) => /\.(?:on|once|addListener)\(\s*(?:"SIG|name\b|signal\b)/.test(text))
    .map(({ file }) => file);
  expect(listening).toEqual([
    "kit/aws/stop-signals.ts",
    // runs a user's module: its signal comes from the worker and is the end of one file, not of the process
    "workloads/module/host/host.ts",
  ]);
  const using = sources.filter(({ text }) => text.includes("readSignalFacts()")).map(({ file }) => file);
  expect(using.filter((file) => file !== "kit/aws/stop-signals.ts").toSorted()).toEqual([
    "bench/main.ts",
    "command/main.ts",
    "kit/local/supervisor.ts",
    "worker/main.ts",
  ]);
});
