//! A checksum trailer at the end of a file: a record of what the file is, and a digest of every
//! byte before it. If the trailer is intact, the file is complete and unchanged.
//!
//! TIFF readers ignore bytes that no offset points to: a GeoTIFF with a trailer is still a
//! GeoTIFF. Verification reads the file once, from front to back, and decodes nothing.
//!
//! ```text
//! file content | record (JSON) | svf-seal 1 RRRRRRRR | SHA-256 in hex | \n
//! ```
//!
//! `RRRRRRRR` is the length of the record in hex. The digest covers all before it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cancel::CancelToken;

/// How the trailer begins, after the record.
const LABEL: &[u8] = b"svf-seal 1 ";
/// Bytes of `svf-seal 1 RRRRRRRR `.
const LABEL_BYTES: u64 = 20;
/// Bytes of the digest in hex and the line's end.
const DIGEST_BYTES: u64 = 65;
/// More than the length of any record: a larger length means damage.
const MOST_RECORD_BYTES: u64 = 1 << 24;

/// Why a file is not what it was when its trailer was appended.
#[derive(Debug, Error)]
pub enum TrailerError {
    /// It cannot be read at all.
    #[error("{0}")]
    Io(io::Error),
    /// There is a folder, a pipe or a device with its name.
    #[error("it is not a regular file")]
    NotAFile,
    /// No trailer at its end: another file, or one that was cut short.
    #[error("it has no checksum at its end: it is incomplete, or svf_compute did not write it")]
    None,
    /// A byte of it was changed.
    #[error("its content does not match its checksum: it was changed or damaged")]
    Broken,
    /// The check was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Appends the trailer with `record` to a complete file, and writes it to disk.
///
/// # Errors
/// A file that cannot be read or written, or a cancel.
pub fn append(path: &Path, record: &str, cancel: &CancelToken) -> Result<(), TrailerError> {
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let label = format!("{record}svf-seal 1 {:08x} ", record.len());
    let mut digest = Sha256::new();
    let length = file.metadata()?.len();
    feed(&mut digest, &mut file, length, cancel)?;
    digest.update(label.as_bytes());
    let tail = format!("{label}{}\n", hex(&digest.finalize()));
    file.write_all(tail.as_bytes())?;
    Ok(file.sync_all()?)
}

/// Reads a file with a trailer to its end and returns the record, if no byte of it changed, and
/// the stamp of the file.
///
/// # Errors
/// What is wrong with the file.
pub fn verify(path: &Path, cancel: &CancelToken) -> Result<(String, Stamp), TrailerError> {
    // Checked before it is opened: opening a pipe without a writer would wait without end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(TrailerError::NotAFile);
    }
    let mut file = File::open(path)?;
    // Network file systems are only sure of the length of an open file.
    let length = file.metadata()?.len();
    let stamp = Stamp::of_open(&mut file)?;
    let Some(label_at) = length.checked_sub(LABEL_BYTES + DIGEST_BYTES) else {
        return Err(TrailerError::None);
    };
    let tail = read_text(&mut file, label_at, LABEL_BYTES + DIGEST_BYTES)?;
    let record_bytes = tail
        .strip_prefix("svf-seal 1 ")
        .and_then(|rest| u64::from_str_radix(rest.get(..8)?, 16).ok())
        .filter(|&bytes| bytes <= MOST_RECORD_BYTES.min(label_at))
        .ok_or(TrailerError::None)?;
    let mut digest = Sha256::new();
    file.seek(SeekFrom::Start(0))?;
    feed(&mut digest, &mut file, length - DIGEST_BYTES, cancel)?;
    if tail[LABEL_BYTES as usize..] != format!("{}\n", hex(&digest.finalize())) {
        return Err(TrailerError::Broken);
    }
    Ok((read_text(&mut file, label_at - record_bytes, record_bytes)?, stamp))
}

/// A file that became shorter while it was read is incomplete, or was just replaced.
impl From<io::Error> for TrailerError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::None,
            _ => Self::Io(error),
        }
    }
}

