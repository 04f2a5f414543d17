//! What GDAL holds beside what it is asked for: blocks as decoded and as stored, the state of
//! codecs, the buffers of drivers. The terms were measured with GDAL 3.6 (peak of the process);
//! `tests/cli/memory.rs` holds them to it.

use std::fs;
use std::io::Read;

use gdal::{Dataset, Metadata};

use crate::driver::{CreationOptions, Wish, cog_block_px, is_small_raw, options_of};
use crate::output::OutputType;
use crate::overviews::levels_of;
use crate::session::{FROM_SYSTEM, looking_aside};
use crate::stat::{open_file, read_text};
use crate::xml::attribute;

const MIB: u64 = 1 << 20;

/// The blocks of an input, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputBlocks {
    /// Rows and columns of a block; of a VRT, those of the largest block of its files.
    pub block_px: [u64; 2],
    /// A block as decoded, of all bands that are decoded together: the cache holds one at least.
    pub decoded: u64,
    /// A block as stored: a file that is open keeps the last one that was read.
    pub stored: u64,
    /// A block of bands that are decoded together, of which GDAL takes each: a file that is open keeps the
    /// last one, too.
    pub together: u64,
    /// What decoders and libraries keep once a block was read.
    pub kept: u64,
    /// What the driver holds of a file that is open, beside all that.
    pub driver: u64,
    /// The blocks that the driver itself keeps of a file that is open, as far as they were read.
    pub own_cache: u64,
}

/// What the holes take that small blocks leave in heaps when they are freed: measured.
const OF_SMALL_BLOCKS: u64 = 4 * MIB;
/// About how many files of a raster the system is asked for their sizes.
const MOST_ASKED: usize = 20;

impl InputBlocks {
    /// Of a dataset with blocks of so many rows and columns, and cells of so many bytes.
    pub(crate) fn of(
        dataset: &Dataset,
        (block_px, cell_bytes): ([u64; 2], u64),
        files: &[String],
    ) -> Self {
        let interleaved = dataset.metadata_item("INTERLEAVE", "IMAGE_STRUCTURE");
        let bands = match interleaved.as_deref() {
            Some("PIXEL") => dataset.raster_count() as u64,
            _ => 1,
        };
        let bytes_of = |[rows, cols]: [u64; 2]| {
            rows.saturating_mul(cols).saturating_mul(cell_bytes).saturating_mul(bands)
        };
        let (cols, rows) = dataset.raster_size();
        let raster_px = [rows as u64, cols as u64];
        let own = bytes_of(block_px);
        let of_sources = source_block_px(dataset, files).filter(|px| bytes_of(*px) > own);
        let block_px = of_sources.unwrap_or(block_px);
        let decoded = bytes_of(block_px);
        let compression = dataset.metadata_item("COMPRESSION", "IMAGE_STRUCTURE");
        // A block is stored in less than the file has, and noise in more than it is decoded to. Of many
        // files, the system is not asked.
        let sizes = || files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len()));
        let most = if files.len() > MOST_ASKED { None } else { sizes().max() };
        let largest = most_stored(compression.as_deref(), decoded);
        let raw = most.map_or(decoded, |most| most.min(largest));
        let (copies, more, library, cache) = match dataset.driver().short_name().as_str() {
            // 32 bits a sample, and the coefficients of the wavelets.
            name if name.starts_with("JP2") => (4, 4 * MIB, 0, 0),
            "netCDF" if is_classic_netcdf(files) => (0, 2 * MIB, 0, 0),
            // Large chunks while they are decoded, and the library's cache of chunks, also for the second
            // look at a file.
            "netCDF" | "HDF5" | "HDF5Image" => (4, MIB, 5 * MIB, 16 * MIB),
            // Pages of the database, and tiles as pictures of four bands.
            "GPKG" => (4, 4 * MIB, 0, 0),
            // The rasters below it, and windows of them that are warped at once.
            "VRT" => (1, 4 * MIB, 0, 0),
            _ => (0, 0, 0, 0),
        };
        let holes = if own < FROM_SYSTEM { OF_SMALL_BLOCKS } else { 0 };
        let driver = sum(&[copies * own, more, holes]);
        Self {
            block_px,
            decoded,
            stored: raw,
            together: if bands > 1 { decoded } else { 0 },
            kept: decoder_bytes(compression, decoded) + library,
            driver,
            own_cache: cache,
        }
        .within(bytes_of(raster_px))
    }

    /// The larger of two, term by term.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        let [rows, cols] = self.block_px;
        Self {
            block_px: [rows.max(other.block_px[0]), cols.max(other.block_px[1])],
            decoded: self.decoded.max(other.decoded),
            stored: self.stored.max(other.stored),
            together: self.together.max(other.together),
            kept: self.kept.max(other.kept),
            driver: self.driver.max(other.driver),
            own_cache: self.own_cache.max(other.own_cache),
        }
    }

    /// What is held beside the cache, of a file that is open.
    pub fn beside(&self) -> u64 {
        sum(&[self.stored, self.together, self.kept, self.to_come()])
    }

    /// The same of a file of which a block was read: what is kept since then is not to come.
    pub fn to_come(&self) -> u64 {
        sum(&[self.driver, self.own_cache])
    }

    /// Of a file of which no more than so many bytes of cells are read.
    #[must_use]
    pub fn within(self, read_bytes: u64) -> Self {
        // They are also read for a second look.
        Self { own_cache: self.own_cache.min(read_bytes.saturating_mul(2)), ..self }
    }
}

