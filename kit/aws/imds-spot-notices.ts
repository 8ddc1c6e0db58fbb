import type { SpotNotices } from "../ports/spot-notices";
import type { Imds } from "./imds";

/** Interruption notices from the instance metadata service. */
export class ImdsSpotNotices implements SpotNotices {
  public constructor(private readonly imds: Imds) {}

  public async next(): Promise<string | undefined> {
    const action = await this.imds.spotAction();
    return action?.time;
  }
}
