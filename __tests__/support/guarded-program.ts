import path from "node:path";
import { runProgram } from "../../workloads/programs/run-program";

/** Runs a program that does all it can to outlive whoever has started it. The argument is an existing folder. */
const [, , folder = ""] = process.argv;
const script = "trap '' TERM HUP; setsid sleep 600 & (setsid sh -c 'sleep 600; true' &) ; while true; do sleep 1; done";
void runProgram(
  {
    file: "/bin/sh",
    arguments: ["-c", script],
    // where a test looks for what is left
    environment: { PATH: "/usr/bin:/bin", HOME: path.join(folder, "stacks") },
    workingFolder: folder,
    folder,
    limits: { timeMilliseconds: 600_000, memoryBytes: 2 ** 30, diskBytes: 2 ** 30, outputBytes: 1_000 },
  },
  {},
);
