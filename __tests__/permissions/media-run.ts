import { setTimeout as pause } from "node:timers/promises";
import { ROUTES } from "../../systems/media/contracts/media-types";
import { mediaObjects } from "../../systems/media/simulation/media-objects";
import { runCommand, type CommandResult } from "../support/command";
import { linkEmulator } from "../support/emulator-home";
import { MediaUpStack } from "../support/media-stack";

const OBJECTS = mediaObjects(20);
/** Between two looks: each starts the command. */
const LOOK_MILLISECONDS = 500;

/** Starts the system on a stack file and uploads something of each type. @returns 1 with what failed, 0 when all uploads were told */
export async function runMedia(home: string, stackFile: string): Promise<CommandResult> {
  await linkEmulator(home);
  const started = await runCommand(home, ["local", "up", "--system", "media", "--stack-file", stackFile, "--json"]);
  if (started.exitCode !== 0) return started;
  const stack = await MediaUpStack.found(home);
  try {
    expect([...new Set(OBJECTS.map(({ expected }) => expected.route))].sort()).toEqual([...ROUTES].sort());
    for (const object of OBJECTS) await stack.upload(object);
    for (;;) {
      const failure = await stack.failure();
      if (failure !== undefined) return { exitCode: 1, stdout: "", stderr: `error: ${failure}\n` };
      if ((await stack.rows()).filter(({ state }) => state === "sent").length === OBJECTS.length)
        return { exitCode: 0, stdout: "", stderr: "" };
      await pause(LOOK_MILLISECONDS);
    }
  } finally {
    await stack.stop();
  }
}
