"""Counts the words of a folder's files with Lithops on this machine: a call for some files each, and one that merges."""

import os
import re
import sys
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lithops
import peer

# a call takes seconds: what takes longer will never end
TIMEOUT_SECONDS = 120


def count_words(paths, notes):
    """The words of files by our definition on ASCII (docs/word-count.md). Notes which process began which: a file in `notes` for each."""
    # here and not in a module: this goes to other processes by value
    counts = Counter()
    for path in paths:
        with open(os.path.join(notes, f"{os.getpid()}-{os.path.basename(path)}"), "w"):
            pass
        with open(path, encoding="utf-8") as file:
            words = re.findall(r"[a-z0-9]+(?:'[a-z0-9]+)*", file.read().lower())
        counts.update(word for word in words if len(word) >= 5)
    return counts


def merge(results):
    total = Counter()
    for words in results:
        total.update(words)
    return total


def count_all(paths, notes, workers):
    config = {
        "lithops": {"backend": "localhost", "storage": "localhost", "telemetry": False, "execution_timeout": TIMEOUT_SECONDS},
        "localhost": {"worker_processes": workers, "runtime": sys.executable},
    }
    with lithops.FunctionExecutor(config=config, log_level=None) as executor:
        futures = executor.map_reduce(count_words, [(task, notes) for task in peer.tasks_of(paths)], merge, timeout=TIMEOUT_SECONDS)
        return executor.get_result(futures, timeout=TIMEOUT_SECONDS, show_progressbar=False)


if __name__ == "__main__":
    peer.run(count_all)
