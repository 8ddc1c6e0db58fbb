/** Who runs CI, as far as its tokens tell: the text that AWS compares a job by. */
export interface CiHost {
  /** Of the service itself; one's own server has another. */
  readonly issuer: string;
  /** The token's `aud`. */
  readonly audience: string;
  /** Subjects of jobs that may plan: of pull requests, and of the branch that is looked at for drift. */
  readonly planSubjects: (repository: string, branch: string) => readonly string[];
  /** The subject of jobs that may apply an environment. */
  readonly deploySubject: (repository: string, branch: string, environment: string) => string;
}

export const CI_HOST_NAMES = ["github", "gitlab"] as const;
export type CiHostName = (typeof CI_HOST_NAMES)[number];

export const CI_HOSTS: Readonly<Record<CiHostName, CiHost>> = {
  // https://docs.github.com/en/actions/reference/security/oidc
  github: {
    issuer: "https://token.actions.githubusercontent.com",
    audience: "sts.amazonaws.com",
    planSubjects: (repository, branch) => [`repo:${repository}:pull_request`, `repo:${repository}:ref:refs/heads/${branch}`],
    // a job of an environment names that and no branch: who must agree, and which branches may, are the environment's settings
    deploySubject: (repository, _branch, environment) => `repo:${repository}:environment:${environment}`,
  },
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/
  gitlab: {
    issuer: "https://gitlab.com",
    audience: "https://gitlab.com",
    // a merge request's job has its branch, whichever that is
    planSubjects: (repository) => [`project_path:${repository}:ref_type:branch:ref:*`],
    // the subject has no environment; which jobs may run on the branch is for GitLab to protect
    deploySubject: (repository, branch) => `project_path:${repository}:ref_type:branch:ref:${branch}`,
  },
};
