import { randomFillSync } from "node:crypto";
import { flagBytes, flagsOf } from "../unicode/characters";
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
  wordsHeld(): number;
  holdsAsWritten(): number;
  sortWords(): number;
  sortedWords(): number;
}

/** Lengths and limits that are the workload's. */
export interface KernelSettings {
  /** All memory that the kernel may take. */
  readonly limitBytes: number;
  readonly minimumWordLength: number;
  readonly maximumWordLength: number;
  readonly maximumRawLength: number;
}

const NUMBER_BYTES = 4;
/** Where what lies in an entry, in numbers of 32 bits, as the kernel's tables have them; `key` is the word's room in bytes. */
const SHORT = { size: 4, count: 2, kind: 3, key: 8 };
const MEDIUM = { size: 8, count: 4, kind: 5, key: 16 };
/** Its word lies elsewhere, and its kind is the lowest bit of a number that has its length above. */
const LONG = { size: 4, count: 3, kind: 2, key: undefined };
const LONG_START = 1;
/** Of a word in `Kernel.sorted`. */
export const SORTED_NUMBERS = 4;

interface Table {
  readonly size: number;
  readonly count: number;
  readonly kind: number;
  readonly key: number | undefined;
  readonly place: number;
  readonly entries: number;
}

/** Less is not enough for the fixed parts and small tables. */
export const LEAST_KERNEL_BYTES = 524_288;
/** Kernels that are kept for the next text, and what one of them may have taken: making one costs as much as some KB of text. */
const MAXIMUM_IDLE = 2;
const MAXIMUM_IDLE_BYTES = 4 * 2 ** 20;

/** null where it can't be. */
let compiled: object | null | undefined;
const idle: Kernel[] = [];

/**
 * Whether this machine runs the kernel: WebAssembly with SIMD, and numbers with their lowest byte first, for they are read here as they
 * lie in memory.
 */
export const hasKernel = (): boolean => compiledKernel() !== null;

function compiledKernel(): object | null {
  if (compiled === undefined) compiled = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? compile() : null;
  return compiled;
}

/** Compiling tells what `validate` would, and is needed anyway. */
function compile(): object | null {
  if (webAssembly === undefined) return null;
  try {
    return new webAssembly.Module(Buffer.from(KERNEL, "base64"));
  } catch (error) {
    if (error instanceof webAssembly.CompileError) return null;
    throw error;
  }
}

/** The counting engine that was asked for is not there. */
export class MissingEngineError extends Error {
  public override readonly name = "MissingEngineError";
  public constructor() {
    super("counting engine 'simd' needs WebAssembly with SIMD, which this Node or this processor has not; leave the engine to be found");
  }
}

/** The counter's kernel in WebAssembly: text in, tables of words out. One for each text that is being counted. */
export class Kernel {
  /** Bytes of text that it takes at a time. */
  public readonly inputBytes: number;
  private readonly exports: KernelExports;
  private readonly input: number;
  private limitBytes = 0;

  private constructor() {
    const module = compiledKernel();
    if (webAssembly === undefined || module === null) throw new MissingEngineError();
    const exports = new webAssembly.Instance(module, {
      // by the kernel's file that asks for them
      characters: {
        flagsBeyond: flagsOf,
        provideFlags: (): void => {
          this.bytes.set(flagBytes(exports.FLAGS_BYTES.value), exports.FLAGS.value);
        },
      },
    }).exports as KernelExports;
    this.exports = exports;
    this.input = exports.INPUT.value;
    this.inputBytes = exports.INPUT_BYTES.value;
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

  /** How many words it holds: as they will be and as they were written. */
  public get wordsHeld(): number {
    return this.exports.wordsHeld();
  }

  /** Every word that was counted, once. The kernel must not be used meanwhile. */
  public words(): KernelWords {
    return new KernelWords(this.exports);
  }

  /**
   * Puts the words in order, if all are as they will be and there is room for it; nothing can be counted after that.
   *
   * @returns whether `sorted` can be used
   */
  public sort(): boolean {
    return this.exports.holdsAsWritten() === 0 && this.exports.sortWords() !== 0;
  }

  /** The words in the order of their bytes, each as a place, a length, a count and a number without meaning. */
  public get sorted(): Uint32Array {
    return new Uint32Array(this.exports.memory.buffer, this.exports.sortedWords(), SORTED_NUMBERS * this.wordsHeld);
  }

  /** Forgets all words. */
  public forget(): void {
    this.exports.restartTables(this.limitBytes);
  }

  /** It is not used any more. */
  public release(): void {
    if (idle.length < MAXIMUM_IDLE && this.exports.memory.buffer.byteLength <= MAXIMUM_IDLE_BYTES) idle.push(this);
  }

  /** Its memory; another array after each `scan`. */
  public get bytes(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer);
  }
}

/** A walk through the words of a kernel's tables, in no order. The fields describe the current word. */
export class KernelWords {
  /** The kernel's memory. */
  public readonly bytes: Uint8Array;
  public start = 0;
  public length = 0;
  public count = 0;
  /** Not normalised and not lower-cased yet. */
  public isAsWritten = false;
  private readonly numbers: Uint32Array;
  private readonly tables: readonly Table[];
  private table = 0;
  private entry = 0;

  public constructor(exports: KernelExports) {
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.numbers = new Uint32Array(exports.memory.buffer);
    this.tables = [
      { ...SHORT, place: exports.shortTable() / NUMBER_BYTES, entries: exports.shortEntries() },
      { ...MEDIUM, place: exports.mediumTable() / NUMBER_BYTES, entries: exports.mediumEntries() },
      { ...LONG, place: exports.longTable() / NUMBER_BYTES, entries: exports.longEntries() },
    ];
  }

  /** Goes to the next word. @returns false at the end */
  public advance(): boolean {
    for (let table = this.tables[this.table]; table !== undefined; table = this.tables[(this.table += 1)]) {
      const { numbers } = this;
      const { count, entries, place, size } = table;
      for (let { entry } = this; entry < entries; entry += 1) {
        const at = place + entry * size;
        if (numbers[at + count] === 0) continue;
        this.take(table, at);
        this.entry = entry + 1;
        return true;
      }
      this.entry = 0;
    }
    return false;
  }

  private take({ count, key, kind }: Table, at: number): void {
    const { bytes, numbers } = this;
    this.count = numbers[at + count] ?? 0;
    if (key === undefined) {
      const lengthAndKind = numbers[at + kind] ?? 0;
      this.start = numbers[at + LONG_START] ?? 0;
      this.length = lengthAndKind >>> 1;
      this.isAsWritten = (lengthAndKind & 1) !== 0;
      return;
    }
    this.start = at * NUMBER_BYTES;
    this.isAsWritten = numbers[at + kind] !== 0;
    // no word has a zero in it
    let length = 1;
    while (length < key && bytes[this.start + length] !== 0) length += 1;
    this.length = length;
  }
}
