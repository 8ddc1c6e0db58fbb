import type { Construct } from "constructs";

/** The account's own key, under which everything is stored that a stack keeps. */
export interface EncryptionKey {
  /** Of the key itself, no alias: permissions on keys name them. */
  readonly keyArn: string;
  readonly region: string;
}

const CONTEXT_KEY = "encryptionKey";

/** Everything below `scope`, a stack, is to be stored under the key. To be called before the stack has children. */
export function encryptUnder(scope: Construct, key: EncryptionKey): void {
  scope.node.setContext(CONTEXT_KEY, key);
}

/** @returns the key of the stack around. Without one each service encrypts under a key of AWS's, which costs nothing */
export const encryptionKeyOf = (scope: Construct): EncryptionKey | undefined =>
  scope.node.tryGetContext(CONTEXT_KEY) as EncryptionKey | undefined;
