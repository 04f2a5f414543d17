//! Memory: how much there is, and sizes as users write them (`512M`, `4G`).

use std::fs;
use std::path::Path;

/// Parses a size: a number of bytes, or of K, M, G, T (powers of 1024), with or
/// without a trailing `B` or `iB`.
///
/// # Errors
/// What is wrong, in one line.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let bad = || format!("'{text}' is not a size: write for example 512M or 4G");
    let trimmed = text.trim();
    let digits = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let suffix = trimmed[digits.len()..].trim().to_ascii_uppercase();
    let number: f64 = digits.parse().map_err(|_| bad())?;
    let power = match suffix.trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return Err(bad()),
    };
    let bytes = number * 1024_f64.powi(power);
    if !(1.0..1e18).contains(&bytes) {
        return Err(bad());
    }
    Ok(bytes as u64)
}

/// A size for people: "1.5 GiB".
pub fn show_size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    for (unit, shift) in units {
        if bytes >= 1 << shift {
            let size = bytes as f64 / (1_u64 << shift) as f64;
            return if size < 10.0 {
                format!("{size:.1} {unit}")
            } else {
                format!("{size:.0} {unit}")
            };
        }
    }
    format!("{bytes} bytes")
}

/// Bytes this process may still use: what the machine has free, or its control
/// group if that is less. None where the system does not say.
pub fn available_bytes() -> Option<u64> {
    let machine = meminfo("MemAvailable:");
    [machine, cgroup_v2_left(), cgroup_v1_left()].into_iter().flatten().min()
}

fn meminfo(key: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn cgroup_v2_left() -> Option<u64> {
    let path = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = path.lines().find_map(|line| line.strip_prefix("0::"))?.trim_matches('/').to_owned();
    // A limit may sit on any level above the process.
    let mut folder = Path::new("/sys/fs/cgroup").join(own);
    let mut left: Option<u64> = None;
    loop {
        let number =
            |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
        if let (Some(limit), Some(used)) = (number("memory.max"), number("memory.current")) {
            // Cached file contents count as used, but make way.
            let cached = memory_stat(&folder.join("memory.stat"), "inactive_file").unwrap_or(0);
            let here = limit.saturating_sub(used.saturating_sub(cached));
            left = Some(left.map_or(here, |left| left.min(here)));
        }
        if folder.as_path() == Path::new("/sys/fs/cgroup") || !folder.pop() {
            return left;
        }
    }
}

fn cgroup_v1_left() -> Option<u64> {
    let number = |name: &str| {
        let path = format!("/sys/fs/cgroup/memory/memory.{name}");
        fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
    };
    let limit = number("limit_in_bytes")?;
    let stat = Path::new("/sys/fs/cgroup/memory/memory.stat");
    let cached = memory_stat(stat, "total_inactive_file").unwrap_or(0);
    Some(limit.saturating_sub(number("usage_in_bytes")?.saturating_sub(cached)))
}

fn memory_stat(path: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.split(' ').next() == Some(key))?;
    line.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_written() {
        assert_eq!(parse_size("512M"), Ok(512 << 20));
        assert_eq!(parse_size("4G"), Ok(4 << 30));
        assert_eq!(parse_size("1.5 GiB"), Ok(3 << 29));
        assert_eq!(parse_size("64kb"), Ok(64 << 10));
        assert_eq!(parse_size("1000"), Ok(1000));
        for bad in ["", "M", "-1G", "0", "4X", "NaN", "inf"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        assert_eq!(show_size(512 << 20), "512 MiB");
        assert_eq!(show_size(3 << 29), "1.5 GiB");
        assert_eq!(show_size(17), "17 bytes");
    }
}
