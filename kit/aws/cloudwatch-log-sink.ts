import { CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient, InputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { setTimeout as wait } from "node:timers/promises";

export interface LogStream {
  readonly group: string;
  /** Made when the first line is delivered. */
  readonly stream: string;
}

/** Where lines go that somebody may have to read after the host is gone. */
export interface LogSink {
  /** Never waits and never throws. */
  readonly add: (timestampMilliseconds: number, line: string) => void;
}

/**
 * What one PutLogEvents takes, and at the same time the most that waits here: 1,048,576 bytes, a line counting 26 more, and 10,000 lines.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
const MAXIMUM_BYTES = 1_048_576;
const MAXIMUM_LINES = 10_000;
const BYTES_PER_LINE = 26;
/**
 * A line's share: one with a file's whole content in its message must not push the others out. In UTF-16 units, three bytes each at most.
 */
const MAXIMUM_LINE_LENGTH = 16_384;
/** Lines are collected this long: a call each would be slow and dear when a table throttles and every slot says so. */
const FLUSH_MILLISECONDS = 5_000;
/** A worker that ends waits this long for its last lines; its host may be about to go. */
const CLOSE_MILLISECONDS = 5_000;

/**
 * Delivers lines to CloudWatch Logs in the background. Memory is bounded: what doesn't fit into one call while the one before is under way
 * or fails is dropped, the newest first, and counted. Work never waits for it and never fails with it.
 */
export class CloudWatchLogSink implements LogSink {
  private readonly pending: (Required<InputLogEvent> & { readonly bytes: number })[] = [];
  private pendingBytes = 0;
  private dropped = 0;
  private isStreamThere = false;
  /** The first line goes at once: whether a worker can deliver shows at its start, not with its first warning. */
  private pauseMilliseconds = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<boolean> | undefined;

  /** @param onTrouble told of a delivery that failed and is tried again, and of lines that are lost; not to be written into this sink */
  public constructor(
    private readonly client: CloudWatchLogsClient,
    private readonly stream: LogStream,
    private readonly onTrouble: (trouble: { readonly error?: unknown; readonly lostLines?: number }) => void,
    private readonly flushMilliseconds = FLUSH_MILLISECONDS,
  ) {}

  public add(timestampMilliseconds: number, line: string): void {
    const message = line.length > MAXIMUM_LINE_LENGTH ? `${line.slice(0, MAXIMUM_LINE_LENGTH)}…` : line;
    const bytes = Buffer.byteLength(message) + BYTES_PER_LINE;
    if (this.pending.length >= MAXIMUM_LINES || this.pendingBytes + bytes > MAXIMUM_BYTES) {
      this.dropped += 1;
    } else {
      // a batch must be in the order of time, and the host's clock may be set back
      this.pending.push({ timestamp: Math.max(timestampMilliseconds, this.pending.at(-1)?.timestamp ?? 0), message, bytes });
      this.pendingBytes += bytes;
    }
    this.schedule();
  }

  /** Delivers what waits, or gives it up after five seconds. */
  public async close(): Promise<void> {
    clearTimeout(this.timer);
    const patience = new AbortController();
    const delivered = (async (): Promise<boolean> => {
      await this.flushing;
      return this.flush(patience.signal);
    })();
    const inTime = await Promise.race([delivered, wait(CLOSE_MILLISECONDS, false, { ref: false, signal: patience.signal })]);
    patience.abort();
    const lostLines = this.pending.length + this.dropped;
    if (!inTime && lostLines > 0) this.onTrouble({ lostLines });
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.flushing = this.flush().finally(() => {
        this.timer = undefined;
        if (this.pending.length > 0) this.schedule();
      });
    }, this.pauseMilliseconds);
    this.pauseMilliseconds = this.flushMilliseconds;
    this.timer.unref();
  }

  /** @returns whether nothing of what waited is left */
  private async flush(abortSignal?: AbortSignal): Promise<boolean> {
    const batch = [...this.pending];
    if (batch.length === 0) return true;
    const { group: logGroupName, stream: logStreamName } = this.stream;
    const options = abortSignal === undefined ? {} : { abortSignal };
    try {
      await this.makeStream(options);
      const logEvents = batch.map(({ timestamp, message }) => ({ timestamp, message }));
      await this.client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }), options);
    } catch (error) {
      // refused as it is (older than two weeks, or of more than a day): it would be refused again and hold up what comes
      if (!isNamed(error, "InvalidParameterException")) {
        this.onTrouble({ error });
        return false;
      }
      this.dropped += batch.length;
    }
    this.pending.splice(0, batch.length);
    this.pendingBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.dropped > 0) this.onTrouble({ lostLines: this.dropped });
    this.dropped = 0;
    return this.pending.length === 0;
  }

  private async makeStream(options: { readonly abortSignal?: AbortSignal }): Promise<void> {
    if (this.isStreamThere) return;
    const { group: logGroupName, stream: logStreamName } = this.stream;
    try {
      await this.client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }), options);
    } catch (error) {
      // a worker that systemd started again has its instance's
      if (!isNamed(error, "ResourceAlreadyExistsException")) throw error;
    }
    this.isStreamThere = true;
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
