import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import type { FleetView } from "../ports/fleet-view";
import { makeAutoScalingClient, sharedConfiguration, type ClientSettings } from "./clients";
import { SdkFleetView } from "./sdk-fleet-view";

/** The view of a group; in a module of its own, for its clients are loaded with it. */
export function makeFleetView(settings: ClientSettings, groupName: string): FleetView {
  const shared = sharedConfiguration(settings);
  const clients = { autoScaling: makeAutoScalingClient(settings), cloudWatch: new CloudWatchClient(shared), ec2: new EC2Client(shared) };
  return new SdkFleetView(clients, groupName, settings.endpoint === undefined);
}
