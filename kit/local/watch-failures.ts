import type { Denial } from "./emulator/calls-and-denials";
import type { Emulator } from "./emulator/emulator";
import type { Fleet } from "./fleet/fleet";
import type { DiskWatch } from "./home/disk-watch";
import type { StackFailure } from "./local-stack";

export interface FailureWatch {
  readonly failed: Promise<StackFailure>;
  readonly failure: () => StackFailure | undefined;
  /** What ends from now on was told to. */
  readonly silence: () => void;
}

/** Reports the first thing that ends a stack: the emulator or a worker is gone, a permission is missing, the disk is full. */
export function watchFailures(emulator: Emulator, fleets: readonly Fleet[], disk: DiskWatch): FailureWatch {
  let first: StackFailure | undefined;
  let silent = false;
  let settle: (failure: StackFailure) => void = () => undefined;
  const failed = new Promise<StackFailure>((resolve) => {
    settle = resolve;
  });
  const report = (failure: StackFailure): void => {
    if (silent || first !== undefined) return;
    first = failure;
    settle(failure);
  };
  void emulator.ended.then((how) => {
    report({
      kind: "emulator-ended",
      message: `the emulator ended unexpectedly (${how})`,
      fix: "run it again; if it was killed for memory, give it fewer or smaller files",
    });
  });
  void emulator.diskFull.then((problem) => {
    report({
      kind: "disk-full",
      message: `the disk has no room for an object (${problem})`,
      fix: "make room there, or name a folder on another disk with FILEMILL_HOME; then run it again",
    });
  });
  for (const { lost } of fleets) {
    void lost.then(({ description }) => {
      report({ kind: "worker-ended", message: description, fix: "the end of its log above says why" });
    });
  }
  void emulator.traffic.firstDenial.then((denial) => {
    report(deniedFailure(denial));
  });
  void disk.full.then(({ message, fix }) => {
    report({ kind: "disk-full", message, fix });
  });
  return {
    failed,
    failure: () => first,
    silence: () => {
      silent = true;
    },
  };
}

const deniedFailure = ({ principal, action, operation, resource }: Denial): StackFailure => ({
  kind: "denied",
  message: `${principal} called ${operation} and is not allowed ${action}${resource === undefined ? "" : ` on ${resource}`}`,
  fix: "grant the action on the resource in the construct of that role, or don't make the call",
});
