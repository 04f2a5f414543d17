#!/usr/bin/env bash
# Runs the recipes of this folder on one machine, with killed, requeued, late and lost work, and
# compares each result with one plain run, bit for bit. Prints one line per recipe.
#
#   bash check.sh [RECIPE...]        slurm dask snakemake xargs parallel ray
#
# The four tools and GDAL's must be on the PATH. What a recipe needs and this machine lacks is said:
# Slurm (slurmctld, slurmd, munged; as root, because it starts its own one), Dask (python3 with
# distributed), snakemake, GNU parallel, Ray. Logs stay in the folder that is named at the end.
set -euo pipefail
# Recipes are cancelled as by Ctrl-C, which a shell ignores in the background.
if grep -q '^SigIgn:.*[2367abef]$' "/proc/$$/status"; then
  echo "check.sh: run it in the foreground: here, programs ignore Ctrl-C" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/svf recipes.XXXXXX") # A blank, as in real names.
cd "$work"
dsm="a city's dsm.tif" tiles=90
options=(--radius 100 --directions 360 --tile-size 100)
export SVF_CPUS=2 SVF_MEMORY=512M

# Ends what a recipe left, however it ended.
children=()
finish() {
  [ -z "${SLURM_CONF:-}" ] || scancel --user "$(id -un)" 2>/dev/null || true
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
  done
  # Dask's workers wait for a scheduler that is gone.
  for _ in $(seq 25); do
    any_left || break
    sleep 0.2
  done
  for child in "${children[@]}"; do
    kill -KILL "$child" 2>/dev/null || true
  done
  children=()
}

any_left() {
  local child
  for child in "${children[@]}"; do
    ! kill -0 "$child" 2>/dev/null || return 0
  done
  return 1
}
trap finish EXIT

say() { printf '%-10s %s\n' "$recipe" "$1"; }

has() {
  for program; do
    command -v "$program" >/dev/null || { missing=$program && return 1; }
  done
}

# Cells of a raster without the file around them.
cells() {
  gdal_translate -q -of ENVI "$1" cells.raw && sha256sum <cells.raw | cut -c 1-64
}

# Waits until a command succeeds.
until_ok() {
  for _ in $(seq 1500); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.2
  done
  echo "check.sh: waited too long: $*" >&2
  return 1
}

fails() { ! "$@"; }

done_tiles() { find "$1.plan.tiles" -maxdepth 1 -name '*.tif' 2>/dev/null | wc -l; }
has_tiles() { [ "$(done_tiles "$1")" -ge "$2" ]; }

# Process ids of programs that compute tiles of this plan.
workers() {
  local pid
  for pid in $(pgrep -f "^svf_compute --plan .*$1.plan.json"); do
    [ "$(readlink "/proc/$pid/cwd")" != "$work" ] || echo "$pid"
  done
}

no_workers() { [ -z "$(workers "$1")" ]; }

# A kill proves nothing once the tiles are done.
still_busy() {
  [ "$(done_tiles "$1")" -lt "$tiles" ] || { echo "check.sh: done before the kill" >&2 && return 1; }
}

lose_a_tile() { rm "$1.plan.tiles/r0003_c0004.tif"; }

plan() {
  svf_tile "$dsm" "$1.plan.json" --overwrite --threads 2 --max-memory 256M "${options[@]}"
}

same() { [ "$(cells "$1.tif")" = "$plain" ] || { echo "check.sh: other cells in $1.tif" >&2 && return 1; }; }

# --- the recipes; each fails at the first command that fails -----------------------------------

