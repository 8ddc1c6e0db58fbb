/** The part that is used here; the package has no types of its own. */
declare module "fs-native-extensions" {
  /** Locks the whole file exclusively. @returns false when somebody else has it */
  export function tryLock(fd: number): boolean;
}
