export * from "./errors";
export type { Denial } from "./emulator/calls-and-denials";
export type { AwsEnvironment, LocalStack, LocalStackOptions, StackFailure, Usage } from "./local-stack";
export { startLocalStack } from "./start-local-stack";
export { STAND_INS } from "./provision/stand-ins";
export type { StandIn } from "./provision/stand-ins";
export { findBackgroundStack, startBackgroundStack, stopBackgroundStack } from "./background/background-stack";
export type { BackgroundStackOptions } from "./background/background-stack";
export type { BackgroundStack } from "./background/up-file";
