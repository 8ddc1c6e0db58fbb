import { randomBytes } from "node:crypto";

/** Credentials of a stack's root user. */
export interface RootCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What only those who started a stack know. */
export interface StackSecrets {
  readonly root: RootCredentials;
  /** Asked for by the order of faults (`Faults`). */
  readonly control: string;
}

const KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Secrets of one stack, made for it and kept nowhere else. The credentials have the shape of AWS's, which clients check: `AKIA` and 16
 * more characters, 40 for the secret (160 random bits).
 */
export function makeStackSecrets(): StackSecrets {
  const key = [...randomBytes(16)].map((byte) => KEY_ALPHABET.charAt(byte % KEY_ALPHABET.length)).join("");
  return {
    root: { accessKeyId: `AKIA${key}`, secretAccessKey: randomBytes(20).toString("hex") },
    control: randomBytes(32).toString("hex"),
  };
}
