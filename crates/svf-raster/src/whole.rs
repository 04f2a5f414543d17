//! Checks whether files are as long as their headers say. Otherwise, GDAL and other libraries
//! fill missing cells with zeros and report success.

use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, is_separator};

use gdal::raster::RasterBand;
use gdal::{Dataset, Metadata};

use crate::error::{Op, RasterError, cut_short};
use crate::grid::Grid;
use crate::gzip;
#[cfg(target_os = "linux")]
use crate::local_files::expect_whole;
use crate::raw_length::{RawBands, is_short_envi};
use crate::session;
use crate::stat::{local_file, open_file, refuse_special};
use crate::text_header::{self, HEADER_BYTES};
use crate::text_points::{ends_within_a_row, lacks_cells};

/// Whether a failed read of a local file is heard, whatever a driver of GDAL makes of it.
const ALL_READS_ARE_HEARD: bool = cfg!(target_os = "linux");

/// Refuses a raster if one of its files is shorter than its header says. Returns whether reads of
/// its cells that fail can look like other cells. Where all cells of a VRT come from other files,
/// these are not among `files`.
///
/// # Errors
/// The first such file.
pub(crate) fn check(
    dataset: &Dataset,
    band: &RasterBand<'_>,
    (files, is_of_others): (&[String], bool),
    shown: &str,
) -> Result<bool, RasterError> {
    let driver = dataset.driver().short_name();
    let mut hides_errors = driver == "ENVI" && !ALL_READS_ARE_HEARD;
    for file in files {
        hides_errors |= match driver.as_str() {
            "VRT" => check_source(file)?,
            _ => Head::of(file)?.is_some_and(|head| head.hides_errors(false)),
        };
    }
    expect_cells(&driver, files.first().map_or(shown, |file| file));
    if let Some((file, what)) = text_header::unfinished(&driver, files) {
        return Err(cut_short(&file, what).hint("copy it again, or delete it"));
    }
    refuse_odd_header(&driver, dataset, files)?;
    if let Some(header) = text_header::without_bits(&driver, files)
        && is_longer_than_cells(dataset, files)
    {
        let what = "it has no line \"nbits\", and the cells next to it have more than 8 bits";
        return Err(cut_short(header, what));
    }
    refuse_unread_mask(files)?;
    refuse_cut_text(&driver, dataset, shown)?;
    let is_short = match driver.as_str() {
        "PCIDSK" => return refuse_short_channels(dataset, files).map(|()| hides_errors),
        "ENVI" => is_short_envi(dataset, band, files),
        "VRT" if !is_of_others => {
            let raw = RawBands::of(dataset);
            hides_errors |= raw.has_any() && !ALL_READS_ARE_HEARD;
            raw.has_short(dataset, files.first().map_or(shown, |file| file))
        }
        _ => false,
    };
    if is_short { Err(cut_short(shown, TOO_SHORT)) } else { Ok(hides_errors) }
}

/// Formats whose cells are text, row by row or point by point.
const TEXT_DRIVERS: [&str; 4] = ["AAIGrid", "GRASSASCIIGrid", "ISG", "XYZ"];

/// Refuses such a raster if it ends within a row.
fn refuse_cut_text(driver: &str, dataset: &Dataset, path: &str) -> Result<(), RasterError> {
    let what = match driver {
        "XYZ" if ends_within_a_row(path, &Grid::of(dataset)) => "it ends within a row of points",
        "XYZ" => return Ok(()),
        _ if TEXT_DRIVERS.contains(&driver) && lacks_cells(path, dataset.raster_size().0) => {
            "its last row has too few cells"
        }
        _ => return Ok(()),
    };
    Err(cut_short(path, what))
}

