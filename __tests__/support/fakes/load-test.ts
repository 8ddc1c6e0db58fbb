import type { PurgeableQueue } from "../../../kit/ports/capacity";
import type { FleetGroup, FleetView, ScalingActivity, ScalingAlarm } from "../../../kit/ports/fleet-view";
import type { TableScan } from "../../../kit/ports/table-scan";
import type { LoadTestParts } from "../../../systems/batch/cli/services";
import type { MemoryResultStore } from "../../../systems/batch/simulation/world/memory-result-store";

/** A queue of which only numbers are known. */
export class FakeDepth implements PurgeableQueue {
  public purges = 0;
  public constructor(
    public visible = 0,
    public inFlight = 0,
  ) {}

  public read(): Promise<{ visible: number; inFlight: number }> {
    return Promise.resolve({ visible: this.visible, inFlight: this.inFlight });
  }

  public purge(): Promise<void> {
    this.purges += 1;
    this.visible = 0;
    this.inFlight = 0;
    return Promise.resolve();
  }
}

export class FakeFleetView implements FleetView {
  public state: FleetGroup = {
    defaultCooldownSeconds: 300,
    minimum: 1,
    desired: 1,
    maximum: 5,
    instances: [{ id: "i-1", state: "InService", zone: "us-east-1a" }],
  };
  public firing: ScalingAlarm[] = [];
  public done: ScalingActivity[] = [];
  /** Beside the group's own. */
  public others: string[] = [];

  public group(): Promise<FleetGroup> {
    return Promise.resolve(this.state);
  }
  public alarms(): Promise<readonly ScalingAlarm[]> {
    return Promise.resolve(this.firing);
  }
  public activities(): Promise<readonly ScalingActivity[]> {
    return Promise.resolve(this.done);
  }
  public runningInstances(): Promise<readonly string[]> {
    return Promise.resolve([...this.state.instances.map(({ id }) => id), ...this.others]);
  }
}

/** What a load test watches. */
export class FakeLoadTest implements LoadTestParts {
  public readonly jobs = new FakeDepth();
  public readonly results = new FakeDepth();
  public readonly fleet = new FakeFleetView();
  public readonly table: TableScan;

  public constructor(items: () => MemoryResultStore) {
    this.table = {
      count: (prefix) => {
        const all = [...items().items.values()];
        return Promise.resolve({
          returned: all.filter(({ bucket, key }) => `${bucket}/${key}`.startsWith(prefix)).length,
          scanned: all.length,
          isWhole: true,
        });
      },
    };
  }
}
