/** What changes which modules a Python finds. */
const PYTHON_SETTINGS = /^(PYTHON.*|__PYVENV_LAUNCHER__)$/;

/** Where a Python is looked for when nothing says so. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** What an installation needs of the user's: the way to a package index, its certificates and secrets, and where pip's own cache is. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|NETRC|DBUS_SESSION_BUS_ADDRESS|XDG_(CACHE|CONFIG|DATA)_HOME|(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy|(NIX_)?SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/;

/** Of pip's settings those that say how packages are fetched. None that says where they are put. */
const PIP_SETTINGS = [
  "index-url",
  "pypi-url",
  "extra-index-url",
  "no-index",
  "find-links",
  "trusted-host",
  "cert",
  "client-cert",
  "proxy",
  "timeout",
  "default-timeout",
  "retries",
  "cache-dir",
  "no-cache-dir",
  "keyring-provider",
  "use-feature",
  "use-deprecated",
] as const;

/** Later ones go before earlier ones, as pip has it. https://pip.pypa.io/en/stable/topics/configuration/ */
const PIP_SECTIONS = ["global", "install", ":env:"] as const;

type Variables = Readonly<Record<string, string | undefined>>;
type Environment = Record<string, string>;

const pick = (environment: Variables, wanted: (name: string) => boolean): Environment => {
  const picked = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value !== undefined && wanted(name) ? [[name, value]] : [],
  );
  return { PATH: DEFAULT_PATH, ...Object.fromEntries(picked) };
};

/** To ask a Python, or pip for the user's settings: everything but what changes which modules it finds. */
export const askingEnvironment = (user: Variables): Environment => pick(user, (name) => !PYTHON_SETTINGS.test(name));

/**
 * To install: what is needed, and nothing that leads packages to another place, whether it comes from a variable or from one of pip's
 * files.
 *
 * @param settings what `pip config list` said
 * @param temporary folder for pip's temporary files
 */
export const installingEnvironment = (user: Variables, settings: string, temporary: string): Environment => ({
  ...pick(user, (name) => NEEDED.test(name)),
  ...pipVariables(settings),
  // pip reads no file of settings at all then
  PIP_CONFIG_FILE: "/dev/null",
  PIP_NO_INPUT: "1",
  LANG: "C.UTF-8",
  TMPDIR: temporary,
});

/** To try what was installed: hardly anything, as the emulator is started. */
export const tryingEnvironment = (temporary: string): Environment => ({ PATH: DEFAULT_PATH, LANG: "C.UTF-8", TMPDIR: temporary });

/** The settings that are handed on, as pip's variables. @param settings lines like `global.index-url='https://...'` */
function pipVariables(settings: string): Environment {
  const lines = settings.split("\n").flatMap((line) => {
    const [, section, name, quote, text] = /^([\w:-]+)\.([\w-]+)=(['"])(.*)\3$/.exec(line.trim()) ?? [];
    return section === undefined || name === undefined || quote === undefined || text === undefined
      ? []
      : [{ section, name, value: unescaped(text) }];
  });
  const variables: Environment = {};
  for (const wanted of PIP_SECTIONS) {
    for (const { section, name, value } of lines) {
      if (section === wanted && PIP_SETTINGS.some((known) => known === name)) {
        variables[`PIP_${name.toUpperCase().replaceAll("-", "_")}`] = value;
      }
    }
  }
  return variables;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Takes back what Python's repr() of a string does. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g, (_all, ...found: (string | undefined)[]) => {
    const [x, u, U, character = ""] = found;
    const code = x ?? u ?? U;
    return code === undefined ? (ESCAPES[character] ?? character) : String.fromCodePoint(Number.parseInt(code, 16));
  });
