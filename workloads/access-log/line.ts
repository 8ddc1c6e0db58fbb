/** What a line of an access log says of a request. */
export interface LoggedRequest {
  readonly client: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Of the response's body. */
  readonly bytes: number;
}

/**
 * The common log format, and the combined one, whose two more fields are left: `client identity user [time] "request" status bytes`. In
 * quotes, a backslash stands before a quote or a backslash.
 *
 * @see https://httpd.apache.org/docs/2.4/logs.html#common
 */
const LINE = /^(\S+) \S+ .*? ?\[[^\]]*\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: |$)/;
/** `GET /path HTTP/1.1`; what is no request (a scan, garbage) has no path. */
const REQUEST = /^[A-Z]+ (\S+)(?: HTTP\/[\d.]+)?$/;
export const NO_PATH = "-";

/** @returns undefined for a line of another format */
export function parseLine(line: string): LoggedRequest | undefined {
  const [whole, client = "", request = "", status = "", bytes = ""] = LINE.exec(line) ?? [];
  if (whole === undefined) return undefined;
  const [path = NO_PATH] = (REQUEST.exec(request)?.[1] ?? NO_PATH).split("?");
  const size = bytes === "-" ? 0 : Number(bytes);
  return Number.isSafeInteger(size) ? { client, path, status: Number(status), bytes: size } : undefined;
}
