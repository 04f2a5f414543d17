//! How long the file of raw cells must be: GDAL takes cells beyond its end for zeros.

use std::path::Path;

use gdal::raster::RasterBand;
use gdal::{Dataset, Metadata};

use crate::stat::local_file;
use crate::xml::without;
use crate::{io, text_header};

/// Whether the file of an ENVI raster is too short for its header.
pub(crate) fn is_short_envi(dataset: &Dataset, band: &RasterBand<'_>, files: &[String]) -> bool {
    let needed = || {
        let before = text_header::number(files, "hdr", "header offset").unwrap_or(0);
        let is_packed = text_header::number(files, "hdr", "file compression").unwrap_or(0) != 0;
        let (cols, rows) = dataset.raster_size();
        let cells = (cols as u64).checked_mul(rows as u64)?;
        let cells = cells.checked_mul(dataset.raster_count() as u64)?;
        let bytes = cells.checked_mul(io::cell_bytes(band))?.checked_add(before)?;
        (!is_packed).then_some(bytes)
    };
    let Some(needed) = needed() else { return false };
    files.first().and_then(|file| length_of(Path::new(file))).is_some_and(|has| has < needed)
}

/// The bands of a VRT that read raw cells: their numbers, and their XML.
pub(crate) struct RawBands(Vec<(usize, String)>);

impl RawBands {
    pub(crate) fn of(vrt: &Dataset) -> Self {
        // A mask is a band within a band.
        let xml = vrt.metadata_domain("xml:VRT").unwrap_or_default().concat();
        let xml = without(&xml, "MaskBand");
        let bands = xml.split("<VRTRasterBand").skip(1).enumerate();
        let raw = bands.filter(|(_, xml)| xml.contains("VRTRawRasterBand"));
        Self(raw.map(|(i, xml)| (i + 1, xml.to_owned())).collect())
    }

    pub(crate) fn has_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a file of raw cells is too short for the VRT at `path`.
    pub(crate) fn has_short(&self, vrt: &Dataset, path: &str) -> bool {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        self.0.iter().any(|(number, xml)| is_short(vrt, *number, xml, folder))
    }
}

/// Whether the file of raw cells of a band is too short.
fn is_short(vrt: &Dataset, band: usize, xml: &str, folder: &Path) -> bool {
    let (cols, rows) = vrt.raster_size();
    let Ok(band) = vrt.rasterband(band) else { return false };
    let Some(file) = text_of(xml, "SourceFilename") else { return false };
    let Some(has) = length_of(&folder.join(file)) else { return false };
    let bytes = i128::from(io::cell_bytes(&band));
    let number = |name: &str| text_of(xml, name)?.trim().parse::<i128>().ok();
    let of_pixel = number("PixelOffset").unwrap_or(bytes);
    let of_line = number("LineOffset").unwrap_or(of_pixel.saturating_mul(cols as i128));
    // With steps back, the last byte is that of another corner.
    let last = |step: i128, count: usize| step.saturating_mul(count as i128 - 1).max(0);
    let from = number("ImageOffset").unwrap_or(0);
    let end = from.saturating_add(last(of_pixel, cols)).saturating_add(last(of_line, rows));
    end.saturating_add(bytes) > i128::from(has)
}

/// The text of the first element with a name.
fn text_of<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once("</")?.0)
}

/// Bytes of a local file.
fn length_of(path: &Path) -> Option<u64> {
    // In an archive, it is not as long as the archive.
    let path = path.to_str().filter(|path| !path.starts_with("/vsi"))?;
    let about = local_file(path)?.metadata().ok()?;
    about.is_file().then_some(about.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_texts() {
        let xml = "<A><Name x=\"1\">dem.bin</Name><Offset>12</Offset></A>";
        assert_eq!(text_of(xml, "Name"), Some("dem.bin"));
        assert_eq!(text_of(xml, "Offset"), Some("12"));
        assert_eq!(text_of(xml, "LineOffset"), None);
    }
}
