#!/usr/bin/env bash
# Sky view factor of a large raster on a Slurm cluster: a plan, an array of tasks that share
# its tiles, and a job that joins them.
#
#   bash slurm.sh TASKS INPUT OUTPUT [options of svf_tile, e.g. --radius 300]
#
# All nodes must see the folders of INPUT and OUTPUT. To resume, run the same command again: it
# computes the tiles that are missing. SVF_CPUS (4) and SVF_MEMORY (4G) are what each task asks for.
# Other options of sbatch come from its own variables:
#   SVF_MEMORY=8G SBATCH_PARTITION=short SBATCH_TIMELIMIT=2:00:00 bash slurm.sh 16 city.vrt svf.tif
set -euo pipefail

# Runs a program within the allocation. It goes back into the queue if it was killed (out of
# memory) or if its time ends (USR1 comes a minute earlier): three times at most.
run() {
  local restarts=${SLURM_RESTART_COUNT:-0} requeue=no code=0
  # Slurm counts more than the program's own memory. After a kill, the program gets less.
  local memory=$((SLURM_MEM_PER_NODE * (restarts ? 2 : 3) / 4))
  "$@" --threads "$SLURM_CPUS_PER_TASK" --max-memory "${memory}M" &
  local pid=$!
  trap 'requeue=yes; kill -TERM '$pid USR1
  wait "$pid" || code=$?
  # A signal ends `wait`, not the program.
  while kill -0 "$pid" 2>/dev/null; do
    code=0
    wait "$pid" || code=$?
  done
  [ "$code" != 137 ] || requeue=yes
  if [ "$code" != 0 ] && [ "$requeue" = yes ] && [ "$restarts" -lt 3 ]; then
    echo "slurm.sh: exit code $code: back into the queue"
    scontrol requeue "$SLURM_JOB_ID"
    sleep 60 # Slurm ends this script.
  fi
  return "$code"
}

case $1 in
tiles)
  run svf_compute --plan "$2"
  exit
  ;;
join)
  # Tiles that no task finished are computed here.
  run svf_compute --plan "$2"
  run svf_mosaic "$2" "$3" --overwrite
  exit
  ;;
esac

tasks=$1 input=$2 output=$3
shift 3
cpus=${SVF_CPUS:-4}
memory=$(numfmt --from=iec --to-unit=1Mi "${SVF_MEMORY:-4G}")
limit=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
if [ "$tasks" -ge "$limit" ]; then
  # Fewer tasks do the same work: each takes the next tile until none is left.
  tasks=$((limit - 1))
  echo "slurm.sh: $tasks tasks, as many as this Slurm allows (MaxArraySize)"
fi
case $output in
/vsi*) stem=$(basename "${output%.*}") ;; # A plan and its tiles need a folder.
*) stem=${output%.*} ;;
esac

# The size of the tiles of a new plan follows from these.
svf_tile "$input" "$stem.plan.json" --overwrite --threads "$cpus" --max-memory "$((memory / 2))M" "$@"
options=(--parsable --requeue --open-mode=append --signal=B:USR1@60 --cpus-per-task="$cpus" --mem="${memory}M")
log=${stem//%/%%}
array=$(sbatch "${options[@]}" --job-name=svf_tiles --output="$log.tiles_%a.log" --array="1-$tasks" \
  "$0" tiles "$stem.plan.json")
# After all tasks, however they ended.
join=$(sbatch "${options[@]}" --job-name=svf_join --output="$log.join.log" --dependency="afterany:$array" \
  "$0" join "$stem.plan.json" "$output")
echo "slurm.sh: tasks $array, then $join; the messages are in $stem.join.log"
