import { randomFillSync } from "node:crypto";
import { flagsOf } from "../unicode/characters";
import { KERNEL } from "./compiled";
import { webAssembly, type WebAssemblyGlobal, type WebAssemblyMemory } from "./web-assembly";

/** What the compiled kernel gives (workloads/word-count/simd/kernel/main.ts). Places are bytes of its memory. */
interface KernelExports {
  readonly memory: WebAssemblyMemory;
  readonly INPUT: WebAssemblyGlobal;
  readonly INPUT_BYTES: WebAssemblyGlobal;
  readonly FLAGS: WebAssemblyGlobal;
  readonly FLAGS_BYTES: WebAssemblyGlobal;
  readonly SECRETS: WebAssemblyGlobal;
  readonly SECRETS_BYTES: WebAssemblyGlobal;
  start(limitBytes: number, minimum: number, maximum: number, maximumRaw: number): number;
  restartTables(limitBytes: number): number;
  scan(start: number, end: number, isLast: number): number;
  wasRefused(): number;
  overlongCount(): bigint;
  invalidBytes(): bigint;
  shortTable(): number;
  shortEntries(): number;
  mediumTable(): number;
  mediumEntries(): number;
  longTable(): number;
  longEntries(): number;
}

/** A word of the kernel's tables; valid until the next one. */
export interface KernelWord {
  /** The kernel's memory. */
  bytes: Uint8Array;
  start: number;
  length: number;
  count: number;
  /** Not normalised and not lower-cased yet. */
  isAsWritten: boolean;
}

/** Lengths and limits that are the workload's. */
export interface KernelSettings {
  /** All memory that the kernel may take. */
  readonly limitBytes: number;
  readonly minimumWordLength: number;
  readonly maximumWordLength: number;
  readonly maximumRawLength: number;
}

/** Places within an entry, in units of 32 bits, as the tables of the kernel have them. */
const SHORT = { entry: 4, count: 2, kind: 3, keyBytes: 8 };
const MEDIUM = { entry: 8, count: 4, kind: 5, keyBytes: 16 };
const LONG = { entry: 4, start: 1, lengthAndKind: 2, count: 3 };
const WORD_BYTES = 4;

/** Less is not enough for the fixed parts and small tables. */
export const LEAST_KERNEL_BYTES = 524_288;
/** Kernels that are kept for the next text, and what one of them may have taken: making one costs as much as some KB of text. */
const MAXIMUM_IDLE = 2;
const MAXIMUM_IDLE_BYTES = 4 * 2 ** 20;

let compiled: object | undefined;
let isUsable: boolean | undefined;
const idle: Kernel[] = [];

/**
 * Whether this machine runs the kernel: WebAssembly with SIMD, and numbers with their lowest byte first, for they are read here as they
 * lie in memory.
 */
export function hasKernel(): boolean {
  isUsable ??= new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 && webAssembly?.validate(kernelBytes()) === true;
  return isUsable;
}

/** The counting engine that was asked for is not there. */
export class MissingEngineError extends Error {
  public override readonly name = "MissingEngineError";
  public constructor() {
    super("counting engine 'simd' needs WebAssembly with SIMD, which this Node or this processor has not; leave the engine to be found");
  }
}

const kernelBytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(KERNEL, "base64"));

/** The counter's kernel in WebAssembly: text in, tables of words out. One for each text that is being counted. */
export class Kernel {
  /** Bytes of text that it takes at a time. */
  public readonly inputBytes: number;
  private readonly exports: KernelExports;
  private readonly input: number;
  private limitBytes = 0;

  private constructor() {
    if (webAssembly === undefined || !hasKernel()) throw new MissingEngineError();
    compiled ??= new webAssembly.Module(kernelBytes());
    const exports = new webAssembly.Instance(compiled, { filemill: { flagsOf } }).exports as KernelExports;
    this.exports = exports;
    this.input = exports.INPUT.value;
    this.inputBytes = exports.INPUT_BYTES.value;
    this.bytes.set(flagBytes(exports.FLAGS_BYTES.value), exports.FLAGS.value);
    randomFillSync(this.bytes, exports.SECRETS.value, exports.SECRETS_BYTES.value);
  }