/// Refuses a raster whose text header lacks a line, or has a number of columns or rows that GDAL takes
/// for another one.
fn refuse_odd_header(driver: &str, dataset: &Dataset, files: &[String]) -> Result<(), RasterError> {
    if let Some((header, line)) = text_header::lacking(driver, files) {
        let hint = "copy it again, or add that line";
        return Err(cut_short(header, &format!("it has no line \"{line}\"")).hint(hint));
    }
    let size = dataset.raster_size();
    let Some((header, line)) = text_header::other_size(driver, files, size) else { return Ok(()) };
    let (cols, rows) = size;
    let reason = format!("its line \"{line}\" is read as a raster of {cols} x {rows} cells");
    Err(RasterError::new(Op::Open, header, reason)
        .hint("mend that line, or write the raster again"))
}

/// Refuses a raster with a mask in a file of its own that GDAL could not read: it goes on without.
fn refuse_unread_mask(files: &[String]) -> Result<(), RasterError> {
    let Some(cells) = files.first() else { return Ok(()) };
    let mask = format!("{cells}.msk");
    if files.contains(&mask) || !Path::new(&mask).is_file() {
        return Ok(());
    }
    let reason = "it is beside the raster, but is no mask that fits it";
    Err(RasterError::new(Op::Open, &mask, reason).hint("copy it again, or delete it"))
}

/// Refuses a PCIDSK raster with a file for each channel (`.001`, `.002`, ...) that is too short.
fn refuse_short_channels(dataset: &Dataset, files: &[String]) -> Result<(), RasterError> {
    let (cols, rows) = dataset.raster_size();
    for file in files.iter().skip(1) {
        let number = Path::new(file).extension().and_then(|ending| ending.to_str()?.parse().ok());
        let Some(band) = number.and_then(|number| dataset.rasterband(number).ok()) else {
            continue;
        };
        let needed = (cols as u64).saturating_mul(rows as u64);
        let needed = needed.saturating_mul(crate::io::cell_bytes(&band));
        let length = fs::metadata(file).map_or(0, |about| about.len());
        if length < needed {
            return Err(cut_short(file, &format!("it has {length} bytes of {needed}")));
        }
    }
    Ok(())
}

/// Lets reads that meet the end of the file of the cells fail, where the driver takes cells beyond
/// it for zeros and the headers do not say how long it must be.
fn expect_cells(driver: &str, path: &str) {
    match driver {
        // What is packed is not read at the places of its cells.
        "HF2" if gzip::is_packed(path) => {}
        "HF2" | "PCIDSK" => expect_whole(path),
        // Large files have their cells there.
        "HFA" => expect_whole(&Path::new(path).with_extension("ige").to_string_lossy()),
        "ILWIS" => expect_whole(&Path::new(path).with_extension("mp#").to_string_lossy()),
        _ => {}
    }
}

#[cfg(not(target_os = "linux"))]
fn expect_whole(_: &str) {}

const TOO_SHORT: &str = "it is too short for its number of cells";

/// Refuses a local file that does not exist or may not be read.
///
/// # Errors
/// Such a file, with the reason of the system.
pub(crate) fn refuse_unreadable(path: &str) -> Result<(), RasterError> {
    if path.starts_with("/vsi") {
        return Ok(());
    }
    refuse_special(path, path)?;
    if Path::new(path).is_dir() {
        return Ok(());
    }
    open_file(path).map(|_| ()).map_err(|error| {
        let refused = RasterError::of_system(Op::Open, path, &error);
        match refused.is_passing {
            true => refused,
            false => refused.hint("copy or download it again"),
        }
    })
}

/// Refuses a local file that is shorter than its header says.
///
/// # Errors
/// Such a file.
pub(crate) fn refuse_short(path: &str) -> Result<(), RasterError> {
    Head::of(path).map(|_| ())
}

