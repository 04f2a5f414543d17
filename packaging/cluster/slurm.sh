#!/usr/bin/env bash
# Sky view factor of a large raster on a Slurm cluster: plan, an array job over
# the tiles, join.
#
#   bash slurm.sh PARTS INPUT OUTPUT [options of svf_tile, e.g. --radius 300]
#
# Run it in a folder that all nodes share. A task that is requeued (a node that
# died, a preemption) goes on with the tiles that its part still lacks. Options of
# sbatch (partition, account, time) come from SBATCH_* variables, as in
#   SBATCH_PARTITION=short SBATCH_TIMELIMIT=2:00:00 bash slurm.sh 16 city.vrt svf.tif
set -euo pipefail
parts=$1 input=$2 output=$3
shift 3
cpus=${SVF_CPUS:-4} memory=${SVF_MEMORY:-4G}
plan=$(basename "${output%.*}").plan.json

svf_tile "$input" "$plan" --max-memory "$memory" "$@"
array=$(sbatch --parsable --requeue --job-name=svf_tiles --output=svf_tiles_%a.log --open-mode=append \
  --array="1-$parts" --cpus-per-task="$cpus" --mem="$memory" \
  --wrap="exec svf_compute --plan '$plan' --tile-part \$SLURM_ARRAY_TASK_ID/$parts --threads $cpus --max-memory $memory")
sbatch --parsable --requeue --job-name=svf_mosaic --output=svf_mosaic.log --dependency="afterok:$array" \
  --cpus-per-task="$cpus" --mem="$memory" \
  --wrap="exec svf_mosaic '$plan' '$output' --overwrite --threads $cpus --max-memory $memory"
