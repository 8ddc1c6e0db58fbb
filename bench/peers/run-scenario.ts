import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { referenceCount } from "../../__tests__/support/reference";
import type { BenchRun } from "../bench-run";
import type { LeftOut } from "../counter/programs";
import { spreadOf, type Spread } from "../measured/statistics";
import { withBenchStack } from "../system/bench-stack";
import type { FileToCount } from "../system/local-batch";
import { bibleText } from "../texts/texts";
import { filemill } from "./filemill";
import type { Peer, PeerOutcome } from "./outcome";
import { LITHOPS, PYSPARK, pythonPeer } from "./python-peer";
import type { PeerScenario } from "./scenarios";

export interface PeerFigures {
  readonly program: string;
  /** Of the runs that had a result. */
  readonly seconds: Spread | undefined;
  /** Words that are in the files and not in the result, of all runs; a run without a result has lost all. */
  readonly lostWords: number;
  /** Words that are in the result more often than in the files, of all runs. */
  readonly doubledWords: number;
  readonly killed: number;
  /** What users were told. */
  readonly failures: readonly string[];
  readonly runs: readonly PeerOutcome[];
}

export interface PeerReport {
  readonly kind: "peers";
  readonly scenario: string;
  readonly description: string;
  /** Words in the files, by regular expressions that share no code with any of the systems. */
  readonly wordsInFiles: number;
  readonly figures: readonly PeerFigures[];
  readonly leftOut: readonly LeftOut[];
}

/** Counts the same files with each system in turn, `runs` times. The others start anew each time; our first batch starts its functions. */
export const runPeerScenario = (name: string, scenario: PeerScenario, run: BenchRun): Promise<PeerReport> =>
  withBenchStack(scenario.workers, run, async (started) => {
    const folder = path.join(started.directory, "files");
    const { files, words } = await writeFiles(folder, scenario.files, run);
    const entrants = [
      filemill(started, files, scenario.killAfterFiles),
      await pythonPeer(LITHOPS, scenario, folder, run),
      await pythonPeer(PYSPARK, scenario, folder, run),
    ];
    const peers = entrants.filter((entrant): entrant is Peer => !("leftOut" in entrant));
    const outcomes = new Map<Peer, PeerOutcome[]>(peers.map((peer) => [peer, []]));
    for (let round = 0; round < run.runs; round += 1) {
      for (const peer of peers) {
        const outcome = await peer.count();
        outcomes.get(peer)?.push(outcome);
        const told = outcome.failure ?? `${(outcome.seconds ?? 0).toFixed(2)} s`;
        run.tell(`${name}: ${peer.name}, run ${round + 1} of ${run.runs}: ${told}`);
      }
    }
    return {
      kind: "peers",
      scenario: name,
      description: scenario.description,
      wordsInFiles: words,
      figures: peers.map((peer) => figuresOf(peer.name, outcomes.get(peer) ?? [], words)),
      leftOut: entrants.filter((entrant): entrant is LeftOut => "leftOut" in entrant),
    };
  });

export function figuresOf(program: string, runs: readonly PeerOutcome[], wordsInFiles: number): PeerFigures {
  const seconds = runs.flatMap((run) => (run.seconds === undefined ? [] : [run.seconds]));
  const beyond = runs.map(({ totalWords }) => totalWords - wordsInFiles);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    program,
    seconds: seconds.length === 0 ? undefined : spreadOf(seconds),
    lostWords: sum(beyond.map((words) => Math.max(0, -words))),
    doubledWords: sum(beyond.map((words) => Math.max(0, words))),
    killed: runs.filter(({ killed }) => killed).length,
    failures: runs.flatMap(({ failure }) => (failure === undefined ? [] : [failure])),
    runs,
  };
}

/** Four Bibles, cut into as many files of as many lines. */
async function writeFiles(folder: string, count: number, run: BenchRun): Promise<{ files: FileToCount[]; words: number }> {
  const lines = (await bibleText(run.folder, run.signal)).repeat(4).split("\n");
  const linesPerFile = Math.ceil(lines.length / count);
  await mkdir(folder);
  const files: FileToCount[] = [];
  let words = 0;
  for (let start = 0; start < lines.length; start += linesPerFile) {
    const name = `${String(files.length + 1).padStart(5, "0")}.txt`;
    const file = path.join(folder, name);
    await writeFile(file, `${lines.slice(start, start + linesPerFile).join("\n")}\n`);
    const text = await readFile(file, "utf8");
    words += referenceCount(text).totalWords;
    files.push({ name, path: file, size: (await stat(file)).size });
  }
  return { files, words };
}
