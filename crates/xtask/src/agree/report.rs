//! The page: `docs/benchmarks/agreement.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::{DIRECTIONS, RADIUS_PX, Row, TRANSMISSIVITY, TRUNK_RATIO, Terrain};
use crate::machine::Machine;

/// Writes the page.
pub fn write(
    path: &Path,
    our_version: &str,
    versions: &BTreeMap<&str, String>,
    terrains: &[Terrain],
    rows: &[Row<'_>],
) -> Result<()> {
    let machine = Machine::here();
    let mut text = format!(
        "# Agreement with other programs

This page is written by `cargo xtask agree`: edit the program, not the page.
[Coming from another program](../coming-from.md) explains what the numbers mean for you.

All programs computed the same rasters, with {DIRECTIONS} directions and a radius of {RADIUS_PX} cells if they have these
settings. Some programs have no radius and look as far as the raster goes; then svf_compute did the same (*any radius*).
A difference is the value of svf_compute minus that of the other program. RMSE, *largest* and *mean* are over all cells at least {RADIUS_PX} cells
away from the edges; *limit* is the largest RMSE that the project accepts on ground. Cities have no limit, because
behind walls each sampling rule gives another number. The raster *city* is the synthetic city of
`cargo xtask sample`; *trees.tif* has round crowns on its open ground.

| | |
|---|---|
| date | {} |
| ours | {our_version} |
",
        machine.date,
    );
    for (name, version) in versions {
        writeln!(text, "| {name} | {version} |")?;
    }
    for terrain in terrains {
        let kind = if terrain.is_ground { "ground" } else { "city" };
        writeln!(text, "| {kind} | {}: {} |", terrain.name, terrain.cells)?;
    }
    let mut causes = Vec::new();
    for (title, is_ground) in [("Ground", true), ("Cities", false)] {
        writeln!(text, "\n## {title}\n")?;
        let rows = rows.iter().filter(|row| row.terrain.is_ground == is_ground);
        table(&mut text, rows, &mut causes)?;
    }
    writeln!(text, "\n## Reasons for the differences\n")?;
    for (number, cause) in causes.iter().enumerate() {
        writeln!(text, "{}. {cause}.", number + 1)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

/// Rows as a table; `causes` collects the causes, which the last column counts.
fn table<'a>(
    text: &mut String,
    rows: impl Iterator<Item = &'a Row<'a>>,
    causes: &mut Vec<&'a str>,
) -> Result<()> {
    writeln!(
        text,
        "| ours | theirs | raster | RMSE | limit | largest | mean | range of ours | of theirs | why |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    for row in rows {
        let Row { case, agreement, .. } = row;
        let mut options = case.options.trim_start_matches("--measure ").to_owned();
        if case.directions != DIRECTIONS {
            write!(options, " -n {}", case.directions)?;
        }
        if case.canopy {
            write!(
                options,
                " --canopy trees.tif --trunk-ratio {TRUNK_RATIO} --transmissivity {TRANSMISSIVITY}"
            )?;
        }
        let reach = if case.unbounded { ", any radius" } else { "" };
        let limit = match row.limit() {
            None => "-".into(),
            Some(limit) if row.is_over() => format!("{limit} **exceeded**"),
            Some(limit) => limit.to_string(),
        };
        let result = if case.result == "*" { "r.horizon" } else { case.result };
        let why = causes.iter().position(|&cause| cause == case.cause).unwrap_or_else(|| {
            causes.push(case.cause);
            causes.len() - 1
        });
        writeln!(
            text,
            "| `{options}`{reach} | {} `{result}` | {} | {:.5} | {limit} | {:.4} | {:+.5} | {:.3} to {:.3} | {:.3} to {:.3} | {} |",
            row.program,
            row.terrain.name,
            agreement.rmse(),
            agreement.largest,
            agreement.mean(),
            agreement.ours.0,
            agreement.ours.1,
            agreement.theirs.0,
            agreement.theirs.1,
            why + 1,
        )?;
    }
    Ok(())
}