  /** A kernel that has counted nothing. */
  public static acquire(settings: KernelSettings): Kernel {
    const kernel = idle.pop() ?? new Kernel();
    const { limitBytes, maximumRawLength, maximumWordLength, minimumWordLength } = settings;
    kernel.limitBytes = limitBytes;
    if (kernel.exports.start(limitBytes, minimumWordLength, maximumWordLength, maximumRawLength) === 0)
      throw new RangeError(`${limitBytes} bytes are too little for the counter's kernel; give it ${LEAST_KERNEL_BYTES} or more`);
    return kernel;
  }

  /** The text that is counted next, and room for more: `inputBytes`. Valid until the next `scan`. */
  public get text(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.input, this.inputBytes);
  }

  /** Bytes that were part of no character. */
  public get invalidBytes(): number {
    return Number(this.exports.invalidBytes());
  }

  public get overlongWords(): number {
    return Number(this.exports.overlongCount());
  }

  /** Whether the last `scan` ended because its tables are full. */
  public get isFull(): boolean {
    return this.exports.wasRefused() !== 0;
  }

  /**
   * Counts the text from `start` to `end`.
   *
   * @param isLast whether nothing follows; else a word that may go on is left
   * @returns the place up to which all is counted
   */
  public scan(start: number, end: number, isLast: boolean): number {
    return this.exports.scan(this.input + start, this.input + end, isLast ? 1 : 0) - this.input;
  }

  /** Every word that was counted, once. The kernel must not be used meanwhile. */
  public *words(): Generator<KernelWord, void> {
    const { bytes, exports } = this;
    const numbers = new Uint32Array(bytes.buffer);
    const word: KernelWord = { bytes, start: 0, length: 0, count: 0, isAsWritten: false };
    for (const [table, entries, places] of [
      [exports.shortTable(), exports.shortEntries(), SHORT],
      [exports.mediumTable(), exports.mediumEntries(), MEDIUM],
    ] as const) {
      for (let entry = 0, at = table / WORD_BYTES; entry < entries; entry += 1, at += places.entry) {
        const count = numbers[at + places.count] ?? 0;
        if (count === 0) continue;
        word.start = at * WORD_BYTES;
        word.length = lengthOf(bytes, word.start, places.keyBytes);
        word.count = count;
        word.isAsWritten = numbers[at + places.kind] !== 0;
        yield word;
      }
    }
    for (let entry = 0, at = exports.longTable() / WORD_BYTES; entry < exports.longEntries(); entry += 1, at += LONG.entry) {
      const lengthAndKind = numbers[at + LONG.lengthAndKind] ?? 0;
      if (lengthAndKind === 0) continue;
      word.start = numbers[at + LONG.start] ?? 0;
      word.length = lengthAndKind >>> 1;
      word.count = numbers[at + LONG.count] ?? 0;
      word.isAsWritten = (lengthAndKind & 1) !== 0;
      yield word;
    }
  }

  /** Forgets all words. */
  public forget(): void {
    this.exports.restartTables(this.limitBytes);
  }

  /** It is not used any more. */
  public release(): void {
    if (idle.length < MAXIMUM_IDLE && this.exports.memory.buffer.byteLength <= MAXIMUM_IDLE_BYTES) idle.push(this);
  }

  private get bytes(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer);
  }
}

/** Of a word with zeros behind it: no word has any in it. */
function lengthOf(bytes: Uint8Array, start: number, longest: number): number {
  let length = 1;
  while (length < longest && bytes[start + length] !== 0) length += 1;
  return length;
}

/** Flags of the first code points, four a byte. */
function flagBytes(bytes: number): Uint8Array {
  const flags = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1)
    for (let part = 0; part < 4; part += 1) flags[at] = (flags[at] ?? 0) | (flagsOf(4 * at + part) << (2 * part));
  return flags;
}
