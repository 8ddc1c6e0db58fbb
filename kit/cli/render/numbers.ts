const grouped = new Intl.NumberFormat("en-US");

export const count = (value: number): string => grouped.format(value);

/** `1 file`, `2 files`. @param nouns @default the noun and an s */
export const plural = (value: number, noun: string, nouns = `${noun}s`): string => `${count(value)} ${value === 1 ? noun : nouns}`;

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in decimal units, as S3's prices have them: `11.2 MB`. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}

const DURATION_UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** Below it seconds say more than minutes. */
const SHORT_SECONDS = 120;
const TENTHS_BELOW_SECONDS = 10;

/** `3.4 s`, `110 s`, `12 min`, `1 h 50 min`, `22 d 3 h`: what it takes, to two units. */
export function duration(seconds: number): string {
  if (seconds < SHORT_SECONDS) return `${seconds < TENTHS_BELOW_SECONDS ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const at = DURATION_UNITS.findIndex(([, length]) => seconds >= length);
  const [unit, length] = DURATION_UNITS[at] ?? (["min", 60] as const);
  const next = DURATION_UNITS[at + 1];
  if (next === undefined) return `${Math.round(seconds / length)} ${unit}`;
  const parts = Math.round(seconds / next[1]);
  const perUnit = length / next[1];
  const rest = parts % perUnit;
  return `${count(Math.floor(parts / perUnit))} ${unit}${rest === 0 ? "" : ` ${rest} ${next[0]}`}`;
}

/** `$12.30`; cents matter above a dollar, parts of them below. */
export const usDollars = (value: number): string => `$${value.toFixed(value >= 1 ? 2 : 4)}`;

const MICRO = 1e-6;
/** The same of what may be as small as a few requests: `$0.000050`. */
export const smallUsDollars = (value: number): string => {
  if (value > 0 && value < MICRO) return "<$0.000001";
  return value > 0 && value < 0.01 ? `$${value.toFixed(6)}` : usDollars(value);
};

const AGES = new Intl.RelativeTimeFormat("en-US", { style: "narrow" });
const AGE_UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** `3h ago`. @param at ISO 8601 @param now milliseconds since the epoch; a clock that is behind makes nothing younger than now */
export function age(at: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / 1_000));
  const [unit, size] = AGE_UNITS.find(([, length]) => seconds >= length) ?? (["second", 1] as const);
  return AGES.format(-Math.floor(seconds / size), unit);
}
