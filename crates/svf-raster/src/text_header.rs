//! Checks whether the text header of a raw raster has the lines that belong together. A header that was
//! cut short at the end of a line is still one, but often of another raster: GDAL takes usual values for
//! what is missing.

use std::io::Read;
use std::path::Path;

use crate::stat::open_file;

/// More than the length of any header; longer headers are not checked.
pub(crate) const HEADER_BYTES: u64 = 4 << 20;

/// What a header needs for its driver to read its cells as they were written.
struct Rule {
    driver: &'static str,
    /// Extension of the header.
    extension: &'static str,
    /// Lines that each header has.
    needed: &'static [&'static str],
    /// Where one of these is, all are.
    together: &'static [&'static str],
    /// Where one of these is, all of `together` are, too.
    of_place: &'static [&'static str],
    /// With a file of this extension, which has the CRS, all of `together` are there, too.
    placed: &'static str,
}

/// Sources: the formats' descriptions by NV5 (ENVI) and Esri (BIL; its cells have 8 bits if no line
/// says otherwise), Clark Labs (RST), R's package raster (RRASTER), and what SAGA and GDAL write (SAGA, PAux, ROI_PAC).
const RULES: [Rule; 7] = [
    Rule {
        driver: "ENVI",
        extension: "hdr",
        needed: &["samples", "lines", "bands", "data type", "interleave", "byte order"],
        together: &[],
        of_place: &[],
        placed: "",
    },
    Rule {
        driver: "EHdr",
        extension: "hdr",
        needed: &["nrows", "ncols"],
        together: &["ulxmap", "ulymap", "xdim", "ydim"],
        of_place: &[],
        placed: "prj",
    },
    Rule {
        driver: "ROI_PAC",
        extension: "rsc",
        needed: &["width", "file_length"],
        together: &["x_first", "y_first", "x_step", "y_step"],
        of_place: &["projection", "datum", "x_unit", "y_unit"],
        placed: "",
    },
    Rule {
        driver: "PAux",
        extension: "aux",
        needed: &["auxilarytarget", "rawdefinition", "chandefinition-1"],
        together: &["upleftx", "uplefty", "lorightx", "lorighty"],
        of_place: &[],
        placed: "",
    },
    Rule {
        driver: "RRASTER",
        extension: "grd",
        needed: &["nrows", "ncols", "xmin", "ymin", "xmax", "ymax", "projection", "datatype"],
        together: &[],
        of_place: &[],
        placed: "",
    },
    Rule {
        driver: "SAGA",
        extension: "sgrd",
        needed: &["cellsize", "nodata_value", "toptobottom"],
        together: &[],
        of_place: &[],
        placed: "",
    },
    Rule {
        driver: "RST",
        extension: "rdc",
        needed: &[
            "data type",
            "file type",
            "columns",
            "rows",
            "min. x",
            "max. x",
            "min. y",
            "max. y",
            "resolution",
            "flag value",
        ],
        together: &[],
        of_place: &[],
        placed: "",
    },
];

/// Whether the headers of a driver have lines that belong together.
pub(crate) fn has_rule(driver: &str) -> bool {
    RULES.iter().any(|rule| rule.driver == driver)
}

/// A header that lacks a line, and that line.
pub(crate) fn lacking<'a>(driver: &str, files: &'a [String]) -> Option<(&'a str, &'static str)> {
    let rule = RULES.iter().find(|rule| rule.driver == driver)?;
    let (header, text) = read(files, rule.extension)?;
    let is_placed = !rule.placed.is_empty() && with_extension(files, rule.placed).is_some();
    Some((header, rule.lacks(&text, is_placed)?))
}

