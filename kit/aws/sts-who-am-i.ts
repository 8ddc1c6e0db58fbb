import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Caller, WhoAmI } from "../ports/caller";

/** STS, which answers everybody whose credentials are good: no permission is needed. */
export class StsWhoAmI implements WhoAmI {
  public constructor(private readonly sts: STSClient) {}

  public async ask(): Promise<Caller> {
    const { Account, Arn } = await this.sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined || Arn === undefined)
      throw new Error("GetCallerIdentity answered without account or ARN; is the endpoint really STS?");
    const { expiration } = await this.sts.config.credentials();
    return { account: Account, arn: Arn, ...(expiration === undefined ? {} : { expiresAt: expiration.getTime() }) };
  }
}