run_slurm() {
  local conf host task
  host=$(hostname -s)
  # Slurm itself, for this run only. Its settings take no blanks in names.
  conf=$(mktemp -d /tmp/svf-slurm.XXXXXX)
  mkdir "$conf/spool" "$conf/state"
  chmod 755 "$conf"
  head -c 1024 /dev/urandom >"$conf/key"
  chmod 600 "$conf/key"
  munged --force --key-file="$conf/key" --socket="$conf/munge" --pid-file="$conf/munged.pid" \
    --log-file="$conf/munged.log" --seed-file="$conf/seed"
  cat >"$conf/slurm.conf" <<END
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16917
SlurmdPort=16918
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$conf/munge
StateSaveLocation=$conf/state
SlurmdSpoolDir=$conf/spool
SlurmctldPidFile=$conf/slurmctld.pid
SlurmdPidFile=$conf/slurmd.pid
SlurmctldLogFile=$conf/slurmctld.log
SlurmdLogFile=$conf/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=1,sched_interval=2
MaxArraySize=4
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=6 RealMemory=8000
PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP
END
  export SLURM_CONF=$conf/slurm.conf
  slurmctld
  slurmd
  children+=("$(cat "$conf/munged.pid")")
  until_ok test -s "$conf/slurmctld.pid" -a -s "$conf/slurmd.pid"
  children+=("$(cat "$conf/slurmctld.pid")" "$(cat "$conf/slurmd.pid")")
  until_ok node_is_idle

  # More tasks than MaxArraySize.
  bash "$here/slurm.sh" 16 "$dsm" slurm.tif "${options[@]}" | tee submitted
  grep -q '^slurm.sh: 3 tasks' submitted
  task=$(sed -n 's/^slurm.sh: tasks \([0-9]*\),.*/\1/p' submitted)
  until_ok has_tiles slurm 3
  # One task is requeued, one loses its program, one is cancelled.
  scontrol requeue "${task}_1"
  kill -KILL "$(program_of "${task}_2")"
  scancel "${task}_3"
  still_busy slurm
  # Slurm starts requeued tasks after two minutes.
  until_ok queue_is_empty
  cat slurm.tiles_*.log slurm.join.log
  same slurm
  grep -q 'exit code 137: back into the queue' slurm.tiles_2.log
  # The same command again computes what was lost.
  lose_a_tile slurm
  rm slurm.tif
  bash "$here/slurm.sh" 2 "$dsm" slurm.tif "${options[@]}"
  until_ok queue_is_empty
  same slurm
  note="a requeued task, a killed and a cancelled task, more tasks than MaxArraySize, a lost tile"
}

# Asked anew each time.
node_is_idle() { sinfo -h | grep idle; }

queue_is_empty() { [ "$(squeue -h | wc -l)" = 0 ]; }

# The process id of the program of an array task.
program_of() {
  local pid
  for pid in $(workers slurm); do
    if grep -qz "^SLURM_ARRAY_TASK_ID=${1#*_}$" "/proc/$pid/environ"; then
      echo "$pid"
      return
    fi
  done
  return 1
}

run_dask() {
  local first
  python3 -m distributed.cli.dask_scheduler --host 127.0.0.1 --port 17878 --no-dashboard 2>scheduler.log &
  children+=($!)
  # No worker yet.
  python3 "$here/dask_tiles.py" tcp://127.0.0.1:17878 "$dsm" dask.tif "${options[@]}" &
  local script=$!
  children+=("$script")
  until_ok test -e dask.plan.json
  dask_worker 3
  first=$!
  until_ok has_tiles dask 3
  still_busy dask
  kill -KILL "$first"
  dask_worker 1
  dask_worker 2
  wait "$script"
  same dask
  # Ctrl-C ends the programs of the workers, too.
  rm -r dask.plan.tiles
  set -m # Otherwise, bash lets background processes ignore SIGINT.
  python3 "$here/dask_tiles.py" tcp://127.0.0.1:17878 "$dsm" dask.tif "${options[@]}" &
  script=$!
  set +m
  children+=("$script")
  until_ok has_tiles dask 3
  still_busy dask
  kill -INT "$script"
  local code=0
  wait "$script" || code=$?
  [ "$code" = 130 ]
  until_ok no_workers dask
  # Again, with workers of its own that start when there is work.
  python3 "$here/dask_tiles.py" 0-2 "$dsm" dask.tif "${options[@]}"
  same dask
  note="no worker at first, a killed worker, two late ones, cancelled and again, workers on demand"
}

dask_worker() {
  python3 -m distributed.cli.dask_worker tcp://127.0.0.1:17878 --nthreads "$1" --no-nanny \
    --memory-limit 512M --no-dashboard --death-timeout 20 2>>workers.log &
  children+=($!)
}

run_snakemake() {
  local command=(snakemake -s "$here/Snakefile" --cores 2 --quiet rules --config "input=$dsm" output=snake.tif
    jobs=2 memory=512 "options=${options[*]}")
  # Ctrl-C, and again.
  set -m
  "${command[@]}" &
  local script=$!
  set +m
  children+=("$script")
  until_ok has_tiles snake 3
  still_busy snake
  kill -INT -- "-$script"
  fails wait "$script"
  until_ok no_workers snake
  until_ok has_tiles snake 3
  # A tile that is lost after the jobs are done, but before the output is.
  "${command[@]}" --until tiles --notemp
  lose_a_tile snake
  "${command[@]}"
  same snake
  snake_of_sheets sheets
  snake_of_sheets sheets.vrt
  note="cancelled and again, a lost tile, changed sheets of a folder and of a VRT"
}

