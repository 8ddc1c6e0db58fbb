import { LOCAL_REGION } from "../emulator/emulator";
import type { RootCredentials } from "../emulator/stack-secrets";

/** What every client of the emulator is made with. */
interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: RootCredentials;
  /** For S3: the emulator's port is one for all, so buckets can't be host names. */
  readonly forcePathStyle: boolean;
}

interface SdkClient {
  destroy(): void;
}
type ClientClass<C extends SdkClient> = new (configuration: ClientConfiguration) => C;

/** The emulator's root user: a client for each service that is asked for, made once. */
export class Clients {
  private readonly made = new Map<ClientClass<SdkClient>, SdkClient>();
  private readonly configuration: ClientConfiguration;

  public constructor(endpoint: string, credentials: RootCredentials) {
    this.configuration = { endpoint, region: LOCAL_REGION, credentials, forcePathStyle: true };
  }

  /** @param service the SDK's class of the service's client */
  public of<C extends SdkClient>(service: ClientClass<C>): C {
    const known = this.made.get(service);
    // what was made from a class is of that class
    if (known !== undefined) return known as C;
    const client = new service(this.configuration);
    this.made.set(service, client);
    return client;
  }

  /** Closes the connections, so that nothing keeps the process alive. */
  public destroy(): void {
    for (const client of this.made.values()) client.destroy();
  }
}
