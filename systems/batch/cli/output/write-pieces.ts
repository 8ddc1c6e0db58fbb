import { createReadStream } from "node:fs";
import path from "node:path";
import type { CommandContext } from "../context";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import type { Output } from "../../../../kit/cli/terminal/output";
import { writeFile } from "../run/results-folder";

type Context = Pick<CommandContext, "environment" | "signal">;

/** Writes text piece by piece, as fast as its reader takes it. It ends early when nobody reads any more. @throws the signal's reason */
export async function writePieces(output: Output, pieces: AsyncIterable<string>, { signal }: Pick<Context, "signal">): Promise<void> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    output.write(piece);
    await output.flush();
    if (output.isLost) return;
  }
}

/** As `writePieces`, but begins when all are there: an error on the way leaves nothing of them. They wait on the disk. */
export const writeWhole = (output: Output, pieces: AsyncIterable<string>, context: Context): Promise<void> =>
  withCommandFolder(context, async (folder) => {
    const file = path.join(folder, "output");
    await writeFile(file, pieces, context.signal);
    await writePieces(output, createReadStream(file, "utf8") as AsyncIterable<string>, context);
  });