# One of two sheets changes in place: the same command again computes the tiles that see it.
snake_of_sheets() {
  local once=(--radius 10 --tile-size 100)
  local command=(snakemake -s "$here/Snakefile" --cores 2 --quiet rules --config "input=$1"
    "output=of_$1.tif" jobs=1 memory=512 "options=${once[*]}")
  mkdir -p sheets
  gdal_translate -q -srcwin 0 0 300 300 "$dsm" sheets/west.tif
  gdal_translate -q -srcwin 300 0 300 300 "$dsm" sheets/east.tif
  gdalbuildvrt -q -overwrite sheets.vrt sheets/*.tif
  "${command[@]}"
  sleep 1 # Times of files in whole seconds.
  gdal_translate -q -scale 0 100 0 50 -srcwin 300 0 300 300 "$dsm" sheets/east.tif
  "${command[@]}"
  svf_compute "$1" once.tif --overwrite -q "${once[@]}"
  [ "$(cells "of_$1.tif")" = "$(cells once.tif)" ] || {
    echo "check.sh: other cells in of_$1.tif" >&2 && return 1
  }
}

run_xargs() {
  plan xargs
  # Without `|| exit 1`, xargs stops when a signal ends one process.
  seq 3 | xargs -P 3 -I{} sh -c 'svf_compute --plan xargs.plan.json --threads 1 --max-memory 256M || exit 1' &
  local script=$!
  until_ok has_tiles xargs 3
  still_busy xargs
  # One of three is killed: the others compute its tiles.
  kill -KILL "$(workers xargs | head -n 1)"
  fails wait "$script"
  svf_mosaic xargs.plan.json xargs.tif
  same xargs
  note="a killed process"
}

run_parallel() {
  plan parallel
  seq 3 | parallel --will-cite -j 3 -N0 --retries 3 svf_compute --plan parallel.plan.json --threads 1 --max-memory 256M &
  local script=$!
  until_ok has_tiles parallel 3
  still_busy parallel
  kill -KILL "$(workers parallel | head -n 1)"
  wait "$script"
  svf_mosaic parallel.plan.json parallel.tif
  same parallel
  note="a killed process"
}

run_ray() {
  plan ray
  python3 - <<'END'
import ray, subprocess
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=True)
def work():
    code = subprocess.run(["svf_compute", "--plan", "ray.plan.json", "--threads", "1", "--max-memory", "256M"]).returncode
    if code not in (0, 2, 3): raise RuntimeError(f"exit code {code}")
    return code
if worst := max(ray.get([work.remote() for _ in range(2)])): raise SystemExit(worst)
END
  svf_mosaic ray.plan.json ray.tif
  same ray
  note="two workers"
}

# --- all of them --------------------------------------------------------------------------------

needs() {
  case $1 in
  slurm) has sbatch slurmctld slurmd munged && { missing="root user" && [ "$(id -u)" = 0 ]; } ;;
  dask | ray) missing="$1 for python3" && python3 -c "import $1" 2>/dev/null ;;
  *) has "$1" ;;
  esac
}

has svf_tile svf_compute svf_mosaic gdal_translate || {
  echo "check.sh: $missing is not on the PATH" >&2
  exit 2
}
{
  printf 'ncols 1000\nnrows 900\nxllcorner 500000\nyllcorner 5600000\ncellsize 1\n'
  awk 'BEGIN { for (y = 0; y < 900; y++) { for (x = 0; x < 1000; x++)
    printf "%.2f ", 50 + 10 * sin(x / 40) + 8 * cos(y / 30) + (int(x / 20 + y / 25) % 7 ? 0 : 20); print "" } }'
} >dsm.asc
gdal_translate -q -a_srs EPSG:25832 -ot Float32 -co TILED=YES dsm.asc "$dsm"
svf_compute "$dsm" plain.tif "${options[@]:0:4}" >plain.log 2>&1
plain=$(cells plain.tif)

[ $# -gt 0 ] || set -- slurm dask snakemake xargs parallel ray
failures=0
for recipe; do
  if ! needs "$recipe"; then
    say "not run: this machine has no $missing"
    continue
  fi
  # A shell of its own, because `set -e` does not work within a condition.
  set +e
  (
    set -e
    trap finish EXIT
    "run_$recipe"
    echo "$note" >note
  ) >"$recipe.log" 2>&1
  code=$?
  set -e
  if [ "$code" = 0 ]; then
    say "ok: bit-equal ($(cat note))"
  else
    say "FAILED: see $recipe.log"
    failures=$((failures + 1))
  fi
done
echo "The logs are in $work"
[ "$failures" = 0 ]
