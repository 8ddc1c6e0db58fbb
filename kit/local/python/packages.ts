/** What a virtual environment is made for. */
export interface PythonPackages {
  /** For messages: `the emulator`. */
  readonly name: string;
  /** What it takes on the disk. */
  readonly sizeMegabytes: number;
  /** Python that runs only where the packages are whole. */
  readonly trial: string;
}

export const EMULATOR_PACKAGES: PythonPackages = {
  name: "the emulator",
  sizeMegabytes: 50,
  // what the launcher needs: if these load, the emulator can start
  trial: "import hypercorn.asyncio.tcp_server, ministack.app",
};
