import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessIdentity } from "../../../../kit/folders/mark";
import { findProcess, identify, signalProcess } from "../../../../kit/folders/processes";

/** Processes of a test; whatever of them lives at its end is ended. */
export class Children {
  private readonly children: ChildProcess[] = [];
  private readonly members: number[] = [];

  /** A process that leads a group of its own, and would live on. @param marks further words of its command line */
  public async leader(...marks: string[]): Promise<number> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log(1)", ...marks], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.children.push(child);
    await once(child.stdout, "data");
    return child.pid ?? 0;
  }

  /** Who a process was that has ended. */
  public async dead(): Promise<ProcessIdentity> {
    const pid = await this.leader();
    const identity = await identify(pid);
    if (identity === undefined) throw new Error("the process is not listed");
    process.kill(pid, "SIGKILL");
    await this.gone(pid);
    return identity;
  }

  public async gone(pid: number): Promise<void> {
    const child = this.children.find((each) => each.pid === pid);
    if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  /**
   * Two processes of one group whose leader has ended.
   *
   * @returns who the leader was, and the numbers of the two
   */
  public async groupWithoutLeader(...marks: [string[], string[]]): Promise<[ProcessIdentity, [number, number]]> {
    const member = "setInterval(() => {}, 1000)";
    const program = `
      const { spawn } = require("node:child_process");
      const pids = ${JSON.stringify(marks)}.map((words) => spawn(process.execPath, ["-e", ${JSON.stringify(member)}, ...words], { stdio: "ignore" }).pid);
      console.log(JSON.stringify(pids));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["-e", program], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    this.children.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const members = JSON.parse(line.toString()) as [number, number];
    this.members.push(...members);
    const leader = await identify(child.pid ?? 0);
    if (leader === undefined) throw new Error("the leader is not listed");
    child.kill("SIGKILL");
    await once(child, "exit");
    return [leader, members];
  }

  /** Waits for the end of a process that is no child of this one. */
  public async untilGone(pid: number): Promise<void> {
    while ((await findProcess(pid)) !== undefined) await wait(10);
  }

  public end(): void {
    for (const pid of this.members) signalProcess(pid, "SIGKILL");
    for (const child of this.children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }
}
