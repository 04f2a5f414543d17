//! Memory: how much there is, and sizes as users write them (`512M`, `4G`).

use std::fs;
use std::path::Path;

/// Parses a size: a number of bytes, or of K, M, G, T (powers of 1024), with or
/// without a trailing `B` or `iB`.
///
/// # Errors
/// What is wrong, in one line.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let bad = || format!("'{text}' is not a size: write e.g. 512M or 4G");
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

/// Bytes that this process can still use: the free memory of the machine, or of its control group
/// if that is less. None if the system does not say.
pub fn available_bytes() -> Option<u64> {
    available_below(Path::new("/")).or_else(available_elsewhere)
}

#[cfg(target_os = "linux")]
fn available_elsewhere() -> Option<u64> {
    None
}

#[cfg(not(target_os = "linux"))]
use of_sysinfo as available_elsewhere;

/// The free memory of the machine, where it is not in a file.
#[cfg(any(test, not(target_os = "linux")))]
fn of_sysinfo() -> Option<u64> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    Some(system.available_memory()).filter(|bytes| *bytes > 0)
}

/// The free memory according to the files of a Linux system below `root`.
fn available_below(root: &Path) -> Option<u64> {
    let machine = meminfo(&root.join("proc/meminfo"), "MemAvailable:");
    [machine, cgroup_v2_left(root), cgroup_v1_left(root)].into_iter().flatten().min()
}

fn meminfo(path: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn cgroup_v2_left(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::"))?.trim_matches('/');
    let top = root.join("sys/fs/cgroup");
    // A limit can be on any level above the process.
    let mut folder = top.join(own);
    let mut left: Option<u64> = None;
    loop {
        if let (Some(limit), Some(used)) =
            (number_in(&folder.join("memory.max")), number_in(&folder.join("memory.current")))
        {
            // Cached file contents count as used, but the system frees them when needed.
            let cached = memory_stat(&folder.join("memory.stat"), "inactive_file").unwrap_or(0);
            let here = limit.saturating_sub(used.saturating_sub(cached));
            left = Some(left.map_or(here, |left| left.min(here)));
        }
        if folder == top || !folder.pop() {
            return left;
        }
    }
}

fn cgroup_v1_left(root: &Path) -> Option<u64> {
    let folder = root.join("sys/fs/cgroup/memory");
    let limit = number_in(&folder.join("memory.limit_in_bytes"))?;
    let cached = memory_stat(&folder.join("memory.stat"), "total_inactive_file").unwrap_or(0);
    let used = number_in(&folder.join("memory.usage_in_bytes"))?;
    Some(limit.saturating_sub(used.saturating_sub(cached)))
}

/// The number in a file; none if it says `max`.
fn number_in(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
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
        assert_eq!(parse_size(" 2T "), Ok(2 << 40));
        assert_eq!(parse_size("1"), Ok(1));
        for bad in ["", "M", "-1G", "0", "0.9", "4X", "NaN", "inf", "1e18", "4 4M"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        assert_eq!(show_size(512 << 20), "512 MiB");
        assert_eq!(show_size(3 << 29), "1.5 GiB");
        assert_eq!(show_size(17), "17 bytes");
        assert_eq!(show_size(1023), "1023 bytes");
        assert_eq!(show_size(1 << 10), "1.0 KiB");
        assert_eq!(show_size(10 << 10), "10 KiB");
        assert_eq!(show_size((10 << 20) - (1 << 19)), "9.5 MiB");
        assert_eq!(show_size(1 << 30), "1.0 GiB");
    }

    /// A system made of files: (path, content).
    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    const MEMINFO: (&str, &str) =
        ("proc/meminfo", "MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:  5000 kB\n");

    #[test]
    fn a_machine_without_groups_has_what_is_available() {
        assert_eq!(available_below(system(&[MEMINFO]).path()), Some(5000 << 10));
        assert_eq!(available_below(system(&[]).path()), None);
        let silent = [("proc/meminfo", "MemTotal:  8000 kB\n")];
        assert_eq!(available_below(system(&silent).path()), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_memory_left() {
        let left = available_bytes().unwrap();
        assert!(left > 1 << 20, "{left}");
        let machine = meminfo(Path::new("/proc/meminfo"), "MemTotal:").unwrap();
        assert!(left <= machine, "{left} of {machine}");
    }

    /// What other systems ask also answers here, where the tests run.
    #[cfg(target_os = "linux")]
    #[test]
    fn other_systems_ask_for_the_same() {
        let (other, here) =
            (of_sysinfo().unwrap(), meminfo(Path::new("/proc/meminfo"), "MemAvailable:"));
        let total = meminfo(Path::new("/proc/meminfo"), "MemTotal:").unwrap();
        // Other processes take and return memory in between.
        assert!(other.abs_diff(here.unwrap()) < total / 4, "{other} {here:?}");
    }

    #[test]
    fn the_tightest_group_above_the_process_counts() {
        let own = ("proc/self/cgroup", "0::/job/step\n");
        let limits = [
            MEMINFO,
            own,
            ("sys/fs/cgroup/job/step/memory.max", "max\n"),
            ("sys/fs/cgroup/job/step/memory.current", "1000\n"),
            ("sys/fs/cgroup/job/memory.max", "3000000\n"),
            ("sys/fs/cgroup/job/memory.current", "1000000\n"),
            ("sys/fs/cgroup/job/memory.stat", "anon 7\ninactive_file 400000\n"),
            // Above all groups is no group.
            ("sys/fs/memory.max", "2000000\n"),
            ("sys/fs/memory.current", "1000000\n"),
        ];
        assert_eq!(available_below(system(&limits).path()), Some(2_400_000));
        // A lower limit of its own, and more in use than allowed.
        let tight = [
            MEMINFO,
            own,
            ("sys/fs/cgroup/job/step/memory.max", "500000\n"),
            ("sys/fs/cgroup/job/step/memory.current", "600000\n"),
            ("sys/fs/cgroup/job/memory.max", "3000000\n"),
            ("sys/fs/cgroup/job/memory.current", "1000000\n"),
        ];
        assert_eq!(available_below(system(&tight).path()), Some(0));
        // A limit on the topmost level, and one that is larger than the machine.
        let top = [
            MEMINFO,
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "900000000000\n"),
            ("sys/fs/cgroup/memory.current", "0\n"),
        ];
        assert_eq!(available_below(system(&top).path()), Some(5000 << 10));
    }

    #[test]
    fn groups_of_the_first_version_count_too() {
        let limits = [
            MEMINFO,
            ("proc/self/cgroup", "5:memory:/job\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500000\n"),
            ("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 300000\n"),
        ];
        assert_eq!(available_below(system(&limits).path()), Some(800_000));
    }
}
