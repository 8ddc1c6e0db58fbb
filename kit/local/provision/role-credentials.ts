import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clients } from "./clients";

/** Credentials of a role's session. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The longest that every role allows. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SESSION_SECONDS = 3_600;

/** Takes a synthesized role as the service that it trusts would; the emulator's root may take any. */
export async function assumeRole(clients: Clients, roleArn: string, sessionName: string): Promise<SessionCredentials> {
  const { Credentials } = await clients
    .of(STSClient)
    .send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds: SESSION_SECONDS }));
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || Expiration === undefined) {
    throw new Error(`AssumeRole of ${roleArn} answered without credentials`);
  }
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration: Expiration };
}