/// Whether the first of the files is netCDF without HDF5, of which nothing is kept.
fn is_classic_netcdf(files: &[String]) -> bool {
    let mut start = [0; 3];
    let file = files.first().and_then(|file| open_file(file).ok());
    file.is_some_and(|mut file| file.read_exact(&mut start).is_ok()) && start == *b"CDF"
}

/// The most bytes as which a block can be stored.
fn most_stored(compression: Option<&str>, block: u64) -> u64 {
    match compression {
        // Codes of twelve bits, each for one byte of noise.
        Some("LZW") => block.saturating_add(block / 2),
        // Each run of noise begins with a byte.
        Some("PACKBITS") => block.saturating_add(block / 64),
        _ => block,
    }
}

/// What a decoder keeps of a block that it decodes: these look back as far as their window goes,
/// 8 MiB with the usual levels.
fn decoder_bytes(compression: Option<String>, block: u64) -> u64 {
    match compression.as_deref() {
        Some("ZSTD" | "LERC_ZSTD" | "LZMA") => block.min(8 * MIB) + MIB / 4,
        _ => 0,
    }
}

/// Rows and columns of the largest block of the files of a VRT, as far as it says them; one that is
/// warped does not, so its files are opened.
fn source_block_px(dataset: &Dataset, files: &[String]) -> Option<[u64; 2]> {
    if dataset.driver().short_name() != "VRT" {
        return None;
    }
    // The text of the file: GDAL's own takes long for thousands of files.
    let text = read_text(dataset.description().ok()?).ok()?;
    if text.contains("VRTWarpedDataset") {
        let sources = files.iter().skip(1).take(MOST_ASKED);
        return sources.filter_map(|file| block_px_of(file)).max_by_key(|[rows, cols]| rows * cols);
    }
    let of = |properties: &str| -> Option<[u64; 2]> {
        let tag = properties.split_once('>')?.0;
        let number = |name: &str| attribute(tag, name)?.parse().ok();
        Some([number("BlockYSize")?, number("BlockXSize")?])
    };
    text.split("<SourceProperties").skip(1).filter_map(of).max_by_key(|[rows, cols]| rows * cols)
}

/// Rows and columns of the blocks of a file.
fn block_px_of(file: &str) -> Option<[u64; 2]> {
    let source = looking_aside(|| Dataset::open(file)).ok()?;
    let (cols, rows) = source.rasterband(1).ok()?.block_size();
    Some([rows as u64, cols as u64])
}

/// What an output takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputBytes {
    /// A block of all bands that are encoded together: the cache holds one at least.
    pub block: u64,
    /// Rows and columns of a block.
    pub block_px: [u64; 2],
    /// Beside the cache, while windows are written.
    pub writing: u64,
    /// Beside all that, while blocks are encoded; files that are open together share it.
    pub encoding: u64,
    /// Beside the cache, while the complete raster is copied to its format; 0 where it is not.
    pub copying: u64,
}