/// Refuses a local file that a VRT reads, if it is shorter than its header says. Returns whether
/// reads of it that fail can look like other cells.
///
/// # Errors
/// Such a file.
pub(crate) fn check_source(path: &str) -> Result<bool, RasterError> {
    refuse_unreadable(path)?;
    gzip::refuse_cut(path)?;
    let Some(head) = Head::of(path)? else { return Ok(false) };
    // A raw raster of ENVI begins with any cells; formats with a beginning of their own need no
    // second look.
    let driver = if head.is_of_a_known_format() { None } else { driver_of(path) };
    expect_cells(driver.as_deref().unwrap_or_default(), path);
    let driver = driver.unwrap_or_default();
    if !text_header::has_rule(&driver) && !TEXT_DRIVERS.contains(&&*driver) {
        return Ok(head.hides_errors(true));
    }
    let Ok(source) = session::may_fail(|| Dataset::open(path)) else {
        return Ok(head.hides_errors(true));
    };
    let files = crate::io::file_list(&source);
    refuse_odd_header(&driver, &source, &files)?;
    refuse_cut_text(&driver, &source, path)?;
    if driver != "ENVI" {
        return Ok(head.hides_errors(true));
    }
    let is_short = || source.rasterband(1).is_ok_and(|band| is_short_envi(&source, &band, &files));
    if session::may_fail(is_short) {
        return Err(cut_short(path, TOO_SHORT));
    }
    Ok(!ALL_READS_ARE_HEARD)
}

/// The first bytes of a local file.
struct Head(Vec<u8>);

impl Head {
    /// Reads it, and refuses a file that is shorter than it says. None of a file that is not a
    /// local one, or cannot be read.
    ///
    /// # Errors
    /// A file that is too short.
    fn of(path: &str) -> Result<Option<Self>, RasterError> {
        if !Path::new(path).is_file() {
            return Ok(None);
        }
        let Ok((head, needed, length)) = needed_and_length(Path::new(path)) else {
            return Ok(None);
        };
        match needed {
            Some(needed) if length < needed => {
                Err(cut_short(path, &format!("it has {length} bytes of {needed}")))
            }
            _ => Ok(Some(Self(head))),
        }
    }

    /// Whether a library that reads the file hides errors of the file system. This was found by
    /// testing all formats with a read that fails.
    fn hides_errors(&self, is_source: bool) -> bool {
        let begins = |with: &[u8]| self.0.starts_with(with);
        // As a source of a VRT, SQLite reads it without GDAL.
        let is_unheard = is_source || !ALL_READS_ARE_HEARD || !is_heard(&self.0);
        let others: &[&[u8]] = if ALL_READS_ARE_HEARD { &[] } else { &[PCIDSK, b"EHFA"] };
        let hiding = [&[PCRASTER, FITS], others].concat();
        hiding.into_iter().any(begins) || (begins(SQLITE) && is_unheard)
    }

    /// Whether the first bytes are those of one of the formats that most rasters have.
    fn is_of_a_known_format(&self) -> bool {
        is_alone(&self.0) || [b"EHFA", PCIDSK].iter().any(|start| self.0.starts_with(start))
    }
}

/// Whether the first bytes of a file are those of a format that has nothing in other files but what
/// GDAL itself adds.
pub(crate) fn is_alone(head: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 12] = [
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"MM\0+",
        b"\x89PNG",
        b"\xff\xd8\xff",
        JP2,
        b"\x89HDF",
        b"CDF",
        b"GRIB",
        PCRASTER,
        SQLITE,
    ];
    BEGINNINGS.iter().any(|beginning| head.starts_with(beginning))
}

const PCIDSK: &[u8] = b"PCIDSK  ";
const JP2: &[u8] = b"\0\0\0\x0cjP  ";
const PCRASTER: &[u8] = b"RUU CROSS SYSTEM MAP FORMAT";
pub(crate) const SQLITE: &[u8] = b"SQLite format 3\0";
const FITS: &[u8] = b"SIMPLE  =";
const HFA: &[u8] = b"EHFA_HEADER_TAG\0";

/// Whether SQLite can read a database through GDAL's files, whose failures are heard: not if it has
/// a log of recent writes, which GDAL's files do not know.
fn is_heard(head: &[u8]) -> bool {
    // Of writing and of reading: 1 is a journal, 2 is a log.
    head.get(18..20) == Some(&[1, 1])
}

