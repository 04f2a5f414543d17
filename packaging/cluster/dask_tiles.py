#!/usr/bin/env python3
"""Sky view factor of a large raster on a Dask cluster: plan, tiles, join.

    python dask_tiles.py SCHEDULER INPUT OUTPUT [options of svf_tile, e.g. --radius 300]

SCHEDULER is an address as in tcp://host:8786, or a number N: N workers on this machine,
or 0-N: as many as there is work for. All workers need the tools and must see the
folders of INPUT and OUTPUT. To resume, run the same command again: it computes the tiles
that are missing. SVF_MEMORY (4G) is the memory of a worker that has no limit of its own.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from dask.distributed import (
    Client,
    LocalCluster,
    Worker,
    WorkerPlugin,
    as_completed,
    get_worker,
)

TILES_PER_TASK = 4
MEMORY = os.environ.get("SVF_MEMORY", "4G")
CANCELLED = 130


class OneTask(WorkerPlugin):
    """One task per worker at a time, whatever its threads; workers that come later, too."""

    def __init__(self, plan: str) -> None:
        self.plan = plan
        self.name = f"svf {plan}"

    def setup(self, worker: Worker) -> None:
        self.turn = threading.Lock()
        self.stopped = False
        self.run: subprocess.Popen[str] | None = None

    def teardown(self, worker: Worker) -> None:
        """Ends the program that runs: the end of its input cancels it."""
        self.stopped = True
        if self.run and self.run.stdin and self.run.poll() is None:
            self.run.stdin.close()


def compute(plan: str, tiles: list[int], memory: str) -> int:
    """Computes tiles of a plan on a worker, with all its threads and 3/4 of its memory."""
    worker = get_worker()
    limit = worker.memory_manager.memory_limit
    command = ["svf_compute", "--plan", plan, "--tiles", ",".join(map(str, tiles)), "--quiet"]
    command += ["--threads", str(worker.state.nthreads), "--cancel-on-stdin-eof"]
    command += ["--max-memory", f"{limit * 3 // 4 >> 20}M" if limit else memory]
    # If the worker is killed, the pipe is closed, and so the program ends as well.
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    plugin = worker.plugins[f"svf {plan}"]
    with plugin.turn:
        if plugin.stopped:
            raise RuntimeError("cancelled")
        plugin.run = run = subprocess.Popen(command, text=True, **pipes)
        messages = run.stderr.read().strip()
        if run.wait() != 0:
            raise RuntimeError(f"exit code {run.returncode}: {messages}")
    return len(tiles)


def run_tasks(client: Client, plan: str, tiles: list[int]) -> list[str]:
    """Runs all tasks and returns the messages of those that failed in spite of retries."""
    tasks = [tiles[i : i + TILES_PER_TASK] for i in range(0, len(tiles), TILES_PER_TASK)]
    futures = {client.submit(compute, plan, task, MEMORY, retries=2, pure=False): task for task in tasks}
    done, failed = 0, []
    limiter = OneTask(plan)
    client.register_plugin(limiter)
    try:
        for future in as_completed(futures):
            if future.status == "finished":
                done += future.result()
                print(f"{done} of {len(tiles)} tiles", flush=True)
            else:
                failed.append(f"tiles {futures[future]}: {future.exception()}")
    except KeyboardInterrupt:
        client.cancel(list(futures))
        raise
    finally:
        client.unregister_worker_plugin(limiter.name)
    return failed


def connect(scheduler: str) -> Client:
    """Connects to a scheduler, or starts workers on this machine."""
    low, _, high = scheduler.partition("-")
    if not (low.isdigit() and (high or low).isdigit()):
        return Client(scheduler)
    most = int(high or low)
    threads = max(1, len(os.sched_getaffinity(0)) // most)
    cluster = LocalCluster(n_workers=int(low), threads_per_worker=threads, dashboard_address=None)
    if high:
        cluster.adapt(minimum=int(low), maximum=most)
    return Client(cluster)


def numbers(plan: str) -> list[int]:
    """The numbers of the tiles of a plan, which has ranges instead of a list if they are many."""
    with open(plan) as file:
        content = json.load(file)
    if "tiles" in content:
        return [tile["id"] for tile in content["tiles"]]
    return [tile for first, last in content["tile_ranges"] for tile in range(first, last + 1)]


def main(scheduler: str, source: str, output: str, options: list[str]) -> int:
    folder = Path.cwd() if output.startswith("/vsi") else Path(output).absolute().parent
    plan = str(folder / f"{Path(output).stem}.plan.json")
    # The size of the tiles of a new plan follows from these.
    limits = ["--threads", "4", "--max-memory", MEMORY]
    command = ["svf_tile", source, plan, "--overwrite", *limits, *options]
    if code := subprocess.run(command, check=False).returncode:
        return code
    tiles = numbers(plan)
    with connect(scheduler) as client:
        failed = run_tasks(client, plan, tiles)
    for message in failed:
        print(f"failed: {message}", file=sys.stderr)
    # Strict: a tile that is not there is an error, and it is listed.
    join = ["svf_mosaic", plan, output, "--overwrite", "--max-memory", MEMORY]
    return subprocess.run(join, check=False).returncode


def cancel(*_: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, cancel)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
    except KeyboardInterrupt:
        print("cancelled; to compute the missing tiles, run the same command again", file=sys.stderr)
        sys.exit(CANCELLED)
