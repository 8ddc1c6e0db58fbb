import path from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { LOCAL_REGION } from "../../kit/local/emulator/emulator";
import { startInstalledEmulator } from "../../kit/local/emulator/installed-emulator";
import { prepareHome } from "../../kit/local/home/home";
import { HOME_VARIABLE, locateHome } from "../../kit/local/home/home-location";
import { CleanUp } from "../../kit/local/processes/clean-up";
import { StackFolder } from "../../kit/local/processes/stack-folder";
import { Clients } from "../../kit/local/provision/clients";
import { answeredScaling } from "../../kit/local/scaling/answered-scaling";
import * as services from "../../kit/local/scaling/local-services";

const REAL_TIME = 1;

export interface EmptyAccount {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Starts the emulator of the local run with nothing in it, and ends it after `use`. scripts/check-terraform.mjs loads this. */
export async function withEmulator<T>(
  projectDirectory: string,
  environment: NodeJS.ProcessEnv,
  use: (account: EmptyAccount) => Promise<T>,
): Promise<T> {
  const cleanUp = new CleanUp();
  try {
    const home = await prepareHome(locateHome(environment[HOME_VARIABLE], projectDirectory, process.cwd()));
    const folder = await StackFolder.create(home);
    cleanUp.add(() => folder.remove());
    const emulatorFiles = path.join(projectDirectory, "kit", "local", "emulator");
    // Auto Scaling, instances and alarms are answered from here, as in a local run; of a group's instances nothing runs
    const { answered, connect, scaling } = answeredScaling(REAL_TIME);
    cleanUp.add(() => {
      scaling.stop();
      return Promise.resolve();
    });
    const emulator = await startInstalledEmulator(
      { homeDirectory: home, requirementsFile: path.join(emulatorFiles, "requirements.txt"), environment },
      { launcherFile: path.join(emulatorFiles, "launcher.py"), folder, answered },
    );
    cleanUp.add(() => emulator.stop());
    const clients = new Clients(emulator.endpoint, emulator.secrets.root);
    cleanUp.add(() => {
      clients.destroy();
      return Promise.resolve();
    });
    connect(emulator, clients, services);
    scaling.begin();
    return await use({ endpoint: emulator.endpoint, ...emulator.secrets.root });
  } finally {
    await cleanUp.run();
  }
}

/** Any id in the form of an image's: a plan looks at no image. */
const IMAGE_ID = "ami-00000000000000000";

/** Puts a parameter that names a machine image into `account`. AWS's own are below /aws, where nobody can put any. @returns its name */
export async function publishImage({ endpoint, ...credentials }: EmptyAccount): Promise<string> {
  const client = new SSMClient({ endpoint, credentials, region: LOCAL_REGION });
  const name = "/filemill/stand-in-image";
  try {
    await client.send(new PutParameterCommand({ Name: name, Value: IMAGE_ID, Type: "String", Overwrite: true }));
    return name;
  } finally {
    client.destroy();
  }
}

/** Takes a role that trusts the account. */
export async function assume(
  { endpoint, ...credentials }: EmptyAccount,
  roleArn: string,
): Promise<EmptyAccount & { readonly sessionToken: string }> {
  const client = new STSClient({ endpoint, credentials, region: LOCAL_REGION });
  try {
    const { Credentials: taken } = await client.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "check" }));
    const [accessKeyId, secretAccessKey, sessionToken] = [taken?.AccessKeyId, taken?.SecretAccessKey, taken?.SessionToken];
    if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
      throw new Error(`no credentials for ${roleArn}`);
    return { endpoint, accessKeyId, secretAccessKey, sessionToken };
  } finally {
    client.destroy();
  }
}