/// Whether the file of the cells has at least twice as many bytes as there are cells.
fn is_longer_than_cells(dataset: &Dataset, files: &[String]) -> bool {
    let (cols, rows) = dataset.raster_size();
    let cells = (cols as u64).saturating_mul(rows as u64);
    let cells = cells.saturating_mul(dataset.raster_count() as u64);
    let length = files.first().and_then(|file| local_file(file)?.metadata().ok());
    length.is_some_and(|about| about.len() >= cells.saturating_mul(2))
}

/// Name of the driver that would open a file.
pub(crate) fn driver_of(path: &str) -> Option<String> {
    let name = CString::new(path).ok()?;
    session::may_fail(|| {
        // SAFETY: a C string; a driver and its name live as long as the process.
        unsafe {
            let driver = gdal_sys::GDALIdentifyDriver(name.as_ptr(), std::ptr::null_mut());
            if driver.is_null() {
                return None;
            }
            let name = gdal_sys::GDALGetDriverShortName(driver);
            Some(CStr::from_ptr(name).to_string_lossy().into_owned())
        }
    })
}

/// The first bytes of a file, the length that it should have by its header, if this says it, and
/// its length.
fn needed_and_length(path: &Path) -> io::Result<(Vec<u8>, Option<u64>, u64)> {
    let mut file = open_file(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::with_capacity(256);
    Read::by_ref(&mut file).take(128).read_to_end(&mut head)?;
    let needed = if head.starts_with(PCIDSK) {
        file.take(384 - 128).read_to_end(&mut head)?;
        pcidsk(&head)
    } else if head.starts_with(b"CDF") {
        file.take(HEADER_BYTES - 128).read_to_end(&mut head)?;
        netcdf(&head)
    } else if head.starts_with(FITS) {
        file.take(HEADER_BYTES - 128).read_to_end(&mut head)?;
        fits(&head)
    } else if head.starts_with(HFA) {
        hfa(&file, &head)
    } else if head.starts_with(JP2) {
        jp2(&file, length)
    } else {
        pcraster(&head).or_else(|| sqlite(&head))
    };
    Ok((head, needed, length))
}

/// PCIDSK: the number of blocks of 512 bytes, if cells are where it says; not if they are in tiles or
/// in other files.
fn pcidsk(head: &[u8]) -> Option<u64> {
    let is_elsewhere = head.get(360..364) == Some(b"FILE");
    let blocks = if is_elsewhere { None } else { head.get(16..32) }?;
    std::str::from_utf8(blocks).ok()?.trim().parse::<u64>().ok()?.checked_mul(512)
}

/// FITS: lines of 80 bytes up to END, then the cells of the first image, each filled up to 2,880 bytes
/// (FITS standard 4.0, 2018). Images in extensions are not counted.
fn fits(head: &[u8]) -> Option<u64> {
    const RECORD: u64 = 2880;
    let lines: Vec<&str> =
        head.chunks_exact(80).map_while(|line| std::str::from_utf8(line).ok()).collect();
    let end = lines.iter().position(|line| line.trim_end() == "END")? as u64 + 1;
    let number = |name: &str| -> Option<i64> {
        let line = lines.iter().find(|line| line.get(..8).is_some_and(|key| key.trim() == name))?;
        line.get(10..)?.split('/').next()?.trim().parse().ok()
    };
    let axes = number("NAXIS")?;
    let cells = (1..=axes).try_fold(u64::from(axes > 0), |cells, axis| {
        cells.checked_mul(u64::try_from(number(&format!("NAXIS{axis}"))?).ok()?)
    })?;
    let bytes = cells.checked_mul(number("BITPIX")?.unsigned_abs() / 8)?;
    (end * 80).next_multiple_of(RECORD).checked_add(bytes.checked_next_multiple_of(RECORD)?)
}

/// Erdas Imagine: the end of the last entry of its tree, or of that entry's data. An entry has 128
/// bytes: the places of the next one, the previous one, its parent, its first child and its data,
/// and how long these are. The places of cells are in the data; a read of them that fails is an
/// error of its own.
fn hfa(file: &File, head: &[u8]) -> Option<u64> {
    const ENTRY_BYTES: u64 = 128;
    // A file of so many entries has been damaged.
    const MOST_ENTRIES: usize = 100_000;
    let number = |from: &[u8], at: usize| -> Option<u64> {
        Some(u64::from(u32::from_le_bytes(from.get(at..at + 4)?.try_into().ok()?)))
    };
    let read = |at: u64, into: &mut [u8]| -> Option<()> {
        let mut file = file;
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(into).ok()
    };
    let mut of_tree = [0; 18];
    read(number(head, 16)?, &mut of_tree)?;
    let mut open = vec![number(&of_tree, 8)?];
    let mut needed = 0;
    for _ in 0..MOST_ENTRIES {
        let Some(at) = open.pop() else { break };
        needed = needed.max(at + ENTRY_BYTES);
        let mut entry = [0; 24];
        // What is beyond the end is needed, and that is enough to know.
        let Some(()) = read(at, &mut entry) else { break };
        let [next, child, data, bytes] = [0, 12, 16, 20].map(|i| number(&entry, i).unwrap_or(0));
        needed = needed.max(if data > 0 { data + bytes } else { 0 });
        open.extend([next, child].into_iter().filter(|place| *place > 0));
    }
    Some(needed)
}

/// JPEG 2000: boxes that begin with their length and their kind (ISO/IEC 15444-1, annex I). Libraries
/// decode what is there of one that was cut short.
fn jp2(mut file: &File, length: u64) -> Option<u64> {
    const MOST_BOXES: usize = 1000;
    let mut at = 0_u64;
    for _ in 0..MOST_BOXES {
        if at >= length {
            break;
        }
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at)).ok()?;
        let read = file.read(&mut head).ok()?;
        let long = u64::from_be_bytes(head[8..16].try_into().ok()?);
        let bytes = match u32::from_be_bytes(head[..4].try_into().ok()?) {
            _ if read < 8 => 8,
            // To the end of the file.
            0 => return None,
            1 if read == 16 => long,
            bytes => u64::from(bytes),
        };
        at = at.checked_add(bytes.max(8))?;
    }
    Some(at)
}

