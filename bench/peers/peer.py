"""What the Python peers share: tasks, the kill of one worker in the middle, and the outcome."""

import json
import os
import signal
import sys
import threading
import time

# a process or a message for each small file would take longer than its words
FILES_PER_TASK = 20
LOOK_AGAIN_SECONDS = 0.005


def tasks_of(paths):
    """Some files for each task."""
    return [paths[start : start + FILES_PER_TASK] for start in range(0, len(paths), FILES_PER_TASK)]


def kill_one(notes, begun, done):
    """Kills the process that began a file last, once so many were begun, unless `done` is set before."""
    while not done.is_set():
        names = os.listdir(notes)
        if len(names) >= begun:
            newest = max(names, key=lambda name: os.stat(os.path.join(notes, name)).st_mtime_ns)
            try:
                os.kill(int(newest.split("-")[0]), signal.SIGKILL)
            except ProcessLookupError:
                # it has ended by itself: the next one
                time.sleep(LOOK_AGAIN_SECONDS)
                continue
            return
        time.sleep(LOOK_AGAIN_SECONDS)


def run(count_all):
    """`peer.py FOLDER NOTES WORKERS KILL_AFTER`: counts all files of a folder and prints the outcome as a line of JSON."""
    folder, notes, workers, kill_after = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    done = threading.Event()
    killer = threading.Thread(target=kill_one, args=(notes, kill_after, done), daemon=True)
    if kill_after > 0:
        killer.start()
    started_at = time.monotonic()
    outcome = {"totalWords": 0}
    try:
        outcome["totalWords"] = sum(count_all(paths, notes, workers).values())
    except Exception as error:  # it is what is measured: what a user would be told
        outcome["failure"] = f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]
    outcome["seconds"] = time.monotonic() - started_at
    outcome["killed"] = kill_after > 0 and not killer.is_alive()
    done.set()
    print(json.dumps(outcome), flush=True)
