//! `cargo xtask mosaic-vrt`: a VRT that repeats one raster to any size, for tests
//! and measurements on rasters too large to keep.
//!
//! A source per repetition; type, NoData, scale, CRS and cell size are the source
//! band's. With `--links`, each repetition is a hard link of its own: to GDAL they are as many
//! files, as a country in sheets has.
//!
//! Invariant: every cell of the VRT lies in exactly one repetition.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use svf_kernel::tile::Window;
use svf_raster::vrt::{Vrt, VrtSource, seen_from};
use svf_raster::{BandSpec, Grid, OpenOptions, RasterInfo, Session, open_raster};

/// Repeats `source` over `rows` x `cols` cells and writes the VRT to `out`, and hard links of
/// `source` to the folder `links`.
pub fn run(source: &str, out: &Path, (rows, cols): (u64, u64), links: Option<&Path>) -> Result<()> {
    // GDAL counts cells of a side in 31 bits.
    let sides = 1..=i32::MAX as u64;
    ensure!(sides.contains(&rows) && sides.contains(&cols), "--rows and --cols must be 1 or more");
    Session::start(&[])?;
    let reader = open_raster(source, &OpenOptions::default())?;
    if let Some(links) = links {
        std::fs::create_dir_all(links)?;
    }
    let name = |row: u64, col: u64| -> Result<(String, bool)> {
        let Some(links) = links else { return Ok(seen_from(out, source)) };
        let info = reader.info();
        let (row, col) = (row / info.grid.rows, col / info.grid.cols);
        let link = links.join(format!("r{row:04}_c{col:04}.tif"));
        if !link.exists() {
            std::fs::hard_link(source, &link)
                .with_context(|| format!("cannot link {} to {source}", link.display()))?;
        }
        Ok(seen_from(out, &link.display().to_string()))
    };
    let text = vrt_text(reader.info(), &name, rows, cols)?;
    std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{}: {cols} columns, {rows} rows", out.display());
    Ok(())
}

/// The text of a VRT whose repetitions have the name that `name` gives for a place.
fn vrt_text(
    info: &RasterInfo,
    name: &dyn Fn(u64, u64) -> Result<(String, bool)>,
    rows: u64,
    cols: u64,
) -> Result<String> {
    let source = |row: u64, height: u64, col: u64, width: u64| -> Result<VrtSource> {
        let (path, relative) = name(row, col)?;
        Ok(VrtSource {
            path,
            relative,
            size: (info.grid.rows, info.grid.cols),
            block: (info.block.0 as u64, info.block.1 as u64),
            from: Window::whole(height, width),
            to: (row, col),
        })
    };
    let sources = spans(rows, info.grid.rows)
        .flat_map(|(row, height)| {
            spans(cols, info.grid.cols).map(move |(col, width)| (row, height, col, width))
        })
        .map(|(row, height, col, width)| source(row, height, col, width))
        .collect::<Result<Vec<VrtSource>>>()?;
    let band =
        BandSpec { name: String::new(), unit: String::new(), scale_offset: info.scale_offset };
    let vrt = Vrt {
        grid: &Grid { rows, cols, ..info.grid.clone() },
        data_type: if info.signed_bytes { "Byte" } else { &info.data_type },
        signed_bytes: info.signed_bytes,
        nodata: info.nodata,
        bands: &[band],
        first_source_band: info.band,
        statistics: &[],
        metadata: &[],
        sources: &sources,
    };
    Ok(vrt.text())
}

/// Start and length of each repetition of `step` cells over `total`; the last may be cut.
fn spans(total: u64, step: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..total.div_ceil(step)).map(move |i| (i * step, step.min(total - i * step)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_cover_every_cell_once() {
        for (total, step) in [(46_667, 1000), (60_834, 1000), (1000, 1000), (7, 1000), (2001, 1000)]
        {
            let mut next = 0;
            for (start, length) in spans(total, step) {
                assert_eq!(start, next);
                assert!(length > 0 && length <= step);
                next = start + length;
            }
            assert_eq!(next, total);
        }
    }
}