/// PCRaster: 256 bytes, then rows of cells of 1, 2, 4 or 8 bytes.
fn pcraster(head: &[u8]) -> Option<u64> {
    let ours = head.starts_with(PCRASTER);
    // The byte order is that of the number 1.
    let little = head.get(46..50)? == [1, 0, 0, 0];
    let number = |at: usize| -> Option<u64> {
        let bytes = head.get(at..at + 4)?.try_into().ok()?;
        Some(u64::from(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }))
    };
    let kind = if little { head.get(66)? } else { head.get(67)? };
    let cells = number(100)?.checked_mul(number(104)?)?;
    ours.then(|| cells.checked_mul(1 << (kind & 3))?.checked_add(256)).flatten()
}

/// SQLite, for example a GeoPackage: number of pages, if it is known to be valid.
fn sqlite(head: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let page = match u16::from_be_bytes(head.get(16..18)?.try_into().ok()?) {
        1 => 65_536,
        page => u64::from(page),
    };
    let known = head.starts_with(SQLITE) && number(24)? == number(92)?;
    known.then(|| u64::from(number(28).unwrap_or(0)) * page)
}

/// A netCDF file in one of the classic formats: the end of its last variable.
fn netcdf(head: &[u8]) -> Option<u64> {
    let mut at = Classic { bytes: head, next: 4, wide: head[3] == 5 };
    let wide_offsets = match head.get(3)? {
        1 => false,
        2 | 5 => true,
        _ => return None,
    };
    let records = at.count()?;
    // As during writing.
    let streaming = if at.wide { u64::MAX } else { u64::from(u32::MAX) };
    at.number(4)?;
    let mut dimensions = Vec::new();
    for _ in 0..at.count()? {
        at.name()?;
        dimensions.push(at.count()?);
    }
    at.attributes()?;
    at.number(4)?;
    let mut needed = 0;
    // For record variables: where they begin, and the bytes of a record.
    let mut of_records: Vec<(u64, u64)> = Vec::new();
    for _ in 0..at.count()? {
        at.name()?;
        let count = at.count()?;
        let (mut cells, mut is_record) = (1_u64, false);
        for i in 0..count {
            let size = *dimensions.get(usize::try_from(at.count()?).ok()?)?;
            match (size, i) {
                (0, 0) => is_record = true,
                _ => cells = cells.checked_mul(size)?,
            }
        }
        at.attributes()?;
        let bytes = cells.checked_mul(cell_bytes(at.number(4)?)?)?;
        at.count()?;
        let begin = at.number(if wide_offsets { 8 } else { 4 })?;
        match is_record {
            true => of_records.push((begin, bytes)),
            false => needed = u64::max(needed, begin.checked_add(bytes)?),
        }
    }
    let record: u64 = match &of_records[..] {
        [(_, only)] => *only,
        many => many.iter().map(|(_, bytes)| bytes.next_multiple_of(4)).sum(),
    };
    if records > 0 && records != streaming {
        for (begin, bytes) in of_records {
            let last = begin.checked_add((records - 1).checked_mul(record)?)?;
            needed = needed.max(last.checked_add(bytes)?);
        }
    }
    Some(needed)
}

