import { z } from "zod";

/** Address of the instance metadata service on every instance. */
export const IMDS_ADDRESS = "http://169.254.169.254";
/** The service is on the same host: a second without an answer is a fault. */
const TIMEOUT_MILLISECONDS = 1_000;
const TOKEN_TTL_SECONDS = 21_600;
/** A token is renewed this long before it ends. */
const TOKEN_MARGIN_MILLISECONDS = 300_000;

const spotActionSchema = z.object({ action: z.enum(["terminate", "stop", "hibernate"]), time: z.string() });
/** What EC2 announces to do with a spot instance, and when (ISO 8601, UTC). */
export type SpotAction = z.output<typeof spotActionSchema>;

const rebalanceSchema = z.object({ noticeTime: z.string() });

/** The metadata service answered with an error, or not at all. */
export class ImdsError extends Error {
  public override readonly name = "ImdsError";
  public constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`instance metadata ${path}: ${problem}; is this an EC2 instance with IMDSv2 on?`, options);
  }
}

/**
 * Instance metadata, version 2 (by session token).
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export class Imds {
  private token: { readonly text: string; readonly renewAt: number } | undefined;

  /**
   * @param now milliseconds since the epoch
   * @param address another one for tests
   */
  public constructor(
    private readonly now: () => number,
    private readonly address: string = IMDS_ADDRESS,
  ) {}

  /** @throws ImdsError */
  public async instanceId(): Promise<string> {
    const path = "/latest/meta-data/instance-id";
    const id = await this.get(path);
    if (id === undefined) throw new ImdsError(path, "not there");
    return id;
  }

  /**
   * How the instance is bought: `spot`, `on-demand`, or one of the rarer kinds.
   *
   * @throws ImdsError
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
   */
  public async lifeCycle(): Promise<string> {
    const path = "/latest/meta-data/instance-life-cycle";
    const kind = await this.get(path);
    if (kind === undefined) throw new ImdsError(path, "not there");
    return kind;
  }

  /**
   * The interruption notice of a spot instance, about two minutes ahead (best effort).
   *
   * @returns undefined when there is none
   * @throws ImdsError
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
   */
  public spotAction(): Promise<SpotAction | undefined> {
    return this.json("/latest/meta-data/spot/instance-action", spotActionSchema);
  }

  /**
   * When EC2 last recommended to leave a spot instance, for it is likelier than others to be taken (ISO 8601, UTC); best effort, and not
   * always before the interruption notice.
   *
   * @returns undefined when it never did
   * @throws ImdsError
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
   */
  public async rebalanceRecommendedAt(): Promise<string | undefined> {
    const recommendation = await this.json("/latest/meta-data/events/recommendations/rebalance", rebalanceSchema);
    return recommendation?.noticeTime;
  }

  /**
   * The state that the instance's Auto Scaling group brings it to: `InService`, `Terminated`, `Standby`, `Detached`.
   *
   * @returns undefined outside of a group
   * @throws ImdsError
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
   */
  public targetLifecycleState(): Promise<string | undefined> {
    return this.get("/latest/meta-data/autoscaling/target-lifecycle-state");
  }

  /** @returns undefined for 404 */
  private async json<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
    const text = await this.get(path);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw new ImdsError(path, "not the expected JSON", { cause: error });
    }
  }

  /** @returns undefined for 404 */
  private async get(path: string): Promise<string | undefined> {
    let response = await this.fetch(path, { headers: { "X-aws-ec2-metadata-token": await this.sessionToken() } });
    if (response.status === 401) {
      // the service forgot the token; a new one decides
      this.token = undefined;
      response = await this.fetch(path, { headers: { "X-aws-ec2-metadata-token": await this.sessionToken() } });
    }
    if (response.status === 404) return undefined;
    if (!response.ok) throw new ImdsError(path, `status ${response.status}`);
    return response.text;
  }

  private async sessionToken(): Promise<string> {
    if (this.token !== undefined && this.now() < this.token.renewAt) return this.token.text;
    const path = "/latest/api/token";
    const headers = { "X-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_TTL_SECONDS) };
    const response = await this.fetch(path, { method: "PUT", headers });
    if (!response.ok) throw new ImdsError(path, `status ${response.status}`);
    this.token = { text: response.text, renewAt: this.now() + TOKEN_TTL_SECONDS * 1_000 - TOKEN_MARGIN_MILLISECONDS };
    return response.text;
  }

  private async fetch(path: string, init: RequestInit): Promise<{ ok: boolean; status: number; text: string }> {
    try {
      const response = await fetch(`${this.address}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
      return { ok: response.ok, status: response.status, text: await response.text() };
    } catch (error) {
      throw new ImdsError(path, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
