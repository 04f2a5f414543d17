#!/usr/bin/env python3
"""Sky view factor of a large raster on a Dask cluster: plan, tiles, join.

    python dask_tiles.py SCHEDULER INPUT OUTPUT [options of svf_tile, e.g. --radius 300]

SCHEDULER is an address as in tcp://host:8786, or a number: so many workers on this
machine. All workers need the tools and the folder of INPUT and OUTPUT. When a worker
dies its tasks go to another, which finds the tiles that are done.
"""
import json
import os
import subprocess
import sys

from dask.distributed import Client, LocalCluster, as_completed

TILES_PER_TASK = 4


def compute(plan, tiles, threads):
    """Computes tiles of a plan on a worker."""
    numbers = ",".join(str(tile) for tile in tiles)
    command = ["svf_compute", "--plan", plan, "--tiles", numbers, "--threads", str(threads)]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip())
    return len(tiles)


def main(scheduler, source, output, options):
    plan = os.path.abspath(os.path.splitext(output)[0] + ".plan.json")
    subprocess.run(["svf_tile", source, plan, "--overwrite", *options], check=True)
    with open(plan) as file:
        tiles = [tile["id"] for tile in json.load(file)["tiles"]]
    tasks = [tiles[i : i + TILES_PER_TASK] for i in range(0, len(tiles), TILES_PER_TASK)]
    if scheduler.isdigit():
        scheduler = LocalCluster(n_workers=int(scheduler), threads_per_worker=1)
    with Client(scheduler) as client:
        # Each worker runs one task at a time on the threads that it has.
        threads = min(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
        futures = [client.submit(compute, plan, task, threads, retries=2) for task in tasks]
        done = 0
        for future in as_completed(futures):
            done += future.result()
            print(f"{done} of {len(tiles)} tiles", flush=True)
    # Strict: a tile that is not there is an error.
    subprocess.run(["svf_mosaic", plan, output, "--overwrite"], check=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
