import type { RebalanceRecommendations, SpotNotices } from "../ports/spot-notices";
import type { Imds } from "./imds";

/** What the instance metadata service tells a spot instance of its future. */
export class ImdsSpotNotices implements SpotNotices, RebalanceRecommendations {
  public constructor(private readonly imds: Imds) {}

  public async next(): Promise<string | undefined> {
    const action = await this.imds.spotAction();
    return action?.time;
  }

  public latest(): Promise<string | undefined> {
    return this.imds.rebalanceRecommendedAt();
  }
}
