//! Divides an output into several files: how many, at which rows, and their names.

use svf_raster::names::file_name;

/// The number of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// One.
    One,
    /// This number of files.
    Count(u64),
    /// One of so many files, which other processes write.
    Only {
        /// Counted from 1.
        part: u64,
        /// Number of files.
        parts: u64,
    },
    /// As few files as possible, each smaller than this number of bytes.
    MaxBytes(u64),
}

/// Where part `part` of `parts` ends, in this number of rows.
pub(crate) fn share(rows: usize, part: u64, parts: u64) -> usize {
    (rows as u128 * u128::from(part) / u128::from(parts)) as usize
}

/// The end of the rows from `next` on that fit; at least one row.
pub(crate) fn fitting(bytes: &[u64], next: usize, most: f64) -> usize {
    let mut sum = 0;
    let fits = |&&row: &&u64| {
        sum += row;
        sum as f64 <= most
    };
    next + bytes[next..].iter().take_while(fits).count().max(1)
}

impl Parts {
    /// Whether all can be in one file, which has the name of the output.
    pub(crate) fn may_be_one(self) -> bool {
        match self {
            Self::One | Self::MaxBytes(_) => true,
            Self::Count(parts) | Self::Only { parts, .. } => parts == 1,
        }
    }

    /// The largest size of a file, if there is one.
    pub(crate) fn most_bytes(self) -> Option<u64> {
        match self {
            Self::MaxBytes(most) => Some(most),
            _ => None,
        }
    }
}

/// `svf.tif` -> `svf_2.tif`; a `.vrt` is over GeoTIFFs.
pub(crate) fn part_path(path: &str, number: usize) -> String {
    let (stem, extension) = split_extension(path);
    let extension = if extension.eq_ignore_ascii_case(".vrt") { ".tif" } else { extension };
    format!("{stem}_{number}{extension}")
}

/// Whether a file of this name is the output, the VRT over its parts, or one of them.
pub(crate) fn is_file_of(output: &str, name: &str) -> bool {
    let is_it = |path: &str| file_name(path) == name;
    is_it(output)
        || is_it(&with_extension(output, ".vrt"))
        || number_of_part(name).is_some_and(|number| is_it(&part_path(output, number)))
}

/// The part that a file of this name would be, or would belong to: `svf_12.tif`, `svf_12.img.aux.xml`.
pub(crate) fn number_of_part(name: &str) -> Option<usize> {
    let (number, _) = name.rsplit_once('_')?.1.split_once('.')?;
    number.parse().ok()
}

pub(crate) fn with_extension(path: &str, extension: &str) -> String {
    format!("{}{extension}", split_extension(path).0)
}

fn split_extension(path: &str) -> (&str, &str) {
    match path.rfind('.') {
        Some(dot) if !path[dot..].contains('/') && dot > 0 => path.split_at(dot),
        _ => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_and_filled() {
        assert_eq!(part_path("a.b/svf.tif", 2), "a.b/svf_2.tif");
        let of = [
            "svf.tif",
            "svf.vrt",
            "svf_12.tif",
            "svf_x.tif",
            "svf_2.vrt",
            "sv_2.tif",
            "svf_02.tif",
        ];
        let found = of.map(|name| is_file_of("a.b/svf.tif", name));
        assert_eq!(found, [true, true, true, false, false, false, false]);
        assert_eq!(part_path("svf.vrt", 1), "svf_1.tif");
        assert_eq!(part_path("a.b/svf", 1), "a.b/svf_1");
        assert_eq!(with_extension("a.b/svf.tif", ".vrt"), "a.b/svf.vrt");
        assert_eq!(fitting(&[3, 3, 3, 3], 1, 6.5), 3);
        assert_eq!(fitting(&[3, 3, 3, 3], 1, 1.0), 2);
        assert_eq!((1..=3).map(|part| share(7, part, 3)).collect::<Vec<_>>(), [2, 4, 7]);
    }
}
