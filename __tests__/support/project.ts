import path from "node:path";

/** Root of the project. */
export const PROJECT = path.resolve(__dirname, "../..");
