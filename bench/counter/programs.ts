import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Command } from "../measured/timed";

/** Where programs and what they need come from. */
export interface ProgramSources {
  readonly projectDirectory: string;
  /** Existing, for what is compiled. */
  readonly folder: string;
  /** The published C program, as the reader has built it. */
  readonly publishedC?: string | undefined;
}

/** A program that counts words, ready to run. */
export interface Counter {
  readonly name: string;
  /** Its words are ours: it has to put out the same bytes. */
  readonly hasOurWords: boolean;
  readonly on: (text: string) => Command;
}

/** Why a program is left out: a whole sentence, with what to do. */
export interface LeftOut {
  readonly name: string;
  readonly leftOut: string;
}

export type CounterName = keyof typeof COUNTERS;

const node = (name: string, hasOurWords: boolean, program: string): Counter => ({
  name,
  hasOurWords,
  on: (text) => ({ command: [process.execPath, program, text] }),
});
const baseline = ({ projectDirectory }: ProgramSources, file: string): string => path.join(projectDirectory, "bench", "baselines", file);

/** By the names that tables have. */
export const COUNTERS = {
  ours: ({ projectDirectory }: ProgramSources) =>
    Promise.resolve(node("ours", true, path.join(projectDirectory, "dist", "bench", "count-words.js"))),
  "published C": publishedC,
  "plain C": plainC,
  "wc -w": () => Promise.resolve({ name: "wc -w", hasOurWords: false, on: (text: string) => ({ command: ["wc", "-w", text] }) }),
  "plain Node": (sources: ProgramSources) => Promise.resolve(node("plain Node", false, baseline(sources, "split-map.mjs"))),
  "regex in Node": (sources: ProgramSources) => Promise.resolve(node("regex in Node", true, baseline(sources, "regex-map.mjs"))),
} as const satisfies Readonly<Record<string, (sources: ProgramSources) => Promise<Counter | LeftOut>>>;

async function publishedC({ publishedC: program }: ProgramSources): Promise<Counter | LeftOut> {
  const name = "published C";
  if (program === undefined) {
    return { name, leftOut: "left out: name it with --c-program PATH (bench/README.md says where it is and how to build it)" };
  }
  await access(program);
  return { name, hasOurWords: false, on: (text) => ({ command: [path.resolve(program)], input: text }) };
}

/** As the published one is built. */
const C_OPTIONS = ["-O3", "-march=native"];

async function plainC(sources: ProgramSources): Promise<Counter | LeftOut> {
  const name = "plain C";
  const programs = path.join(sources.folder, "programs");
  const program = path.join(programs, "count-words");
  await mkdir(programs, { recursive: true });
  try {
    await promisify(execFile)("cc", [...C_OPTIONS, "-o", program, baseline(sources, "count-words.c")]);
  } catch (error) {
    return { name, leftOut: `left out: cc can't build it: ${error instanceof Error ? error.message.trim() : String(error)}` };
  }
  return { name, hasOurWords: true, on: (text) => ({ command: [program, text] }) };
}
