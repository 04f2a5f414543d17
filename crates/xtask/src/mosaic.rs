//! `cargo xtask mosaic-vrt`: a VRT that repeats one raster to any size, for tests
//! and measurements on rasters too large to keep.
//!
//! The file is written as text: a source per repetition, with the source's size
//! and type given, so that opening it opens nothing else. Type, NoData, scale,
//! CRS and cell size are the source band's.
//!
//! Invariant: every cell of the VRT lies in exactly one repetition.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use svf_raster::{OpenOptions, RasterInfo, Session, open_raster};

/// Repeats `source` over `rows` x `cols` cells and writes the VRT to `out`.
pub fn run(source: &str, out: &Path, rows: u64, cols: u64) -> Result<()> {
    // GDAL counts cells of a side in 31 bits.
    let sides = 1..=i32::MAX as u64;
    ensure!(sides.contains(&rows) && sides.contains(&cols), "--rows and --cols must be 1 or more");
    Session::start(&[])?;
    let reader = open_raster(source, &OpenOptions::default())?;
    let text = vrt_text(reader.info(), &source_name(source, out)?, rows, cols);
    std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{}: {cols} columns, {rows} rows", out.display());
    Ok(())
}

/// How the VRT names its source.
#[derive(Debug, PartialEq)]
enum SourceName {
    /// Seen from the VRT's folder.
    Relative(String),
    /// As it stands: another drive, or a GDAL virtual path.
    Absolute(String),
}

fn source_name(source: &str, out: &Path) -> Result<SourceName> {
    let Ok(file) = std::fs::canonicalize(source) else {
        return Ok(SourceName::Absolute(source.to_owned()));
    };
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder =
        std::fs::canonicalize(folder).with_context(|| format!("no folder {}", folder.display()))?;
    let name = |path: &Path| path.to_str().map(str::to_owned).context("the path is not UTF-8");
    Ok(match relative(&file, &folder) {
        Some(path) => SourceName::Relative(name(&path)?),
        None => SourceName::Absolute(name(&file)?),
    })
}

/// `file` as seen from `folder`, both without links; none across drives.
fn relative(file: &Path, folder: &Path) -> Option<PathBuf> {
    let (file, folder): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (file.components().collect(), folder.components().collect());
    let shared = file.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = folder[shared..].iter().map(|_| Component::ParentDir);
    Some(up.chain(file[shared..].iter().copied()).collect())
}

fn vrt_text(info: &RasterInfo, source: &SourceName, rows: u64, cols: u64) -> String {
    let grid = &info.grid;
    let transform: Vec<String> = grid.geo_transform.iter().map(f64::to_string).collect();
    let mut text = format!("<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\">\n");
    if let Some(wkt) = &grid.crs_wkt {
        line(&mut text, 1, format_args!("<SRS>{}</SRS>", escape(wkt)));
    }
    line(&mut text, 1, format_args!("<GeoTransform>{}</GeoTransform>", transform.join(", ")));
    line(&mut text, 1, format_args!("<VRTRasterBand dataType=\"{}\" band=\"1\">", info.data_type));
    if let Some(nodata) = info.nodata {
        line(&mut text, 2, format_args!("<NoDataValue>{nodata}</NoDataValue>"));
    }
    let (scale, offset) = info.scale_offset;
    if (scale, offset) != (1.0, 0.0) {
        line(&mut text, 2, format_args!("<Offset>{offset}</Offset>"));
        line(&mut text, 2, format_args!("<Scale>{scale}</Scale>"));
    }
    let (name, is_relative) = match source {
        SourceName::Relative(name) => (name, 1),
        SourceName::Absolute(name) => (name, 0),
    };
    let name = escape(name);
    for (row, height) in spans(rows, grid.rows) {
        for (col, width) in spans(cols, grid.cols) {
            line(&mut text, 2, format_args!("<SimpleSource>"));
            line(
                &mut text,
                3,
                format_args!(
                    "<SourceFilename relativeToVRT=\"{is_relative}\">{name}</SourceFilename>"
                ),
            );
            line(&mut text, 3, format_args!("<SourceBand>{}</SourceBand>", info.band));
            line(
                &mut text,
                3,
                format_args!(
                    "<SourceProperties RasterXSize=\"{}\" RasterYSize=\"{}\" DataType=\"{}\" \
                     BlockXSize=\"{}\" BlockYSize=\"{}\" />",
                    grid.cols, grid.rows, info.data_type, info.block.1, info.block.0
                ),
            );
            let size = format!("xSize=\"{width}\" ySize=\"{height}\"");
            line(&mut text, 3, format_args!("<SrcRect xOff=\"0\" yOff=\"0\" {size} />"));
            line(&mut text, 3, format_args!("<DstRect xOff=\"{col}\" yOff=\"{row}\" {size} />"));
            line(&mut text, 2, format_args!("</SimpleSource>"));
        }
    }
    line(&mut text, 1, format_args!("</VRTRasterBand>"));
    text.push_str("</VRTDataset>\n");
    text
}

/// Start and length of each repetition of `step` cells over `total`; the last may be cut.
fn spans(total: u64, step: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..total.div_ceil(step)).map(move |i| (i * step, step.min(total - i * step)))
}

fn line(text: &mut String, depth: usize, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:width$}{content}", "", width = 2 * depth);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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

    #[test]
    fn a_source_is_named_from_the_folder_of_the_vrt() {
        let seen = |file, folder| relative(Path::new(file), Path::new(folder));
        assert_eq!(seen("/a/b/c.tif", "/a/b"), Some("c.tif".into()));
        assert_eq!(seen("/a/b/c.tif", "/a/x y/z"), Some("../../b/c.tif".into()));
        assert_eq!(seen("/c.tif", "/a"), Some("../c.tif".into()));
    }

    #[test]
    fn names_are_escaped() {
        assert_eq!(escape("a & \"b\" <c>"), "a &amp; &quot;b&quot; &lt;c&gt;");
    }
}
