/** Adds up the time and the CPU time of what it watches. */
export class Watch {
  public milliseconds = 0;
  public cpuMicroseconds = 0;

  public async during<T>(work: () => Promise<T>): Promise<T> {
    const cpu = process.cpuUsage();
    const began = performance.now();
    const result = await work();
    this.milliseconds += performance.now() - began;
    const { system, user } = process.cpuUsage(cpu);
    this.cpuMicroseconds += system + user;
    return result;
  }

  /** Of the process so far, megabytes. */
  public get maximumResidentMegabytes(): number {
    return Math.round((process.resourceUsage().maxRSS * 1_024) / 1e6);
  }
}
