/** Whether a call of the system failed for this reason, such as `ENOENT`. */
export const failedWith = (error: unknown, code: string): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === code;