/// Bytes of a cell of one of netCDF's types.
fn cell_bytes(kind: u64) -> Option<u64> {
    match kind {
        1 | 2 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 5 | 9 => Some(4),
        6 | 10 | 11 => Some(8),
        _ => None,
    }
}

/// A header in the classic netCDF format, read from its beginning.
struct Classic<'a> {
    bytes: &'a [u8],
    next: usize,
    /// Whether counts take 8 bytes.
    wide: bool,
}

impl Classic<'_> {
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.bytes.get(self.next..self.next + bytes)?;
        self.next += bytes;
        Some(taken.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn count(&mut self) -> Option<u64> {
        self.number(if self.wide { 8 } else { 4 })
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        let bytes = usize::try_from(bytes.checked_next_multiple_of(4)?).ok()?;
        self.next = self.next.checked_add(bytes).filter(|next| *next <= self.bytes.len())?;
        Some(())
    }

    fn name(&mut self) -> Option<()> {
        let bytes = self.count()?;
        self.skip(bytes)
    }

    fn attributes(&mut self) -> Option<()> {
        self.number(4)?;
        for _ in 0..self.count()? {
            self.name()?;
            let kind = self.number(4)?;
            let bytes = self.count()?.checked_mul(cell_bytes(kind)?)?;
            self.skip(bytes)?;
        }
        Some(())
    }
}

/// Reads local files of at most `most_bytes` to their end. A read error of the disk is then an
/// error, while a library would fill the gap with zeros, or take a header to end there.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn read_through(files: &[String], most_bytes: u64) -> Result<(), RasterError> {
    let mut buffer = vec![0_u8; 1 << 20];
    for path in files {
        let failed = |error: io::Error| RasterError::new(Op::Read, path, error);
        let Some(local) = local_file(path).filter(|local| Path::new(path) == local) else {
            continue;
        };
        let mut file = open_file(local).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() > most_bytes {
            continue;
        }
        while file.read(&mut buffer).map_err(failed)? > 0 {}
    }
    Ok(())
}

/// The blocks of a local GeoTIFF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// How many have no place in the file: their cells are NoData.
    pub(crate) sparse: u64,
    /// Where the last byte of any of them is, plus 1.
    end: u64,
}

