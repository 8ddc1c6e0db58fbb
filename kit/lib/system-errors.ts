/** An error of the operating system, as people read it. */
export interface SystemErrorText {
  /** What is wrong, to stand after a name and a colon: `no such file or folder`. */
  readonly words: string;
  /** The way out when something was to be read or asked for. */
  readonly fix: string;
  /** The way out when something was to be written; `{elsewhere}` stands for how to name another place. */
  readonly fixWriting?: string;
  /** true: it is of a connection, never of a file. */
  readonly network?: true;
  /** true: the machine lacks something; whatever failed by it, and however it says so, this is the cause. */
  readonly exhausted?: true;
}

const NETWORK = "check the network, the proxy settings and the address, then try again";
const WRITABLE = "make it writable, or {elsewhere}";

/** The one place where the system's errors are put into words, by their code. */
export const SYSTEM_ERRORS = {
  ENOENT: { words: "no such file or folder", fix: "check the path; a link may lead nowhere", fixWriting: "make it, or {elsewhere}" },
  ENOTDIR: { words: "a part of the path is not a folder", fix: "check the path", fixWriting: "{elsewhere}" },
  EISDIR: { words: "it is a folder", fix: "give a file", fixWriting: "{elsewhere}" },
  EEXIST: { words: "it exists already", fix: "remove it or give another name", fixWriting: "remove it, or {elsewhere}" },
  EACCES: { words: "no permission", fix: "give yourself access to it", fixWriting: WRITABLE },
  EPERM: { words: "no permission", fix: "give yourself access to it", fixWriting: WRITABLE },
  EROFS: { words: "the file system is read-only", fix: "mount it writable", fixWriting: WRITABLE },
  ELOOP: { words: "a link that leads to itself", fix: "take the link out" },
  ENAMETOOLONG: { words: "the path is too long", fix: "shorten it", fixWriting: "{elsewhere}" },
  EIO: { words: "the device can't read or write it", fix: "check the disk or the network drive it is on" },
  ESTALE: { words: "the network drive it is on has lost it", fix: "mount the drive again" },
  EBUSY: { words: "it is in use", fix: "end what uses it, then try again" },
  EFBIG: { words: "the file would be larger than is allowed", fix: "raise `ulimit -f`", fixWriting: "raise `ulimit -f`, or {elsewhere}" },
  EBADF: { words: "it is closed", fix: "leave it open" },
  ENOSPC: { words: "the disk is full", fix: "make room on it", fixWriting: "make room on it, or {elsewhere}", exhausted: true },
  EDQUOT: {
    words: "your disk quota is used up",
    fix: "remove files of yours",
    fixWriting: "remove files of yours, or {elsewhere}",
    exhausted: true,
  },
  EMFILE: { words: "too many open files", fix: "raise the limit, with `ulimit -n 4096` before the command", exhausted: true },
  ENFILE: { words: "the system has too many open files", fix: "end other programs, or raise fs.file-max", exhausted: true },
  ENOMEM: { words: "the memory is used up", fix: "end other programs, or give fewer or smaller files at a time", exhausted: true },
  EAGAIN: { words: "the system has no process or thread left to give", fix: "end other programs, or raise `ulimit -u`" },
  ECONNREFUSED: { words: "nothing answers there", fix: "start it, or check the address", network: true },
  ECONNRESET: { words: "the connection was cut", fix: NETWORK, network: true },
  EPIPE: { words: "the connection was cut", fix: NETWORK, network: true },
  ETIMEDOUT: { words: "no answer in time", fix: NETWORK, network: true },
  EHOSTUNREACH: { words: "there is no way to that address", fix: NETWORK, network: true },
  ENETUNREACH: { words: "there is no network", fix: NETWORK, network: true },
  ENOTFOUND: { words: "there is no such address", fix: NETWORK, network: true },
  EAI_AGAIN: { words: "the address can't be looked up", fix: NETWORK, network: true },
} as const satisfies Readonly<Record<string, SystemErrorText>>;
export type SystemErrorCode = keyof typeof SYSTEM_ERRORS;

/** The words and ways out for a code. @returns undefined for a code that is not in the table */
export const systemErrorText = (code: string): SystemErrorText | undefined =>
  isKnown(code) ? (SYSTEM_ERRORS[code] satisfies SystemErrorText) : undefined;

const isKnown = (code: string): code is SystemErrorCode => Object.hasOwn(SYSTEM_ERRORS, code);

/** @param elsewhere how to name another place: `give another folder with --out` */
export const fixForWriting = ({ fix, fixWriting }: SystemErrorText, elsewhere: string): string =>
  (fixWriting ?? fix).replace("{elsewhere}", elsewhere);

/** An error, what caused it, what caused that, and what it is put together of. */
export function* causesOf(error: unknown): Generator {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [error];
  for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
    if (seen.has(each)) continue;
    seen.add(each);
    yield each;
    if (each instanceof AggregateError) waiting.push(...(each.errors as unknown[]));
    if (each instanceof Error) waiting.push(each.cause);
  }
}
