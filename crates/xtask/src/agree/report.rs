//! The page: `docs/benchmarks/agreement.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::{DIRECTIONS, RADIUS_PX, Row, Terrain};
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

Written by `cargo xtask agree`; edit the program, not this page. What the numbers mean for
you: [coming from another program](../coming-from.md).

Every program computed the same rasters with {DIRECTIONS} directions and a radius of {RADIUS_PX} cells where it
has such settings. Differences are ours less theirs over all cells at least {RADIUS_PX} cells
away from the edges; *limit* is the largest RMSE we accept on ground. Cities are shown without limits:
behind walls every rule of sampling gives another number.

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
    for (title, is_ground) in [("Ground", true), ("Cities", false)] {
        writeln!(text, "\n## {title}\n")?;
        table(&mut text, rows.iter().filter(|row| row.terrain.is_ground == is_ground))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

fn table<'a>(text: &mut String, rows: impl Iterator<Item = &'a Row<'a>>) -> Result<()> {
    writeln!(
        text,
        "| ours | theirs | raster | RMSE | limit | largest | mean | range of ours | of theirs | what makes the difference |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    for row in rows {
        let Row { case, agreement, .. } = row;
        let options = case.options.trim_start_matches("--measure ");
        let directions = if case.directions == DIRECTIONS {
            String::new()
        } else {
            format!(" -n {}", case.directions)
        };
        let limit = match row.limit() {
            None => "-".into(),
            Some(limit) if row.is_over() => format!("{limit} **exceeded**"),
            Some(limit) => limit.to_string(),
        };
        let result = if case.result == "*" { "r.horizon" } else { case.result };
        writeln!(
            text,
            "| `{options}{directions}` | {} `{result}` | {} | {:.5} | {limit} | {:.4} | {:+.5} | {:.3} to {:.3} | {:.3} to {:.3} | {} |",
            row.program,
            row.terrain.name,
            agreement.rmse(),
            agreement.largest,
            agreement.mean(),
            agreement.ours.0,
            agreement.ours.1,
            agreement.theirs.0,
            agreement.theirs.1,
            case.cause,
        )?;
    }
    Ok(())
}
