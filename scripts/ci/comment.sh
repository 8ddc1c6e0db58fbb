#!/usr/bin/env bash
# Puts a review into one comment of a pull request, and updates it there when the request is planned again.
#
#   scripts/ci/comment.sh PULL_REQUEST NAME FILE       (NAME: what was planned; one comment for each)
#
# Needs GitHub's command line (gh) with GH_TOKEN and GITHUB_REPOSITORY.
#
# Exit codes: 0 done, 1 GitHub refused it, 2 wrong call, 3 something needed is not at hand.
set -euo pipefail

pull_request="${1:?give a pull request, a name and a file}"
name="${2:?give a pull request, a name and a file}"
file="${3:?give a pull request, a name and a file}"
# GitHub takes 65,536 characters in a comment
maximum_characters=60000

command -v gh > /dev/null || { echo "comment: gh is not installed" >&2; exit 3; }
[ -n "${GITHUB_REPOSITORY:-}" ] || { echo "comment: GITHUB_REPOSITORY is not set" >&2; exit 3; }
[ -f "$file" ] || { echo "comment: $file is not there" >&2; exit 3; }

marker="<!-- filemill plan-review $name -->"
body="$(mktemp)"
trap 'rm -f "$body"' EXIT
{
  printf '%s\n' "$marker"
  # whole lines: half of a character, or of a mark, would be none
  LC_ALL=C awk -v maximum="$maximum_characters" '{ bytes += length($0) + 1; if (bytes > maximum) exit; print }' "$file"
  if [ "$(wc -c < "$file")" -gt "$maximum_characters" ]; then printf '\n\n</details>\n\nThe review is longer: the rest is in the artifact of this run.\n'; fi
} > "$body"

found="$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$pull_request/comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1)"
if [ -n "$found" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$body" --silent
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$pull_request/comments" --field "body=@$body" --silent
fi
