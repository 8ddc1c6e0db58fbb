import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { Fn, Token } from "cdktf";
import type { Construct } from "constructs";

/** Names; or how many of those that the region offers to the account, in the order of their names. */
export type Zones = readonly string[] | { readonly first: number };

/** @returns the names, or references to what Terraform finds when it plans: it refuses a region that has fewer */
export function zoneNames(scope: Construct, zones: Zones, region: string): readonly string[] {
  if (!("first" in zones)) return zones;
  const { first } = zones;
  const found = new DataAwsAvailabilityZones(scope, "Zones", {
    state: "available",
    // local zones have neither the instance types nor the endpoints
    filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
  found.addOverride("lifecycle.postcondition", [
    {
      condition: `\${length(self.names) >= ${first}}`,
      error_message: `\${length(self.names)} zones of ${region} are available to this account, and ${first} are wanted: set FILEMILL_ZONES to two or more of them`,
    },
  ]);
  return Array.from({ length: first }, (_, index) => Token.asString(Fn.element(found.names, index)));
}
