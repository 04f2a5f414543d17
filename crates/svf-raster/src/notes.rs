//! Notes beside a raster (`.aux.xml`): GDAL's programs write there what they find out, such as
//! statistics, and what the raster's format has no place for, such as NoData. Only some of it decides
//! cells.

use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::session::looking_aside;
use crate::stat::read_text;
use crate::whole::with_option;
use crate::xml::{attribute, elements, without, without_empty};

/// How bands are called, are shown, and are spread.
const OF_LOOKS: [&str; 6] = [
    "Histograms",
    "Description",
    "ColorInterp",
    "ColorTable",
    "CategoryNames",
    "GDALRasterAttributeTable",
];

/// The metadata that decides cells: for bands together, of the type, of coarser copies. Drivers also
/// copy there what is in the raster's header.
const DECIDING: [&str; 3] = ["NODATA_VALUES", "PIXELTYPE", "OVERVIEW_FILE"];

/// What of notes can decide cells; none if nothing does. `path` is that of the notes.
pub(crate) fn content_of_notes(path: &str) -> Option<String> {
    let text = read_text(path).ok()?;
    let mut text = OF_LOOKS.iter().fold(text, |text, name| without(&text, name));
    for at in elements(&text, "MDI").into_iter().rev() {
        let decides = |key| DECIDING.contains(&key);
        if !attribute(&text[at.clone()], "key").is_some_and(decides) {
            text.replace_range(at, "");
        }
    }
    for at in elements(&text, "Metadata").into_iter().rev() {
        // What a header has as XML.
        let tag = text[at.clone()].split_once('>').map_or("", |(tag, _)| tag);
        if attribute(tag, "format").is_some_and(|format| format == "xml") {
            text.replace_range(at, "");
        }
    }
    for name in repeated(path, &text) {
        text = without(&text, name);
    }
    for name in ["Metadata", "PAMRasterBand"] {
        text = without_empty(&text, name);
    }
    let name = |tag: &str| tag.split([' ', '>']).next().unwrap_or_default().to_owned();
    const EMPTY: [&str; 8] = [
        "",
        "?xml",
        "PAMDataset",
        "/PAMDataset",
        "Subdataset",
        "/Subdataset",
        "Metadata",
        "/Metadata",
    ];
    let says_more = text.split('<').map(str::trim).any(|tag| !EMPTY.contains(&&*name(tag)));
    says_more.then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a raster says about itself, by the name of the element for it in the notes.
type Said = [(&'static str, Vec<String>); 6];

/// The elements that say again what the raster says itself: some drivers copy it to the notes together
/// with statistics.
fn repeated(path: &str, text: &str) -> Vec<&'static str> {
    const ELEMENTS: [&str; 6] =
        ["NoDataValue", "Offset", "Scale", "UnitType", "SRS", "GeoTransform"];
    let Some(raster) = path.strip_suffix(".aux.xml") else { return Vec::new() };
    if ELEMENTS.iter().all(|name| elements(text, name).is_empty()) {
        return Vec::new();
    }
    let with = said(raster);
    let alone = with_option("GDAL_PAM_ENABLED", "NO", || said(raster));
    let (Some(with), Some(alone)) = (with, alone) else { return Vec::new() };
    let same = with.into_iter().zip(alone).filter(|(with, alone)| with == alone);
    same.map(|((name, _), _)| name).collect()
}

/// What a raster says, with its notes if GDAL may read them.
fn said(raster: &str) -> Option<Said> {
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_RASTER, ..DatasetOptions::default() };
    let dataset = looking_aside(|| Dataset::open_ex(raster, options)).ok()?;
    let bands: Vec<_> = dataset.rasterbands().flatten().collect();
    let place = dataset.geo_transform().ok();
    Some([
        ("NoDataValue", bands.iter().map(|band| format!("{:?}", band.no_data_value())).collect()),
        ("Offset", bands.iter().map(|band| format!("{:?}", band.offset())).collect()),
        ("Scale", bands.iter().map(|band| format!("{:?}", band.scale())).collect()),
        ("UnitType", bands.iter().map(gdal::raster::RasterBand::unit).collect()),
        ("SRS", vec![dataset.projection()]),
        ("GeoTransform", vec![format!("{place:?}")]),
    ])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn notes(inner: &str) -> String {
        format!(
            "<PAMDataset>\n  <PAMRasterBand band=\"1\">\n{inner}\n  </PAMRasterBand>\n</PAMDataset>\n"
        )
    }

    #[test]
    fn notes_count_without_what_programs_find_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tif.aux.xml").display().to_string();
        let says = |inner: &str| {
            fs::write(&path, notes(inner)).unwrap();
            content_of_notes(&path)
        };
        let statistics = "<Metadata>\n<MDI key=\"STATISTICS_MEAN\">3</MDI>\n</Metadata>";
        let histogram = "<Histograms><HistItem><HistMin>1</HistMin></HistItem></Histograms>";
        let header =
            "<Metadata domain=\"ENVI\"><MDI key=\"data_ignore_value\">-9999</MDI></Metadata>";
        let xml = "<Metadata domain=\"xml:gml.root-instance\" format=\"xml\"><gml:a><b>1</b></gml:a></Metadata>";
        let place = "<Metadata><MDI key=\"AREA_OR_POINT\">Point</MDI></Metadata>";
        assert_eq!(says(""), None);
        assert_eq!(says(&format!("{histogram}{statistics}{header}{xml}{place}")), None);
        let nodata = "<NoDataValue>7</NoDataValue>";
        let only = says(nodata);
        assert!(only.is_some());
        assert_eq!(says(&format!("{histogram}\n{nodata}\n{statistics}")), only);
        assert_ne!(says("<NoDataValue>8</NoDataValue>"), only);
        let values = "<Metadata><MDI key=\"NODATA_VALUES\">7</MDI></Metadata>";
        assert!(says(values).is_some());
        let signed = "<Metadata domain=\"IMAGE_STRUCTURE\"><MDI key=\"PIXELTYPE\">SIGNEDBYTE</MDI></Metadata>";
        assert!(says(signed).is_some());
    }

    /// Of a raster whose header says that -9999 is NoData, and that has a place.
    #[test]
    fn what_the_raster_says_itself_does_not_count_in_notes() {
        let dir = tempfile::tempdir().unwrap();
        let raster = dir.path().join("a.bin");
        fs::write(&raster, [0; 24]).unwrap();
        let header = "ENVI\nsamples = 3\nlines = 2\nbands = 1\nheader offset = 0\ndata type = 4\n\
                      interleave = bsq\nbyte order = 0\ndata ignore value = -9999\n";
        fs::write(dir.path().join("a.hdr"), header).unwrap();
        let path = raster.display().to_string() + ".aux.xml";
        let says = |inner: &str| {
            fs::write(&path, notes(inner)).unwrap();
            content_of_notes(&path)
        };
        let again = "<NoDataValue>-9.99900000000000E+03</NoDataValue>";
        assert_eq!(says(again), None);
        let other = says("<NoDataValue>7</NoDataValue>");
        assert!(other.is_some());
        let scale = says(&format!("{again}<Scale>2</Scale>"));
        assert_eq!(scale, says("<Scale>2</Scale>"));
        assert!(scale.is_some());
        // The notes of a raster that cannot be opened are taken as they are.
        fs::remove_file(&raster).unwrap();
        assert!(says(again).is_some());
    }
}
