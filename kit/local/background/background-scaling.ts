import { z } from "zod";
import { jsonOf } from "../../lib/json-of";
import { FleetOrderError } from "../errors";
import { examineHome } from "../home/home";
import type { HomeLocation } from "../home/home-location";
import type { FleetOrder } from "../scaling/fleet-orders";
import { readUpFile } from "./up-file";

const refusalSchema = z.object({ error: z.string() });

/** Orders of the stack that is up what EC2 does of itself. @throws FleetOrderError when it refuses, or none is up */
export async function orderFleet(location: HomeLocation, order: FleetOrder): Promise<void> {
  const file = await readUpFile((await examineHome(location)).path);
  if (file?.stack === undefined || file.controlSecret === undefined)
    throw new FleetOrderError("no local stack is up", "start one with `npx filemill local up`");
  const response = await fetch(`${file.stack.endpoint}/_filemill/fleet`, {
    method: "POST",
    headers: { "x-filemill-control": file.controlSecret },
    body: JSON.stringify(order),
  });
  if (response.ok) return;
  const refusal = refusalSchema.safeParse(jsonOf(await response.text()));
  throw new FleetOrderError(
    refusal.success ? refusal.data.error : `status ${response.status}`,
    "`npx filemill local scale` shows the instances that there are",
  );
}
