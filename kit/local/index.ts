export * from "./errors";
export type { AwsEnvironment, LocalStack, LocalStackOptions, Redeployment } from "./local-stack";
export type { SystemToStart } from "./local-stack";
export { describeProcesses, outputsOf } from "./local-system";
export type { LocalProcess, LocalSystem, OutputsOf, SystemOutputs } from "./local-system";
export { launchTemplateSettings } from "./fleet/launch-template";
export { startLocalStack } from "./start-local-stack";
export {
  claimBackgroundStack,
  findBackgroundStack,
  findTrouble,
  startBackgroundStack,
  startClaimedStack,
  stopBackgroundStack,
} from "./background/background-stack";
export { orderFleet } from "./background/background-scaling";
export type { ActivityView, AlarmView, GroupView, ScalingView } from "./background/scaling-view";
export type { FleetOrder } from "./scaling/fleet-orders";
export { MAXIMUM_TIME_FACTOR } from "./scaling/policy-clock";
export { prepareHome } from "./home/home";
export { locateHome, type HomeLocation } from "./home/home-location";
export { tellsOfFullDisk } from "./home/home-errors";
export { withRunFolder } from "./home/run-folder";
export type { BackgroundStackOptions } from "./background/background-stack";