impl Blocks {
    /// This loads the arrays of places and sizes, which libtiff otherwise reads when they are
    /// needed: where that fails, it takes blocks to be such without a place. Of a remote file, the
    /// arrays are not fetched at once: they can be large, and a failed request is an error of its
    /// own.
    pub(crate) fn of(dataset: &Dataset, band: &RasterBand<'_>, path: &str) -> Self {
        if dataset.driver().short_name() != "GTiff" || !Path::new(path).is_file() {
            return Self::default();
        }
        let (width, height) = band.block_size();
        let (cols, rows) = dataset.raster_size();
        let count = |cells: usize, block: usize| cells.div_ceil(block.max(1));
        // The last strip can have fewer rows than its size says; without compression, libtiff
        // reads only these.
        let structure = |key: &str| dataset.metadata_item(key, "IMAGE_STRUCTURE");
        let plain = structure("COMPRESSION").is_none() && width == cols;
        let bands = match structure("INTERLEAVE").as_deref() {
            Some("BAND") => 1,
            _ => dataset.raster_count() as u64,
        };
        let row_bytes = crate::io::cell_bytes(band) * bands * cols as u64;
        let needed = |size: u64, y: usize| match plain {
            true => size.min(row_bytes * height.min(rows - y * height) as u64),
            false => size,
        };
        let mut blocks = Self::default();
        for y in 0..count(rows, height) {
            for x in 0..count(cols, width) {
                let number = |what: &str| {
                    let item = band.metadata_item(&format!("{what}_{x}_{y}"), "TIFF");
                    item.and_then(|item| item.parse::<u64>().ok()).unwrap_or(0)
                };
                // For the place, GDAL looks at the size, too: a block of no size has no place.
                match number("BLOCK_OFFSET") {
                    0 => blocks.sparse += 1,
                    at => {
                        let size = needed(number("BLOCK_SIZE"), y);
                        blocks.end = blocks.end.max(at.saturating_add(size));
                    }
                }
            }
        }
        blocks
    }

    /// Refuses a file that ends before its last block does.
    ///
    /// # Errors
    /// Such a file, with the bytes that it has and needs.
    pub(crate) fn check(&self, path: &str, shown: &str) -> Result<(), RasterError> {
        match Path::new(path).metadata() {
            Ok(file) if file.len() < self.end => {
                Err(cut_short(shown, &format!("it has {} bytes of {}", file.len(), self.end)))
            }
            _ => Ok(()),
        }
    }
}

/// Another name of the same local file: GDAL keeps sources of VRTs open by their names, those of
/// a VRT that was opened by this one have other names.
pub(crate) fn other_name(path: &str) -> String {
    match (path.rsplit_once(is_separator), Path::new(path).is_file()) {
        (_, false) => path.to_owned(),
        (Some((folder, name)), true) => format!("{folder}/./{name}"),
        (None, true) => format!("./{path}"),
    }
}

/// Does something with a VRT that has its sources to itself: two that share them read each cell
/// once, and then find it to be the same.
pub(crate) fn with_own_sources<T>(deed: impl FnOnce() -> T) -> T {
    with_option("VRT_SHARED_SOURCE", "NO", deed)
}

/// Opens a raster. If it is a GeoPackage, SQLite then reads it through GDAL's files, if it can.
pub(crate) fn heard<T>(path: &str, open: impl FnOnce() -> T) -> T {
    let mut head = [0; 20];
    let read = open_file(path).and_then(|mut file| file.read_exact(&mut head));
    match read.is_ok() && head.starts_with(SQLITE) && is_heard(&head) {
        true => with_option("SQLITE_USE_OGR_VFS", "YES", open),
        false => open(),
    }
}

/// Does something while a configuration option of GDAL is set for this thread.
pub(crate) fn with_option<T>(key: &str, value: &str, deed: impl FnOnce() -> T) -> T {
    let set = gdal::config::set_thread_local_config_option(key, value).is_ok();
    let done = deed();
    if set {
        let _ = gdal::config::clear_thread_local_config_option(key);
    }
    done
}

/// Whether what a raster's cells mean is in files of its own, which are small.
pub(crate) fn has_headers(dataset: &Dataset, files: &[String]) -> bool {
    files.len() > 1 && dataset.driver().short_name() != "VRT"
}