/// A file that says what the cells mean and was cut short in the middle of what it says, and what is
/// wrong with it: GDAL goes on without, for example without the CRS, or with another one.
pub(crate) fn unfinished(driver: &str, files: &[String]) -> Option<(String, &'static str)> {
    let cells = files.first()?;
    // GDAL lists these files only if it could read them.
    let beside = |extension: &str| Path::new(cells).with_extension(extension).display().to_string();
    let of_crs = match driver {
        "RRASTER" => vec![beside("grd")],
        "ENVI" => with_extension(files, "hdr").cloned().into_iter().collect(),
        "AAIGrid" | "BT" | "EHdr" | "SAGA" => vec![beside("prj"), beside("PRJ")],
        _ => Vec::new(),
    };
    let of_gdal = format!("{cells}.aux.xml");
    if let Some(xml) = text_of(&of_gdal)
        && is_unfinished_xml(&xml)
    {
        return Some((of_gdal, "its XML does not end"));
    }
    let read = |file: String| Some((text_of(&file)?, file));
    let (text, file) = of_crs.into_iter().find_map(read)?;
    Some((file, cut_crs(&text)?))
}

/// What is missing of a file with a CRS in WKT, if it was cut short.
pub(crate) fn cut_crs(text: &str) -> Option<&'static str> {
    match () {
        () if text.trim().is_empty() => Some("it is empty"),
        () if begins_a_crs(text) => Some("it ends within its first word"),
        () if !is_closed(text) => Some("a bracket is not closed"),
        () => None,
    }
}

/// Whether a text is the beginning of the first word of a CRS in WKT, and no more.
fn begins_a_crs(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "PROJCS[",
        "GEOGCS[",
        "LOCAL_CS[",
        "COMPD_CS[",
        "PROJCRS[",
        "GEOGCRS[",
        "COMPOUNDCRS[",
        "ENGCRS[",
    ];
    let text = text.trim().to_ascii_uppercase();
    WORDS.iter().any(|word| word.len() > text.len() && word.starts_with(&text))
}

/// Whether all brackets are closed that are not in quotes.
fn is_closed(text: &str) -> bool {
    open_brackets(text, None).is_some_and(|open| open <= 0)
}

/// How many brackets are open at the end of a text; none if it ends within quotes. The sign after
/// `escape` within quotes ends none.
pub(crate) fn open_brackets(text: &str, escape: Option<char>) -> Option<i64> {
    let (mut open, mut is_quoted, mut is_escaped) = (0_i64, false, false);
    for sign in text.chars() {
        match sign {
            _ if is_escaped => is_escaped = false,
            _ if is_quoted && Some(sign) == escape => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '[' | '{' if !is_quoted => open += 1,
            ']' | '}' if !is_quoted => open -= 1,
            _ => {}
        }
    }
    (!is_quoted).then_some(open)
}

/// Whether this is the beginning only of what GDAL keeps beside a raster (`.aux.xml`).
fn is_unfinished_xml(text: &str) -> bool {
    const ROOT: &str = "<PAMDataset";
    let text = text.trim();
    match text.find(ROOT) {
        Some(at) => {
            let is_without_content = text[at..]
                .find('>')
                .is_some_and(|end| at + end + 1 == text.len() && text.ends_with("/>"));
            !text.ends_with("</PAMDataset>") && !is_without_content
        }
        None => text.is_empty() || ROOT.starts_with(text),
    }
}

/// The header of a BIL raster that does not say how many bits a cell has: then it has 8.
pub(crate) fn without_bits<'a>(driver: &str, files: &'a [String]) -> Option<&'a str> {
    let (header, text) = if driver == "EHdr" { read(files, "hdr")? } else { return None };
    let is_without = !text.lines().filter_map(name_of).any(|name| name == "nbits");
    let is_eight = with_extension(files, "flt").is_none_or(|file| Some(file) != files.first());
    (is_without && is_eight).then_some(header)
}

/// More than the length of a header before cells that are text.
const HEADER_OF_CELLS_BYTES: u64 = 4096;

