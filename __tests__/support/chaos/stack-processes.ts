import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { present } from "../../../kit/lib/present";

const processesSchema = z.array(z.object({ pid: z.int() })).min(1);

/** A process below /proc; undefined when it is gone. */
interface Facts {
  readonly parent: number;
  readonly state: string;
}

/** The processes of the one stack that runs in a home folder; tests kill only these. Linux only: /proc. */
export class StackProcesses {
  public constructor(private readonly home: string) {}

  /** The workers that live. */
  public async workers(): Promise<number[]> {
    const [, ...workers] = await this.groups();
    const facts = await Promise.all(workers.map(factsOf));
    return workers.filter((_pid, index) => facts[index] !== undefined && facts[index].state !== "Z");
  }

  /** The worker with that number: workers are recorded in the order they start. */
  public async worker(number: number): Promise<number | undefined> {
    return (await this.groups())[number + 1];
  }

  public async emulator(): Promise<number> {
    return present((await this.groups())[0], "the emulator's process");
  }

  /** The emulator's Node processes that run a Lambda function. */
  public async lambdas(functionName: string): Promise<number[]> {
    const [emulator] = await this.groups();
    const found: number[] = [];
    for (const entry of await readdir("/proc")) {
      const pid = Number(entry);
      if (!/^\d+$/.test(entry) || (await factsOf(pid))?.parent !== emulator) continue;
      const environment = await readFile(`/proc/${entry}/environ`, "utf8").catch(() => "");
      if (environment.split("\0").includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`)) found.push(pid);
    }
    return found;
  }

  /** The emulator first: it is the first process that a stack starts. */
  private async groups(): Promise<number[]> {
    const stacks = path.join(this.home, "stacks");
    const [stack = ""] = await readdir(stacks);
    const processes: unknown = JSON.parse(await readFile(path.join(stacks, stack, "processes.json"), "utf8"));
    return processesSchema.parse(processes).map(({ pid }) => pid);
  }
}

/** `pid (name) state parent ...`; the name may hold anything. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function factsOf(pid: number): Promise<Facts | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return state === undefined || parent === undefined ? undefined : { state, parent: Number(parent) };
}
