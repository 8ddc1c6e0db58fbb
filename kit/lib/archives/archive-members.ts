import { stat } from "node:fs/promises";
import type { Archive } from "./archive";
import { archiveError } from "./errors";
import { ArchiveMeter, type ArchiveLimits } from "./limits";
import type { ArchiveMember } from "./member";
import { tarMembers } from "./tar-members";
import { zipMembers } from "./zip-members";

/**
 * The members of an archive, one after the other, with memory that doesn't depend on its size: nothing is unpacked to disk.
 *
 * @throws BrokenArchiveError when it can't be read to its end; ArchiveLimitError when it holds more than `limits` allow; the system's error
 *   when the file can't be read
 */
export async function* archiveMembers({ format, path }: Archive, limits?: ArchiveLimits): AsyncGenerator<ArchiveMember, void> {
  try {
    const meter = new ArchiveMeter((await stat(path)).size, limits);
    const members = format === "zip" ? zipMembers(path, meter) : tarMembers(path, format === "tar.gz", meter);
    for await (const member of members) yield { ...member, content: () => explained(member.content()) };
  } catch (error) {
    throw archiveError(error);
  }
}

async function* explained(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* content;
  } catch (error) {
    throw archiveError(error);
  }
}
