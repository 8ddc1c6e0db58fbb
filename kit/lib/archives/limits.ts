import { ArchiveLimitError } from "./errors";

export interface ArchiveLimits {
  /** Entries of any kind. */
  readonly members: number;
  /** Bytes that an archive may unpack to, whatever its own size. */
  readonly bytes: number;
  /** Bytes that it may unpack to for each byte of its own. */
  readonly ratio: number;
  /** Below so many bytes the ratio isn't looked at: a small archive of one long line is no danger. */
  readonly freeBytes: number;
}

/**
 * Members: each is kept in memory by name, about 0.5 KB, as files of a folder are. Bytes: a tebibyte, ten hours of unpacking. Ratio: texts
 * pack 3 to 20 times, logs up to 100; deflate can't do more than 1,032 (https://zlib.net/zlib_tech.html), and what comes near it is made
 * to explode, as are zips whose members share their bytes, which have no bound at all.
 */
export const ARCHIVE_LIMITS: ArchiveLimits = { members: 1_000_000, bytes: 2 ** 40, ratio: 250, freeBytes: 64 * 1_048_576 };

/** Counts what an archive unpacks to. */
export class ArchiveMeter {
  private members = 0;
  private bytes = 0;

  /** @param archiveBytes the archive's own size */
  public constructor(
    private readonly archiveBytes: number,
    private readonly limits: ArchiveLimits = ARCHIVE_LIMITS,
  ) {}

  /** @throws ArchiveLimitError */
  public addMember(): void {
    this.members += 1;
    if (this.members > this.limits.members) throw new ArchiveLimitError(`it has more than ${this.limits.members} members`);
  }

  /** @throws ArchiveLimitError */
  public addBytes(count: number): void {
    this.bytes += count;
    const { bytes, freeBytes, ratio } = this.limits;
    if (this.bytes > bytes) throw new ArchiveLimitError(`it unpacks to more than ${bytes} bytes`);
    if (this.bytes > freeBytes && this.bytes > ratio * this.archiveBytes) {
      throw new ArchiveLimitError(`its ${this.archiveBytes} bytes unpack to more than ${ratio} times as many`);
    }
  }

  /** Passes bytes on and counts them. */
  public async *metered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const piece of pieces) {
      this.addBytes(piece.length);
      yield piece;
    }
  }
}
