//! Commands of GDAL's programs that correct a raster, for hints.

/// What a command should correct: a file, or many files that are read as one raster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name that the user gave.
    pub path: String,
    /// Its files, if there are many.
    pub parts: Vec<String>,
    /// GDAL's name of its format.
    pub driver: String,
    /// Whether a NoData value is declared.
    pub has_nodata: bool,
}

impl Source {
    /// The command that resamples it to another grid: `target` are options of gdalwarp, ` -t_srs
    /// ...`.
    pub fn warp(&self, target: &str, output: &str) -> String {
        // Cells that gdalwarp leaves empty must not become ground at height 0.
        let nodata = if self.has_nodata { "" } else { " -ot Float32 -dstnodata -9999" };
        format!("gdalwarp{target} -r bilinear{nodata} {} {output}", self.files())
    }

    /// The command that sets the CRS, in a new file whose name is `output` plus an extension.
    pub fn assign_crs(&self, crs: &str, output: &str) -> String {
        match &self.parts[..] {
            [] => format!("gdal_translate -a_srs {crs} {} {output}.tif", quoted(&self.path)),
            _ => format!("gdalbuildvrt -a_srs {crs} {output}.vrt {}", self.files()),
        }
    }

    /// The command that sets the corners: left, top, right and bottom.
    pub fn assign_corners(&self, corners: [f64; 4], output: &str) -> String {
        let corners = corners.map(|side| side.to_string()).join(" ");
        format!("gdal_translate -a_ullr {corners} {} {output}.tif", self.file())
    }

    /// Sets it in the file itself, if the format allows it.
    pub fn edit_crs(&self, crs: &str) -> String {
        match self.is_editable() {
            true => format!("gdal_edit.py -a_srs {crs} {}", quoted(&self.path)),
            false => format!(
                "gdal_translate -a_srs {crs} {} {}",
                quoted(&self.path),
                quoted(&beside(&self.path, "crs"))
            ),
        }
    }

    /// The command that declares a NoData value: in the file itself, if the format allows it.
    pub fn declare_nodata(&self, value: &str) -> String {
        match &self.parts[..] {
            [] if self.is_editable() => {
                format!("gdal_edit.py -a_nodata {value} {}", quoted(&self.path))
            }
            [] => format!(
                "gdal_translate -a_nodata {value} {} {}",
                quoted(&self.path),
                quoted(&beside(&self.path, "nodata"))
            ),
            _ => format!(
                "gdalbuildvrt -srcnodata {value} -vrtnodata {value} nodata.vrt {}",
                self.files()
            ),
        }
    }

    /// Its files as arguments of a command. If there are many, it is the pattern of all files
    /// of their folder, or else their number in angle brackets.
    pub fn files(&self) -> String {
        const MOST: usize = 16;
        if self.parts.len() > MOST {
            let folder_and_ending = |path: &str| {
                let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
                Some((folder.to_owned(), name.rsplit_once('.')?.1.to_owned()))
            };
            let first = folder_and_ending(&self.parts[0]);
            return match first {
                Some((folder, ending))
                    if self.parts.iter().all(|path| {
                        folder_and_ending(path) == Some((folder.clone(), ending.clone()))
                    }) =>
                {
                    format!("{}/*.{ending}", quoted(&folder))
                }
                _ => format!("<the {} files>", self.parts.len()),
            };
        }
        match &self.parts[..] {
            [] => quoted(&self.path),
            parts => parts.iter().map(|part| quoted(part)).collect::<Vec<_>>().join(" "),
        }
    }

    /// The name of the single file of a command. If there are many files, a placeholder for each
    /// of them.
    pub fn file(&self) -> String {
        if self.parts.is_empty() { quoted(&self.path) } else { "FILE".to_owned() }
    }

    /// Whether gdal_edit.py can change such a file. Most formats cannot be changed after they
    /// were written.
    fn is_editable(&self) -> bool {
        ["GTiff", "HFA"].contains(&self.driver.as_str())
    }
}

/// A file name, quoted for a shell.
pub fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:+=,@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// Name of a corrected file, which is always a GeoTIFF: `a/b.asc` becomes `a/b_WORD.tif`.
pub(crate) fn beside(path: &str, word: &str) -> String {
    let stem = match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => stem,
        _ => path,
    };
    format!("{stem}_{word}.tif")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, driver: &str) -> Source {
        let (path, driver) = (path.to_owned(), driver.to_owned());
        Source { path, parts: Vec::new(), driver, has_nodata: false }
    }

    #[test]
    fn a_file_that_cannot_be_edited_is_translated() {
        let (tif, xyz) = (one("a b/dem.tif", "GTiff"), one("a/dem.xyz", "XYZ"));
        assert_eq!(tif.declare_nodata("-1"), "gdal_edit.py -a_nodata -1 'a b/dem.tif'");
        assert_eq!(tif.edit_crs("EPSG:1"), "gdal_edit.py -a_srs EPSG:1 'a b/dem.tif'");
        let line = "gdal_translate -a_nodata -1 a/dem.xyz a/dem_nodata.tif";
        assert_eq!(xyz.declare_nodata("-1"), line);
        let line = "gdal_translate -a_srs EPSG:1 a/dem.xyz a/dem_crs.tif";
        assert_eq!(xyz.edit_crs("EPSG:1"), line);
        for driver in ["AAIGrid", "GSBG", "GSAG", "netCDF", "PNG", "VRT", "SRTMHGT", "GPKG"] {
            assert!(one("dem", driver).declare_nodata("0").starts_with("gdal_translate "));
        }
    }

    #[test]
    fn many_files_are_arguments_and_a_folder_is_none() {
        let files = |parts: &[&str]| Source {
            parts: parts.iter().map(|part| (*part).to_owned()).collect(),
            has_nodata: true,
            ..one("tiles", "files")
        };
        let two = files(&["tiles/a.tif", "tiles/b c.tif"]);
        assert_eq!(
            two.warp(" -t_srs X", "o.tif"),
            "gdalwarp -t_srs X -r bilinear tiles/a.tif 'tiles/b c.tif' o.tif"
        );
        let three = files(&["a.tif", "b.tif", "c.tif"]);
        assert_eq!(three.assign_crs("X", "o"), "gdalbuildvrt -a_srs X o.vrt a.tif b.tif c.tif");
        let line = "gdalbuildvrt -srcnodata 7 -vrtnodata 7 nodata.vrt a.tif b.tif c.tif";
        assert_eq!(three.declare_nodata("7"), line);
        let names = |folder: &str| -> Vec<String> {
            (0..40).map(|i| format!("{folder}/t{i}.tif")).collect()
        };
        let of =
            |names: &[String]| files(&names.iter().map(String::as_str).collect::<Vec<_>>()).files();
        assert_eq!(of(&names("my tiles")), "'my tiles'/*.tif");
        assert_eq!(of(&[names("a"), names("b")].concat()), "<the 80 files>");
        assert_eq!((three.file(), one("a b", "GTiff").file()), ("FILE".into(), "'a b'".into()));
    }

    #[test]
    fn names_of_mended_files() {
        assert_eq!(beside("a/b.tif", "fits"), "a/b_fits.tif");
        assert_eq!(beside("a/b.asc", "fits"), "a/b_fits.tif");
        assert_eq!(beside("a.d/b", "fits"), "a.d/b_fits.tif");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