impl OutputBytes {
    /// Beside the cache, before it is copied.
    pub fn beside(&self) -> u64 {
        self.writing.saturating_add(self.encoding)
    }

    /// Together with a file that is open at the same time, and copied to its format after this one.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let [rows, cols] = self.block_px;
        Self {
            block: self.block.max(other.block),
            block_px: [rows.max(other.block_px[0]), cols.max(other.block_px[1])],
            writing: self.writing.saturating_add(other.writing),
            encoding: self.encoding.max(other.encoding),
            copying: self.copying.max(other.copying),
        }
    }
}

/// How an output is laid out, as far as memory depends on it.
#[derive(Clone, Debug)]
pub struct OutputShape<'a> {
    /// GDAL's driver.
    pub driver: &'a str,
    /// The user's creation options.
    pub creation_options: &'a [String],
    /// Rows and columns.
    pub size: (u64, u64),
    /// Bands of the file.
    pub bands: usize,
    /// Type of a cell.
    pub output_type: OutputType,
    /// Side of a block, where the user has no wish.
    pub block_px: u64,
    /// The windows that are written begin and end at multiples of so many rows and columns, or at
    /// the edge.
    pub step_px: u64,
}

impl OutputShape<'_> {
    /// What it takes with so many threads that encode.
    pub fn bytes(&self, threads: usize) -> OutputBytes {
        let copied = self.driver != "GTiff";
        let given = if copied { &[] } else { self.creation_options };
        let tiff = self.encoder(&self.options("GTiff", given, threads), threads);
        let copying = match self.driver {
            "GTiff" => 0,
            "COG" => self.cog_bytes(threads),
            driver => self.other_bytes(driver),
        };
        OutputBytes { copying, ..tiff }
    }

    fn options(&self, driver: &str, given: &[String], threads: usize) -> CreationOptions {
        options_of(&Wish {
            driver,
            given,
            bands: self.bands,
            output_type: self.output_type,
            threads,
            copy_threads: threads,
            block_px: self.block_px,
            is_streamed: false,
        })
    }

    /// Of a GeoTIFF with these options.
    fn encoder(&self, options: &CreationOptions, threads: usize) -> OutputBytes {
        let (rows, cols) = self.size;
        let cell = self.output_type.bytes();
        let number = |key: &str| options.given(key).and_then(|value| value.parse::<u64>().ok());
        let (block_rows, block_cols) = match options.given("TILED").as_deref() {
            Some("YES" | "TRUE" | "ON" | "1") => {
                (number("BLOCKYSIZE").unwrap_or(256), number("BLOCKXSIZE").unwrap_or(256))
            }
            // GDAL makes strips of 8 KiB.
            _ => (
                number("BLOCKYSIZE").unwrap_or((8192 / (cols * cell).max(1)).max(1)).min(rows),
                cols,
            ),
        };
        let interleaved = match options.given("INTERLEAVE").as_deref() {
            Some("BAND") => 1,
            _ => self.bands as u64,
        };
        let band = block_rows.saturating_mul(block_cols).saturating_mul(cell);
        let block = band.saturating_mul(interleaved);
        let blocks = rows.div_ceil(block_rows.max(1)) * cols.div_ceil(block_cols.max(1));
        let threads = encoders_of(options, threads);
        let is_encoded = !matches!(options.given("COMPRESS").as_deref(), None | Some("NONE"));
        let (jobs, workers) = match (is_encoded, threads) {
            (false, _) => (0, 0),
            (true, 0 | 1) => (1, 1),
            (true, threads) => ((threads + 1).min(blocks), threads.min(blocks)),
        };
        // What of a block lies in the raster: all else is one value, which takes nothing when encoded.
        let encoded = |rows: u64, cols: u64| {
            encoded_bytes(options, rows.saturating_mul(cols).saturating_mul(cell * interleaved))
        };
        let of_block = encoded(block_rows.min(rows), block_cols.min(cols)).min(block);
        // The bands of a block are brought together first, and once more for the next job.
        let together = if interleaved > 1 { block * (1 + u64::from(jobs > 1)) } else { 0 };
        let state = workers.saturating_mul(state_bytes(options, block));
        let copies = match jobs {
            // What is encoded goes to the file at once.
            0 | 1 => jobs * of_block,
            // Each as it is and as encoded, to a file in memory. Each thread has a heap of its own, which it
            // does not give back. Measured with a codec that is slower than what it gets; of those of a
            // faster one, few are busy at a time.
            _ => {
                const HEAP: u64 = MIB + MIB / 4;
                let files = jobs.saturating_mul(of_block).min(encoded(rows, cols));
                sum(&[jobs.saturating_mul(block), files, workers * HEAP])
            }
        };
        let writing = sum(&[copies, together, state]);
        // The cells are copied to predict them from their neighbours, and without jobs to turn their
        // bytes around.
        let predicted = options.given("PREDICTOR").is_some_and(|kind| kind != "1" && kind != "NO");
        let turned = options.given("ENDIANNESS").is_some_and(|order| order != "NATIVE");
        let copies = u64::from(predicted) * workers + u64::from(turned && jobs == 1);
        let encoding = copies.saturating_mul(block);
        OutputBytes { block, block_px: [block_rows, block_cols], writing, encoding, copying: 0 }
    }

    /// A COG is written with all bands of a block together, after its overviews are made.
    fn cog_bytes(&self, threads: usize) -> u64 {
        let mut options = self.options("COG", self.creation_options, threads);
        let side = cog_block_px(&options, self.bands, self.output_type).to_string();
        options.default("TILED", "YES");
        options.default("BLOCKXSIZE", &side);
        options.default("BLOCKYSIZE", &side);
        options.default("INTERLEAVE", "PIXEL");
        let tiff = self.encoder(&options, threads);
        let overviews = match options.given("OVERVIEWS").as_deref() {
            Some("NONE") => 0,
            // They are made while the windows are written.
            _ if self.has_own_overviews() => 0,
            _ => {
                // Twice the rows and columns of a block, of all bands. What a thread takes was measured with
                // blocks of 512 to 2048: as much with all of them; less where no cells are combined.
                let given = options.given("OVERVIEW_RESAMPLING").or(options.given("RESAMPLING"));
                let is =
                    |names: &[&str]| given.as_deref().is_some_and(|name| names.contains(&name));
                let of_job = if is(&["NEAREST"]) { 8 * MIB } else { 10 * MIB };
                let [rows, cols] = tiff.block_px;
                let px = rows.saturating_mul(2).min(self.size.0);
                let px = px.saturating_mul(cols.saturating_mul(2).min(self.size.1));
                let source = px.saturating_mul(self.output_type.bytes().max(4));
                let jobs = match encoders_of(&options, threads) {
                    0 | 1 => 0,
                    threads => threads,
                };
                let bands = self.bands as u64;
                // These weigh many cells, in 64 bits.
                let weighs = is(&["BILINEAR", "CUBIC", "CUBICSPLINE", "LANCZOS", "GAUSS"]);
                let weighed = if weighs { px.saturating_mul(8) } else { 0 };
                let made = source.saturating_mul(bands).saturating_add(source / 4 * bands);
                sum(&[made, jobs * of_job, weighed])
            }
        };
        let raster = self
            .size
            .0
            .saturating_mul(self.size.1)
            .saturating_mul(self.output_type.bytes() * self.bands as u64);
        let is_encoded = options.given("COMPRESS").is_some_and(|codec| codec != "NONE");
        let is_one_block = tiff.block_px[0] >= self.size.0 && tiff.block_px[1] >= self.size.1;
        let has_jobs = is_encoded && !is_one_block && encoders_of(&options, threads) > 1;
        // Without jobs, a block is held as it is read, as far as the raster goes, and as it is written, from
        // a copy; one that is not encoded also as it is in the file.
        let read = if has_jobs { 0 } else { tiff.block.min(raster) };
        let copied = if has_jobs { 0 } else { tiff.block };
        let stored = if is_encoded { 0 } else { tiff.block };
        // A cache of the least size holds it, unless it is larger; bands that are brought together
        // have left the cache.
        let cached = if self.bands > 1 { 0 } else { tiff.block.saturating_sub(16 * MIB) };
        let more = copied.saturating_add(8 * MIB).max(16 * MIB);
        let made = sum(&[tiff.writing, overviews, 8 * MIB]);
        made.max(sum(&[tiff.beside(), read, stored, cached, more]))
    }

    /// Whether GDAL makes no overviews of a COG, because all of them are in what it copies.
    fn has_own_overviews(&self) -> bool {
        let levels = levels_of(self.creation_options, self.size, (self.bands, self.output_type));
        is_small_raw(self.size, self.bands, self.output_type)
            && levels.is_some_and(|levels| self.step_px.is_multiple_of(1 << levels))
    }

    /// Rows of all bands, and what the drivers hold.
    fn other_bytes(&self, driver: &str) -> u64 {
        let (rows, cols) = self.size;
        let options = CreationOptions(self.creation_options.to_vec());
        let number = |key: &str| options.given(key).and_then(|value| value.parse::<u64>().ok());
        let own = match driver {
            name if name.starts_with("JP2") => {
                let side = |key, most: u64| number(key).unwrap_or(1024).min(most);
                let tile = side("BLOCKXSIZE", cols).saturating_mul(side("BLOCKYSIZE", rows));
                tile.saturating_mul(16 * self.bands as u64)
            }
            "GPKG" => 20 * MIB,
            // Measured; it does not depend on the raster.
            "PCIDSK" if options.given("INTERLEAVING").as_deref() != Some("TILED") => 240 * MIB,
            // Windows of whole chunks, the chunks of one variable that HDF5 keeps, and its tables.
            "netCDF" => return (18 + (self.bands as u64).min(14)) * MIB,
            // Row by row.
            "AAIGrid" | "PNG" | "XYZ" => return 4 * MIB + 2 * cols * self.output_type.bytes(),
            _ => 8 * MIB,
        };
        let swath = self.bands as u64 * 1024 * cols * self.output_type.bytes().div_ceil(4);
        sum(&[own, swath, 8 * MIB])
    }
}

