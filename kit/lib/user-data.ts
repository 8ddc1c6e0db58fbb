/**
 * The worker's environment inside the instance's user data lies between these two lines, one `KEY=value` a line. The local run
 * reads it from there, so that a local worker gets just what an instance gets.
 */
export const ENVIRONMENT_BEGIN = "# filemill environment begin";
export const ENVIRONMENT_END = "# filemill environment end";