/// The description of a dataset; it is the same for two datasets that were opened in the same
/// way.
pub(crate) fn is_alike(a: &Dataset, b: &Dataset, band: usize) -> bool {
    let of = |dataset: &Dataset| {
        let band = dataset.rasterband(band).ok()?;
        Some((
            (dataset.raster_size(), band.band_type(), band.block_size()),
            dataset.geo_transform().ok().map(|t| t.map(f64::to_bits)),
            CString::new(dataset.projection()).ok(),
            band.no_data_value().map(f64::to_bits),
            (band.scale().map(f64::to_bits), band.offset().map(f64::to_bits), band.unit()),
        ))
    };
    of(a) == of(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6 blocks, 2 of which were written; and the same bytes as they would come from elsewhere.
    #[test]
    fn only_of_local_files_are_the_places_of_all_blocks_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse.tif");
        let options = ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "SPARSE_OK=TRUE"];
        let options = gdal::raster::RasterCreationOptions::from_iter(options);
        let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
        let new =
            driver.create_with_band_type_with_options::<u8, _>(&path, 48, 32, 1, &options).unwrap();
        let mut cells = gdal::raster::Buffer::new((32, 16), vec![7_u8; 512]);
        new.rasterband(1).unwrap().write((16, 0), (32, 16), &mut cells).unwrap();
        new.close().unwrap();
        let path = path.to_str().unwrap();
        let sparse = |path: &str| {
            let dataset = Dataset::open(path).unwrap();
            Blocks::of(&dataset, &dataset.rasterband(1).unwrap(), path).sparse
        };
        assert_eq!(sparse(path), 4);
        assert_eq!(sparse(&other_name(path)), 4);
        assert_eq!(sparse(&format!("/vsisubfile/0,{path}")), 0);
    }

    #[test]
    fn what_headers_say() {
        let mut classic = b"CDF\x01\0\0\0\x02".to_vec();
        let push = |bytes: &mut Vec<u8>, numbers: &[u32]| {
            numbers.iter().for_each(|n| bytes.extend(n.to_be_bytes()));
        };
        // Dimensions t (unlimited) and x (3); no attributes; v(x) of doubles, r(t, x) of shorts.
        push(&mut classic, &[10, 2, 1, 0x7400_0000, 0, 1, 0x7800_0000, 3, 0, 0, 11, 2]);
        push(&mut classic, &[1, 0x7600_0000, 1, 1, 0, 0, 6, 24, 200]);
        push(&mut classic, &[1, 0x7200_0000, 2, 0, 1, 0, 0, 3, 8, 224]);
        // Two records of 6 bytes, of which the only variable needs no padding.
        assert_eq!(netcdf(&classic), Some(224 + 6 + 6));
        assert_eq!(netcdf(&classic[..60]), None);
        let line = |text: &str| format!("{text:80}");
        let image = ["SIMPLE  =                    T", "BITPIX  =                  -32 / float"]
            .into_iter()
            .chain(["NAXIS   =                    2", "NAXIS1  =                   30"])
            .chain(["NAXIS2  =                   50", "END"])
            .map(line)
            .collect::<String>();
        assert_eq!(fits(image.as_bytes()), Some(2880 + 3 * 2880));
        assert_eq!(fits(&image.as_bytes()[..400]), None);
        let mut tile = b"PCIDSK  SDK V1.0            1013".to_vec();
        tile.resize(368, b' ');
        assert_eq!(pcidsk(&tile), Some(1013 * 512));
        tile[360..364].copy_from_slice(b"FILE");
        assert_eq!(pcidsk(&tile), None);
        tile[360..364].copy_from_slice(b"BAND");
        tile[30] = b'x';
        assert_eq!(pcidsk(&tile), None);
        let mut map = b"RUU CROSS SYSTEM MAP FORMAT".to_vec();
        map.resize(128, 0);
        map[46] = 1;
        map[66] = 0x5a;
        (map[100], map[101], map[104]) = (0x90, 1, 7);
        assert_eq!(pcraster(&map), Some(256 + 400 * 7 * 4));
        let mut base = b"SQLite format 3\0\x10\0".to_vec();
        base.resize(128, 0);
        (base[27], base[31], base[95]) = (5, 113, 5);
        assert_eq!(sqlite(&base), Some(113 * 4096));
        base[95] = 4;
        assert_eq!(sqlite(&base), None);
    }
}
