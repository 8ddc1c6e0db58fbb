import { spawn, type ChildProcess } from "node:child_process";
import { RUN_MARK } from "./process-family";

/**
 * Reads lines, each with all runs that are open (`MARK` or `MARK:GROUP`). When the other end is gone without having closed them, it was
 * killed: whoever is in their groups or has their marks is killed, again and again for a second, since what is just being started has no
 * mark yet.
 */
const SCRIPT = `
runs=""
while read -r line; do runs=$line; done
[ -n "$runs" ] || exit 0
marks=""
for run in $runs; do marks="$marks -e ${RUN_MARK}=\${run%%:*}"; done
for round in 1 2 3 4 5 6 7 8 9 10; do
  for run in $runs; do
    case $run in *:*) kill -9 -- "-\${run#*:}" ;; esac
  done
  for file in $(grep -lsF $marks /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}"
  done
  sleep 0.1
done
`;

/** A run that is ended when this process dies. */
export interface GuardedRun {
  /** Tells the process group that it works in; without `/proc` it is only found by that. */
  tellGroup(group: number): void;
  /** Called when all of it has ended. */
  close(): void;
}

/** Runs of this process that are open: by mark, with their group once it is known. */
const open = new Map<string, number | undefined>();
let guard: ChildProcess | undefined;

/**
 * Has a run's processes ended should this process be killed, which can't end them itself then. To be called before the run is started.
 * One small process does it for all runs, in a group of its own so that what kills this process leaves it.
 *
 * @throws when there is no /bin/sh
 */
export async function guardRun(mark: string): Promise<GuardedRun> {
  guard ??= await startGuard();
  open.set(mark, undefined);
  tell();
  return {
    tellGroup: (group) => {
      open.set(mark, group);
      tell();
    },
    close: () => {
      open.delete(mark);
      tell();
    },
  };
}

let starting: Promise<ChildProcess> | undefined;

/** Slots that begin at the same time share one. */
function startGuard(): Promise<ChildProcess> {
  starting ??= new Promise<ChildProcess>((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", SCRIPT], {
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.once("spawn", () => {
      resolve(child);
    });
    child.once("error", reject);
    // somebody ended it: the next run starts another
    child.once("exit", () => {
      guard = undefined;
    });
    child.stdin.on("error", () => undefined);
    // it is no reason to live on
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
  }).finally(() => {
    starting = undefined;
  });
  return starting;
}

function tell(): void {
  const runs = [...open].map(([mark, group]) => (group === undefined ? mark : `${mark}:${group}`));
  guard?.stdin?.write(`${runs.join(" ")}\n`);
}
