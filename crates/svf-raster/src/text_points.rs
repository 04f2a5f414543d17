//! Whether a text file was cut short: GDAL reads the points that are left (XYZ) as a smaller raster, and
//! takes the last cell of a grid (AAIGrid) for 0.

use std::io::{Read, Seek, SeekFrom};

use crate::grid::Grid;
use crate::stat::open_file;

const TAIL_BYTES: u64 = 4096;
const MOST_TAIL_BYTES: u64 = 16 << 20;
/// A number with its blank is seldom longer.
const LONGEST_NUMBER_BYTES: u64 = 32;

/// Whether the last row of a file with a line for each row has too few of its `cols` cells. Nothing
/// is known of files whose rows are in several lines.
pub(crate) fn lacks_cells(path: &str, cols: usize) -> bool {
    // Enough for the last two lines and the line break before them.
    let words_of = |line: &str| line.split_ascii_whitespace().count();
    let most_bytes = (cols as u64).saturating_mul(2 * LONGEST_NUMBER_BYTES).min(MOST_TAIL_BYTES);
    let tail = tail_of(path, most_bytes.max(TAIL_BYTES)).unwrap_or_default();
    let mut lines = tail.lines().rev().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next(), lines.next()) {
        (Some(last), Some(before), Some(_)) => words_of(before) == cols && words_of(last) < cols,
        _ => false,
    }
}

/// Whether the file of a raster on a grid ends within a line, or within a row of points without a line
/// break at its end. A cut after a line break cannot be seen.
pub(crate) fn ends_within_a_row(path: &str, grid: &Grid) -> bool {
    let tail = tail_of(path, TAIL_BYTES).unwrap_or_default();
    if tail.ends_with(['\n', '\r']) {
        return false;
    }
    let mut lines = tail.lines().rev().filter(|line| !line.trim().is_empty()).map(numbers_of);
    let (Some(last), Some(before), Some(first)) = (lines.next(), lines.next(), lines.next()) else {
        return false;
    };
    if last.len() < before.len() {
        return true;
    }
    // The axis along which points follow each other, and whether upwards: one of these pairs is
    // within a row.
    let moves = |(from, to): (&[f64], &[f64])| {
        let by = |axis: usize| Some(to.get(axis)? - from.get(axis)?).filter(|by| *by != 0.0);
        match (by(0), by(1)) {
            (Some(by), None) => Some((0, by > 0.0)),
            (None, Some(by)) => Some((1, by > 0.0)),
            _ => None,
        }
    };
    let pairs = [(&before[..], &last[..]), (&first[..], &before[..])];
    let Some((axis, is_up)) = pairs.into_iter().find_map(moves) else { return false };
    let [left, dx, _, top, _, dy] = grid.geo_transform;
    let (from, step, count) = [(left, dx, grid.cols), (top, dy, grid.rows)][axis];
    let ends = [from + step / 2.0, from + step * (count as f64 - 0.5)];
    let end = if is_up { ends[0].max(ends[1]) } else { ends[0].min(ends[1]) };
    (last[axis] - end).abs() > step.abs() / 2.0
}

/// The last bytes of a text file, at most so many.
pub(crate) fn tail_of(path: &str, most_bytes: u64) -> Option<String> {
    let mut file = open_file(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most_bytes))).ok()?;
    let mut tail = Vec::new();
    file.take(most_bytes).read_to_end(&mut tail).ok()?;
    // The first bytes can be a part of a character.
    Some(String::from_utf8_lossy(&tail).into_owned())
}

/// The numbers of a line.
fn numbers_of(line: &str) -> Vec<f64> {
    let words = line.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';'));
    words.filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_row_with_too_few_cells_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.asc").display().to_string();
        let is_short = |text: &str| {
            std::fs::write(&path, text).unwrap();
            lacks_cells(&path, 3)
        };
        let whole = "ncols 3\nnrows 2\n1 2 3\n4 5 6";
        assert!(!is_short(whole) && !is_short(&format!("{whole} \r\n\n")) && !is_short(""));
        for end in [" ", "\n", "\r\n", ""] {
            assert!(is_short(&format!("{}{end}", whole.trim_end_matches(" 6"))), "{end:?}");
        }
        // Two lines for each row.
        assert!(!is_short("ncols 3\nnrows 2\n1 2\n3\n4 5\n6\n"));
    }

    #[test]
    fn a_cut_within_a_row_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.xyz").display().to_string();
        let grid = Grid {
            rows: 2,
            cols: 3,
            geo_transform: [-0.5, 1.0, 0.0, 1.5, 0.0, -1.0],
            georeferenced: true,
            gcps: false,
            crs_wkt: None,
            unit: crate::grid::HorizontalUnit::Unknown,
        };
        let is_cut = |text: &str| {
            std::fs::write(&path, text).unwrap();
            ends_within_a_row(&path, &grid)
        };
        let whole = "0 1 5\n1 1 6\n2 1 7\n0 0 8\n1 0 9\n2 0 5.5";
        assert!(!is_cut(whole) && !is_cut(&format!("{whole}\n")) && !is_cut("x"));
        assert!(!is_cut(&whole.replace(' ', ", ")));
        // Within a line, and within a row of points.
        for end in ["2 0", "2", "1 0 9", "0 0 8"] {
            let at = whole.rfind(end).unwrap() + end.len();
            assert!(is_cut(&whole[..at]), "{end}");
        }
        // Column by column.
        let down = "0 1 5\n0 0 8\n1 1 6\n1 0 9\n2 1 7\n2 0 5";
        assert!(!is_cut(down) && is_cut(&down[..down.len() - 6]));
    }
}