/// Names of the numbers of columns and rows in headers of text, and where these are; in the file of
/// the cells if there is no extension.
const SIZES: [(&str, &str, [&str; 2]); 9] = [
    ("AAIGrid", "", ["ncols", "nrows"]),
    ("GRASSASCIIGrid", "", ["cols:", "rows:"]),
    ("ISG", "", ["ncols", "nrows"]),
    ("EHdr", "hdr", ["ncols", "nrows"]),
    ("ENVI", "hdr", ["samples", "lines"]),
    ("ROI_PAC", "rsc", ["width", "file_length"]),
    ("RRASTER", "grd", ["ncols", "nrows"]),
    ("RST", "rdc", ["columns", "rows"]),
    ("SAGA", "sgrd", ["cellcount_x", "cellcount_y"]),
];

/// A header that does not have the numbers of columns and rows that GDAL took from it, and the line
/// with the other one: GDAL reads `1e308` as 1.
pub(crate) fn other_size<'a>(
    driver: &str,
    files: &'a [String],
    (cols, rows): (usize, usize),
) -> Option<(&'a str, String)> {
    let (_, extension, names) = SIZES.iter().find(|(name, ..)| *name == driver)?;
    let (header, text) = match extension.is_empty() {
        true => (files.first()?.as_str(), beginning_of(files.first()?, HEADER_OF_CELLS_BYTES)?),
        false => read(files, extension)?,
    };
    let value_of = |name: &str| match extension.is_empty() {
        true => word_after(&text, name),
        false => {
            let line = text.lines().find(|line| name_of(line).as_deref() == Some(name))?;
            let value = line.trim_start().get(name.len()..)?;
            value.trim_start().trim_start_matches(['=', ':']).split_whitespace().next()
        }
    };
    let line = names.iter().zip([cols, rows]).find_map(|(name, size)| {
        let value = value_of(name)?;
        // 3.0 is 3.
        let is_it = value.parse() == Ok(size as f64);
        (!is_it).then(|| format!("{name} {value}"))
    })?;
    Some((header, line))
}

/// The word after a name, with or without a sign between them.
fn word_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut words = text.split(|sign: char| sign.is_whitespace() || sign == '=');
    words.find(|word| word.eq_ignore_ascii_case(name))?;
    words.find(|word| !word.is_empty())
}

/// The number that a header has for a name.
pub(crate) fn number(files: &[String], extension: &str, name: &str) -> Option<u64> {
    let (_, text) = read(files, extension)?;
    let line = text.lines().find(|line| name_of(line).as_deref() == Some(name))?;
    line.split_once('=')?.1.trim().parse().ok()
}

fn with_extension<'a>(files: &'a [String], extension: &str) -> Option<&'a String> {
    files.iter().find(|path| {
        Path::new(path.as_str()).extension().is_some_and(|e| e.eq_ignore_ascii_case(extension))
    })
}

fn read<'a>(files: &'a [String], extension: &str) -> Option<(&'a str, String)> {
    let header = with_extension(files, extension)?;
    Some((header, text_of(header)?))
}

/// The text of a local file that can be read.
fn text_of(file: &str) -> Option<String> {
    beginning_of(file, HEADER_BYTES)
}

/// The text of its first bytes.
fn beginning_of(file: &str, most_bytes: u64) -> Option<String> {
    let mut bytes = Vec::new();
    open_file(file).ok()?.take(most_bytes).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

impl Rule {
    /// The first line that is missing.
    fn lacks(&self, header: &str, is_placed: bool) -> Option<&'static str> {
        let names: Vec<String> = header.lines().filter_map(name_of).collect();
        let has = |name: &&&str| names.iter().any(|other| other == **name);
        // GridFloat, which GDAL reads with the same driver, has other names for it.
        let is_grid_float = ["cellsize", "xllcorner", "xllcenter"].iter().any(|name| has(&name));
        let needs_all = !is_grid_float
            && (is_placed || self.together.iter().chain(self.of_place).any(|name| has(&name)));
        let missing =
            |lines: &'static [&'static str]| lines.iter().find(|name| !has(name)).copied();
        missing(self.needed).or_else(|| if needs_all { missing(self.together) } else { None })
    }
}