/// Digest of JSON, in hex, without the spaces and line ends between its words.
pub fn digest_of_words(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut digest = Sha256::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b' ' | b'\t' | b'\r' | b'\n' if !quoted => {
                digest.update(&bytes[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    digest.update(&bytes[start..]);
    hex(&digest.finalize())
}

/// What shows whether a file still has the same content.
///
/// What a system knows of a file changes with its content, but not only then: the time of its last
/// change (`ctime`) and its number change when it is published or published again, and network file
/// systems notice this late. So a difference there is a reason to look at the content, no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    about: u64,
    /// Of the checksum in its trailer. Without a trailer, of its size, modification time and last
    /// bytes.
    content: u64,
}

impl Stamp {
    /// The stamp of a file. None if it is not a local file.
    pub fn of(path: &Path) -> Option<Self> {
        if !std::fs::metadata(path).ok()?.is_file() {
            return None;
        }
        // Network file systems are only sure of what is known of an open file.
        Self::of_open(&mut File::open(path).ok()?).ok()
    }

    fn of_open(file: &mut File) -> io::Result<Self> {
        const END_BYTES: u64 = 4096;
        let about = file.metadata()?;
        let known = (about.len(), about.modified().ok());
        let mut end = Vec::new();
        file.seek(SeekFrom::Start(about.len().saturating_sub(END_BYTES)))?;
        file.take(END_BYTES).read_to_end(&mut end)?;
        let trailer_at = end.len().saturating_sub((LABEL_BYTES + DIGEST_BYTES) as usize);
        let content = match &end[trailer_at..] {
            trailer if trailer.starts_with(LABEL) => hash(&trailer),
            _ => hash(&(known, &end)),
        };
        #[cfg(unix)]
        let known = {
            use std::os::unix::fs::MetadataExt;
            (known, about.dev(), about.ino(), about.ctime(), about.ctime_nsec())
        };
        Ok(Self { about: hash(&known), content })
    }

    /// Whether a file still has the content that this is the stamp of. The file is only read to its
    /// end if something that is known of it changed.
    ///
    /// # Errors
    /// A cancel.
    pub fn is_of(&self, path: &Path, cancel: &CancelToken) -> Result<bool, TrailerError> {
        match Self::of(path) {
            Some(now) if now == *self => Ok(true),
            Some(now) if now.content == self.content => match verify(path, cancel) {
                Ok((_, now)) => Ok(now.content == self.content),
                // It never had a checksum.
                Err(TrailerError::None) => Ok(true),
                Err(TrailerError::Cancelled) => Err(TrailerError::Cancelled),
                Err(_) => Ok(false),
            },
            _ => Ok(false),
        }
    }
}

fn hash(what: &impl std::hash::Hash) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Digest of a text, in hex.
pub fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn feed(
    digest: &mut Sha256,
    file: &mut File,
    mut bytes: u64,
    cancel: &CancelToken,
) -> Result<(), TrailerError> {
    // There can be many small tiles, so the buffer is not larger than needed.
    let mut buffer = vec![0_u8; bytes.min(1 << 20) as usize];
    while bytes > 0 {
        if cancel.is_cancelled() {
            return Err(TrailerError::Cancelled);
        }
        let chunk = &mut buffer[..bytes.min(1 << 20) as usize];
        file.read_exact(chunk)?;
        digest.update(&*chunk);
        bytes -= chunk.len() as u64;
    }
    Ok(())
}

/// Bytes that must be text: anything else there is not a trailer.
fn read_text(file: &mut File, at: u64, bytes: u64) -> Result<String, TrailerError> {
    let mut text = vec![0_u8; bytes as usize];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut text)?;
    String::from_utf8(text).ok().filter(|text| text.is_ascii()).ok_or(TrailerError::None)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn with_trailer(content: &[u8], record: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, content).unwrap();
        append(&path, record, &CancelToken::default()).unwrap();
        (dir, path)
    }

    #[test]
    fn the_record_comes_back() {
        for (content, record) in [(&b"some bytes"[..], r#"{"tile":3}"#), (b"", ""), (b"x", "")] {
            let (_dir, path) = with_trailer(content, record);
            assert!(fs::read(&path).unwrap().starts_with(content));
            let (found, stamp) = verify(&path, &CancelToken::default()).unwrap();
            assert_eq!((&*found, Some(stamp)), (record, Stamp::of(&path)));
        }
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_found() {
        let (_dir, path) = with_trailer(b"some bytes", r#"{"tile":3}"#);
        let good = fs::read(&path).unwrap();
        for i in 0..good.len() {
            for bit in [0x01, 0x20, 0x80] {
                let mut bad = good.clone();
                bad[i] ^= bit;
                fs::write(&path, &bad).unwrap();
                let found = verify(&path, &CancelToken::default());
                assert!(
                    matches!(found, Err(TrailerError::Broken | TrailerError::None)),
                    "byte {i}"
                );
            }
            fs::write(&path, &good[..i]).unwrap();
            assert!(
                matches!(verify(&path, &CancelToken::default()), Err(TrailerError::None)),
                "{i}"
            );
        }
        fs::write(&path, [&good[..], b"more"].concat()).unwrap();
        assert!(verify(&path, &CancelToken::default()).is_err());
    }

    #[test]
    fn a_stamp_is_of_the_content() {
        let (_dir, path) = with_trailer(&[7; 9000], r#"{"tile":3}"#);
        let cancel = CancelToken::default();
        let stamp = Stamp::of(&path).unwrap();
        let good = fs::read(&path).unwrap();
        let is_same = |path: &Path| stamp.is_of(path, &cancel).unwrap();
        let put = |bytes: &[u8], seconds: u64| {
            // Another file with this name, as a process on another machine would publish it.
            let new = path.with_extension("new");
            fs::write(&new, bytes).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            File::options().write(true).open(&new).unwrap().set_modified(time).unwrap();
            fs::rename(&new, &path).unwrap();
        };
        // Names of the file, which change it for the system, and the same tile again.
        let second = path.with_extension("second");
        fs::hard_link(&path, &second).unwrap();
        assert!(is_same(&path));
        fs::remove_file(&second).unwrap();
        put(&good, 1_700_000_000);
        assert!(is_same(&path) && Stamp::of(&path) != Some(stamp));
        // A byte, far from the end; another tile; another length.
        let mut bad = good.clone();
        bad[5] ^= 1;
        put(&bad, 1_700_000_001);
        assert!(!is_same(&path));
        let (_other_dir, other) = with_trailer(&[8; 9000], r#"{"tile":3}"#);
        put(&fs::read(&other).unwrap(), 1_700_000_002);
        assert!(!is_same(&path));
        put(&good[..8000], 1_700_000_003);
        assert!(!is_same(&path));
        fs::remove_file(&path).unwrap();
        assert!(!is_same(&path) && Stamp::of(path.parent().unwrap()).is_none());
        // Without a trailer, what is known decides: size, modification time, last bytes.
        put(&[1; 50], 1_700_000_004);
        let plain = Stamp::of(&path).unwrap();
        put(&[1; 50], 1_700_000_004);
        assert!(plain.is_of(&path, &cancel).unwrap());
        for (bytes, seconds) in [([1; 50], 1_700_000_005), ([2; 50], 1_700_000_004)] {
            put(&bytes, seconds);
            assert!(!plain.is_of(&path, &cancel).unwrap());
        }
    }

    #[test]
    fn a_cancel_stops_the_check() {
        let (_dir, path) = with_trailer(b"some bytes", "{}");
        let cancel = CancelToken::default();
        cancel.cancel();
        assert!(matches!(verify(&path, &cancel), Err(TrailerError::Cancelled)));
    }

    #[test]
    fn digests_are_the_known_ones() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest_of("abc"), known);
    }
}
