import type { AnsweredCalls, Emulator } from "../emulator/emulator";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "../emulator/emulator";
import type { Clients } from "../provision/clients";
import type { ServiceAnswer, ServiceCall } from "../services/service";
import { ANSWERED_OPERATIONS } from "./answered-operations";
import { carryOutOrder, ORDERS } from "./fleet-orders";
import { LocalAlarms } from "./local-alarms";
import type * as LocalServices from "./local-services";
import { LocalScaling } from "./local-scaling";
import { PolicyClock } from "./policy-clock";

/** Auto Scaling of one emulator: what it hands over is answered from here. */
export interface AnsweredScaling {
  readonly scaling: LocalScaling;
  readonly alarms: LocalAlarms;
  /** For the emulator's start. A call that comes before `connect` waits for it. */
  readonly answered: AnsweredCalls;
  /** Once the emulator listens. @param services `localServices`, which is loaded with the SDK's clients */
  readonly connect: (
    emulator: Pick<Emulator, "tellEvent">,
    clients: Clients,
    services: Pick<typeof LocalServices, "answerer" | "localServices">,
  ) => void;
}

/** @param timeFactor seconds of policies in a second */
export function answeredScaling(timeFactor: number): AnsweredScaling {
  const [scaling, alarms] = [new LocalScaling(new PolicyClock(timeFactor)), new LocalAlarms()];
  let connected: (answer: (call: ServiceCall) => Promise<ServiceAnswer>) => void = () => undefined;
  const answerer = new Promise<(call: ServiceCall) => Promise<ServiceAnswer>>((resolve) => (connected = resolve));
  return {
    scaling,
    alarms,
    answered: { operations: ANSWERED_OPERATIONS, answer: async (call) => (await answerer)(call) },
    connect: (emulator, clients, services) => {
      const answer = services.answerer(
        services.localServices({ scaling, alarms, clients, accountId: LOCAL_ACCOUNT_ID, region: LOCAL_REGION }),
      );
      connected((call) =>
        call.service === ORDERS ? Promise.resolve(carryOutOrder(scaling, emulator.tellEvent, call.body)) : answer(call),
      );
    },
  };
}
