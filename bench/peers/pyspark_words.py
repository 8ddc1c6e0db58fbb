"""Counts the words of a folder's files with PySpark on this machine: files in parallel, words added up by key."""

import os
import re
import sys
from collections import Counter
from operator import add

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peer
from pyspark import SparkConf, SparkContext

# as often as Spark tries a task on a cluster (spark.task.maxFailures); on one machine its default is once
ATTEMPTS = 4


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


def count_all(paths, notes, workers):
    conf = SparkConf().setMaster(f"local[{workers},{ATTEMPTS}]").set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    # both: nothing listens beyond this machine
    conf.set("spark.driver.bindAddress", "127.0.0.1").set("spark.driver.host", "127.0.0.1")
    context = SparkContext(conf=conf)
    context.setLogLevel("OFF")
    try:
        tasks = peer.tasks_of(paths)
        files = context.parallelize(tasks, len(tasks))
        return dict(files.flatMap(lambda task: count_words(task, notes).items()).reduceByKey(add).collect())
    finally:
        context.stop()


if __name__ == "__main__":
    peer.run(count_all)
