import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  pb: 1e15,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  pib: 2 ** 50,
};
/** Above it numbers have gaps. */
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

/** Reads a number of bytes: `100TB`, `1.5 GiB`, `2000000`. @throws InvalidArgumentError */
export function parseBytes(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,16}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase() || "b"] ?? Number.NaN));
  if (number !== "" && bytes >= 1 && bytes <= MOST_BYTES) return bytes;
  throw new InvalidArgumentError("expected bytes from 1 to 9 PB, such as 100TB, 1.5GiB or 2000000.");
}