fn sum(terms: &[u64]) -> u64 {
    terms.iter().fold(0, |all, term| all.saturating_add(*term))
}

/// Most bytes that cells become when they are encoded: LZW makes noise longer.
fn encoded_bytes(options: &CreationOptions, cells: u64) -> u64 {
    let share = if options.given("COMPRESS").as_deref() == Some("LZW") { 2 } else { 16 };
    cells.saturating_add(cells / share)
}

/// Threads that encode.
fn encoders_of(options: &CreationOptions, usual: usize) -> u64 {
    let threads = match options.given("NUM_THREADS").as_deref() {
        Some("ALL_CPUS") => std::thread::available_parallelism().map_or(1, usize::from),
        Some(number) => number.parse().unwrap_or(1),
        None => usual,
    };
    threads as u64
}

/// State of an encoder of such blocks, bytes: of ZSTD it depends on the level (what
/// `ZSTD_estimateCStreamSize` says, rounded up), of LZMA on the size of its hash table and on the
/// block, for which it keeps nine bytes a byte; of LERC on the block.
fn state_bytes(options: &CreationOptions, block: u64) -> u64 {
    const ZSTD_HALF_MIB: [u64; 22] = [
        3, 4, 7, 10, 12, 12, 18, 18, 34, 58, 58, 106, 106, 106, 138, 138, 138, 138, 180, 388, 772,
        1556,
    ];
    const LZMA_HASH_MIB: [u64; 10] = [1, 2, 4, 8, 8, 16, 16, 32, 64, 64];
    let level = |keys: &[&str], usual: usize| {
        keys.iter().find_map(|key| options.given(key)?.parse().ok()).unwrap_or(usual)
    };
    let codec = options.given("COMPRESS").unwrap_or_default();
    let of_codec = match &*codec {
        "ZSTD" | "LERC_ZSTD" => {
            let level = level(&["ZSTD_LEVEL", "LEVEL"], 9);
            MIB / 2 * ZSTD_HALF_MIB[level.clamp(1, ZSTD_HALF_MIB.len()) - 1]
        }
        "LZMA" => {
            let level = level(&["LZMA_PRESET", "LEVEL"], 6);
            let hash = MIB * LZMA_HASH_MIB[level.min(LZMA_HASH_MIB.len() - 1)];
            hash.saturating_add(block.saturating_mul(9)).saturating_add(MIB / 2)
        }
        _ => MIB / 2,
    };
    // LERC has a copy of the block.
    of_codec.saturating_add(if codec.starts_with("LERC") { block } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: u64 = MIB / 2;
    /// What a thread that encodes does not give back.
    const HEAP: u64 = MIB + MIB / 4;

    fn shape<'a>(driver: &'a str, options: &'a [String], bands: usize) -> OutputShape<'a> {
        OutputShape {
            driver,
            creation_options: options,
            size: (6000, 6000),
            bands,
            output_type: OutputType::Float32,
            block_px: 512,
            step_px: 1,
        }
    }

    fn of(driver: &str, options: &str, bands: usize, threads: usize) -> OutputBytes {
        let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        shape(driver, &options, bands).bytes(threads)
    }

    #[test]
    fn what_a_driver_keeps_of_blocks_is_not_more_than_what_is_read() {
        let held =
            InputBlocks { own_cache: 16 * MIB, driver: MIB, stored: 3, ..Default::default() };
        assert_eq!((held.to_come(), held.beside()), (17 * MIB, 17 * MIB + 3));
        assert_eq!(held.within(MIB).to_come(), 3 * MIB);
        assert_eq!(held.within(1 << 40), held);
    }

    #[test]
    fn what_is_encoded_together_counts_together() {
        let codec = "COMPRESS=DEFLATE";
        let half = HALF;
        let one = of("GTiff", codec, 1, 2);
        assert_eq!(
            one,
            OutputBytes {
                block: MIB,
                block_px: [512, 512],
                writing: 6 * MIB + 2 * HEAP + MIB,
                encoding: 2 * MIB,
                copying: 0
            }
        );
        assert_eq!(of("GTiff", codec, 16, 2), one);
        // One thread encodes without jobs; none does where nothing is encoded.
        assert_eq!(of("GTiff", codec, 1, 1).writing, MIB + half);
        let turned = "COMPRESS=DEFLATE ENDIANNESS=BIG";
        // Without the predictor of floats, which does not go with it.
        assert_eq!(of("GTiff", turned, 1, 1).encoding, MIB);
        let predicted = format!("{turned} PREDICTOR=2");
        assert_eq!(of("GTiff", &predicted, 1, 1).encoding, 2 * MIB);
        assert_eq!(of("GTiff", "COMPRESS=DEFLATE PREDICTOR=1", 1, 1).encoding, 0);
        assert_eq!(of("GTiff", "COMPRESS=NONE", 1, 8).writing, 0);
        assert_eq!(
            of("GTiff", "COMPRESS=DEFLATE NUM_THREADS=4", 1, 2).writing,
            12 * MIB + 4 * HEAP
        );
        let pixel = of("GTiff", "INTERLEAVE=PIXEL COMPRESS=DEFLATE", 16, 2);
        assert_eq!(pixel.block, 16 * MIB);
        assert_eq!(pixel.writing, 6 * pixel.block + 2 * pixel.block + MIB + 2 * HEAP);
        // One strip of all rows is one job, whatever the threads.
        let strip = of("GTiff", "TILED=NO BLOCKYSIZE=6000 COMPRESS=DEFLATE", 1, 2);
        assert_eq!((strip.block, strip.block_px), (144_000_000, [6000, 6000]));
        assert_eq!((strip.writing, strip.encoding), (strip.block + half, strip.block));
        let two = strip.with(strip);
        assert_eq!((two.writing, two.encoding), (2 * strip.writing, strip.encoding));
        assert_eq!(of("GTiff", "TILED=NO", 1, 2).block, 24_000);
        let wide = of("GTiff", "BLOCKXSIZE=4096 COMPRESS=LZW", 1, 2);
        assert_eq!(wide.block, 8 * MIB);
        // Of a block that is larger than the raster, the cells of the raster become many bytes.
        let beyond = |codec: &str| {
            let sides = "TILED=YES BLOCKXSIZE=16384 BLOCKYSIZE=16384";
            of("GTiff", &format!("{sides} COMPRESS={codec}"), 1, 2)
        };
        let raster = 6000 * 6000 * 4;
        assert_eq!(beyond("DEFLATE").writing, raster + raster / 16 + half);
        assert_eq!(beyond("LZW").writing, raster + raster / 2 + half);
        assert_eq!((beyond("LZW").block, beyond("LZW").encoding), (1 << 30, 1 << 30));
        // Levels.
        let state = |options: &str| of("GTiff", options, 1, 1).writing - MIB;
        assert_eq!(state("COMPRESS=ZSTD ZSTD_LEVEL=22"), 778 * MIB);
        assert_eq!(state("COMPRESS=LERC"), MIB + half);
        assert_eq!(state("COMPRESS=LZMA"), 25 * MIB + half);
        assert_eq!(state("COMPRESS=LZMA LZMA_PRESET=9"), 73 * MIB + half);
    }

    #[test]
    fn a_copy_counts_the_blocks_of_its_format() {
        let copying = |options: &str, bands| of("COG", options, bands, 1).copying;
        let usual = copying("COMPRESS=DEFLATE", 1);
        let larger = copying("COMPRESS=DEFLATE BLOCKSIZE=4096", 1);
        // A block as it is read, predicted and encoded; if it is large, in the cache as well.
        assert_eq!(usual, 3 * MIB + HALF + 16 * MIB);
        assert_eq!(larger, 3 * 64 * MIB + HALF + 48 * MIB + 72 * MIB);
        let threads = of("COG", "COMPRESS=DEFLATE NUM_THREADS=8", 1, 1).copying;
        let overviews = (4 + 1 + 8 * 10) * MIB;
        assert_eq!(threads, (18 + 4) * MIB + 8 * HEAP + overviews + 8 * MIB);
        // A block that is not encoded: as it is read and written, from a copy, and in the file.
        let raw = copying("COMPRESS=NONE BLOCKSIZE=4096", 1);
        assert_eq!(raw, 2 * 64 * MIB + 48 * MIB + 72 * MIB);
        // One block is no work for threads.
        let one = copying("COMPRESS=DEFLATE BLOCKSIZE=8192 OVERVIEWS=NONE", 1);
        let with_threads = "COMPRESS=DEFLATE BLOCKSIZE=8192 OVERVIEWS=NONE NUM_THREADS=8";
        assert_eq!(one, copying(with_threads, 1));
        // Threads hold no more than the raster becomes: four blocks of it have 256 MiB.
        let few = "COMPRESS=DEFLATE BLOCKSIZE=4096 NUM_THREADS=8 PREDICTOR=NO OVERVIEWS=NONE";
        let few = copying(few, 1);
        let raster = 6000 * 6000 * 4;
        let files = raster + raster / 16;
        assert_eq!(few, 4 * 64 * MIB + files + 4 * (HEAP + HALF) + 48 * MIB + 16 * MIB);
        assert_eq!(copying("COMPRESS=DEFLATE OVERVIEWS=NONE", 1), usual);
        assert!(copying("COMPRESS=DEFLATE", 16) > usual + 15 * 5 * MIB);
        // 6000, 3000, 1500 and 750 columns are more than 512.
        let aligned = |step_px: u64| {
            let options = ["COMPRESS=DEFLATE".to_owned()];
            OutputShape { step_px, ..shape("COG", &options, 16) }.bytes(1).copying
        };
        let made = 16 * MIB * 3 + HALF + 16 * MIB + 24 * MIB;
        assert_eq!((aligned(16), aligned(8)), (made, copying("COMPRESS=DEFLATE", 16)));
        assert_eq!(of("GTiff", "", 1, 2).copying, 0);
        // What it is copied from has the usual blocks.
        assert_eq!(of("COG", "BLOCKSIZE=4096", 1, 1).block, MIB);
        assert!(of("JP2OpenJPEG", "BLOCKXSIZE=6000 BLOCKYSIZE=6000", 1, 1).copying > 500 * MIB);
    }
}
