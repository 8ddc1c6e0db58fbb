import type { FleetView } from "../ports/fleet-view";

/** A view that is made when something is asked of it first. */
export function lazyFleetView(make: () => Promise<FleetView>): FleetView {
  let made: Promise<FleetView> | undefined;
  const view = (): Promise<FleetView> => (made ??= make());
  return {
    group: async () => (await view()).group(),
    alarms: async () => (await view()).alarms(),
    activities: async (most) => (await view()).activities(most),
    runningInstances: async () => (await view()).runningInstances(),
  };
}