/// The name of a line that has a value: what is before "=" or a colon, or the first word.
fn name_of(line: &str) -> Option<String> {
    let parts = line.split_once('=').or_else(|| line.split_once(':'));
    let (name, value) = parts.or_else(|| line.trim().split_once(char::is_whitespace))?;
    (!value.trim().is_empty()).then(|| name.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_end_in_the_middle() {
        for whole in [
            "<PAMDataset>\n  <SRS>x</SRS>\n</PAMDataset>\n",
            "<?xml version=\"1.0\"?>\n<PAMDataset />",
            "<metadata><idinfo>",
        ] {
            assert!(!is_unfinished_xml(whole), "{whole}");
        }
        for cut in
            ["", "<PAMD", "<PAMDataset", "<PAMDataset>\n  <SRS/>", "<PAMDataset>\n</PAMDataset"]
        {
            assert!(is_unfinished_xml(cut), "{cut}");
        }
        assert!(is_closed("map info = {UTM, 1}\nPROJCS[\"a]{\",GEOGCS[\"b\"]]") && is_closed(""));
        for cut in ["map info = {UTM, 1", "PROJCS[\"a\",GEOGCS[\"b\"]", "PROJCS[\"a"] {
            assert!(!is_closed(cut), "{cut}");
        }
    }

    #[test]
    fn the_size_of_a_header_is_that_of_the_raster() {
        let dir = tempfile::tempdir().unwrap();
        let said = |driver: &str, name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let files = [path.display().to_string()];
            other_size(driver, &files, (3, 2)).map(|(_, line)| line)
        };
        for (driver, name, right, wrong, line) in [
            ("AAIGrid", "a.asc", "ncols 3\nnrows 2\n1 2 3", "NCOLS  3 nrows 2e9", "nrows 2e9"),
            ("GRASSASCIIGrid", "g.asc", "rows: 2\ncols: 3", "rows: 2\ncols: 1e308", "cols: 1e308"),
            ("ISG", "i.isg", "nrows = 2\nncols = 3.0", "nrows = 2\nncols = 3x", "ncols 3x"),
            ("EHdr", "e.hdr", "nrows 2\nncols 3", "nrows 02\nncols +3.5", "ncols +3.5"),
            ("ENVI", "v.hdr", "samples = 3\nlines=2", "samples = 3e0\nlines = 2e1", "lines 2e1"),
            ("ROI_PAC", "r.rsc", "WIDTH 3\nFILE_LENGTH 2", "WIDTH 1e9", "width 1e9"),
            ("RRASTER", "r.grd", "nrows=2\nncols= 3", "nrows=nan", "nrows nan"),
            ("RST", "r.rdc", "columns     : 3\nrows        : 2", "rows : inf", "rows inf"),
            ("SAGA", "s.sgrd", "CELLCOUNT_X\t= 3", "CELLCOUNT_Y\t= 2.5", "cellcount_y 2.5"),
        ] {
            assert_eq!(said(driver, name, right), None, "{driver}");
            assert_eq!(said(driver, name, wrong).as_deref(), Some(line), "{driver}");
        }
    }

    #[test]
    fn lines_that_belong_together_are_all_there() {
        let [envi, ehdr, roi_pac, paux, rraster, saga, rst] = &RULES;
        let whole = "ENVI\nsamples = 3\nlines   = 2\nbands = 1\ndata type = 4\ninterleave = bsq\n\
                     byte order = 0\n";
        assert_eq!(envi.lacks(whole, false), None);
        let cut = |text: &str, lines: usize| -> String {
            text.lines().take(lines).map(|line| format!("{line}\n")).collect()
        };
        for (lines, missing) in
            [(6, "byte order"), (5, "interleave"), (4, "data type"), (3, "bands"), (1, "samples")]
        {
            assert_eq!(envi.lacks(&cut(whole, lines), false), Some(missing), "{lines} lines");
        }
        let whole =
            "NROWS 2\nNCOLS 3\nNBITS 32\nPIXELTYPE FLOAT\nULXMAP 1.5\nULYMAP 2.5\nXDIM 2\nYDIM 2\n";
        for is_placed in [false, true] {
            assert_eq!(ehdr.lacks(whole, is_placed), None);
            for (lines, missing) in [(7, "ydim"), (6, "xdim"), (5, "ulymap"), (1, "ncols")] {
                assert_eq!(ehdr.lacks(&cut(whole, lines), is_placed), Some(missing));
            }
        }
        // Without a place, a header is whole unless there is a CRS.
        assert_eq!(ehdr.lacks(&cut(whole, 4), false), None);
        assert_eq!(ehdr.lacks(&cut(whole, 4), true), Some("ulxmap"));
        let grid_float =
            "ncols 3\nnrows 2\nxllcorner 1\nyllcorner 2\ncellsize 2\nbyteorder LSBFIRST\n";
        assert_eq!(ehdr.lacks(grid_float, true), None);
        // The CRS is there, and the place is not.
        let whole = "WIDTH 3\nFILE_LENGTH 2\nPROJECTION UTM32\nDATUM WGS84\nX_FIRST 1\nX_STEP 1\n\
                     Y_FIRST 2\nY_STEP -1\n";
        assert_eq!(roi_pac.lacks(whole, false), None);
        assert_eq!(roi_pac.lacks(&cut(whole, 7), false), Some("y_step"));
        assert_eq!(roi_pac.lacks(&cut(whole, 3), false), Some("x_first"));
        assert_eq!(roi_pac.lacks(&cut(whole, 2), false), None);
        let whole = "AuxilaryTarget: p.raw\nRawDefinition: 3 2 1\nChanDefinition-1: 32R 0 4 12 Swapped\n\
                     UpLeftX: 1\nUpLeftY: 2\nLoRightX: 3\nLoRightY: 4\n";
        assert_eq!(paux.lacks(whole, false), None);
        assert_eq!(paux.lacks(&cut(whole, 6), false), Some("lorighty"));
        assert_eq!(paux.lacks(&cut(whole, 2), false), Some("chandefinition-1"));
        let whole = "[data]\ndatatype=FLT4S\n[georeference]\nnrows=2\nncols=3\nxmin=0\nymin=0\n\
                     xmax=3\nymax=2\nprojection=+proj=utm +zone=33\n";
        assert_eq!(rraster.lacks(whole, false), None);
        assert_eq!(rraster.lacks(&cut(whole, 9), false), Some("projection"));
        let whole = "file format : IDRISI Raster A.1\ndata type   : real\nfile type   : binary\n\
                     columns     : 3\nrows        : 2\nref. system : utm-32n\nmin. X      : 1\n\
                     max. X      : 4\nmin. Y      : 2\nmax. Y      : 4\n\
                     resolution  : 1\nflag value  : none\n";
        assert_eq!(rst.lacks(whole, false), None);
        for (lines, missing) in [
            (11, "flag value"),
            (10, "resolution"),
            (9, "max. y"),
            (7, "max. x"),
            (6, "min. x"),
            (3, "columns"),
        ] {
            assert_eq!(rst.lacks(&cut(whole, lines), false), Some(missing));
        }
        let whole =
            "NAME\t= a\nUNIT\t=\nCELLSIZE\t= 1.0\nNODATA_VALUE\t= -9999\nTOPTOBOTTOM\t= FALSE\n";
        assert_eq!(saga.lacks(whole, false), None);
        assert_eq!(saga.lacks(&cut(whole, 4), false), Some("toptobottom"));
        assert_eq!(saga.lacks(&cut(whole, 3), false), Some("nodata_value"));
    }
}
