//! Outputs on a disk that becomes full: a file system in memory of a given size, that only the run sees.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use super::{Bench, Tallies, files_of, spread, wait};

/// Mounts a disk of $1 KiB, runs the rest of the words there, and shows what is on it: files in `found`,
/// their names in `names`. With `again`, the disk grows and the words run a second time, in `found/again`.
const SCRIPT: &str = r#"
size=$1 again=$2; shift 2
mount -t tmpfs -o size=${size}k none disk && cd disk || exit 99
export TMPDIR=$PWD
"$@"
code=$?
ls -A > ../names
mkdir -p ../found
for file in out*; do [ -f "$file" ] && cp "$file" ../found; done
if [ $again = yes ] && [ $code != 0 ]; then
    mount -o remount,size=64m "$PWD"
    "$@" || exit 98
    mkdir -p ../found/again && cp out* ../found/again
fi
exit $code
"#;

impl Bench {
    /// Runs that write to disks of many sizes, from one page to a little more than what is needed.
    pub(super) fn disks(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        fs::create_dir_all(self.folder.join("disk"))?;
        for (what, options, output) in [
            ("GTiff", "--co COMPRESS=NONE", "out.tif"),
            ("COG", "--of COG", "out.tif"),
            ("ENVI", "--of ENVI", "out.bin"),
            ("HFA", "--of HFA", "out.img"),
            ("netCDF", "--of netCDF", "out.nc"),
            ("AAIGrid", "--of AAIGrid --measure svf", "out.asc"),
            ("BT", "--of BT --measure svf", "out.bt"),
            ("work folder", "--work-dir work --tile-size 64", "out.tif"),
        ] {
            let measures =
                if options.contains("--measure") { "" } else { "--measure svf,coverage" };
            let words =
                format!("svf_compute ../cut.tif {output} --radius 9px -n 4 {measures} {options}");
            let may_resume = what == "work folder";
            let whole = self.on_disk(&words, 65536, false)?;
            ensure!(whole.is_some_and(|code| code == 0), "{words} fails on a large disk");
            let right = files_of(&self.folder.join("found"), output);
            let least = self.least_kib(&words)?;
            let tally = tallies.entry(what.to_owned()).or_default();
            for pages in spread(least.div_ceil(4) + 1, runs) {
                let kib = 4 * pages;
                let ended = self.on_disk(&words, kib, may_resume)?;
                tally.runs += 1;
                let found = self.folder.join("found");
                let names = fs::read_to_string(self.folder.join("names"))?;
                let same = |folder: &Path| files_of(folder, output) == right;
                let mut bad = |words: &str| tally.bad.push(format!("{kib} KiB: {words}"));
                match ended {
                    None => bad("did not end"),
                    Some(0) if same(&found) => tally.right += 1,
                    Some(0) => bad("exit 0 with other cells"),
                    Some(1..=3)
                        if found
                            .read_dir()?
                            .any(|entry| entry.is_ok_and(|entry| entry.file_name() != "again")) =>
                    {
                        bad(&format!("an error and an output: {}", names.replace('\n', " ")));
                    }
                    Some(1..=3) if may_resume && !same(&found.join("again")) => {
                        bad("other cells on a larger disk");
                    }
                    Some(1..=3) => tally.refused += 1,
                    Some(98) => bad("an error on a larger disk"),
                    Some(code) => bad(&format!("exit code {code}")),
                }
                if let Some(left) = names.lines().find(|name| name.contains(".partial-")) {
                    tally.bad.push(format!("{kib} KiB: left {left} behind"));
                }
            }
        }
        Ok(tallies)
    }

    /// The smallest disk on which a run succeeds, KiB.
    fn least_kib(&self, words: &str) -> Result<u64> {
        let (mut fails, mut works) = (0, 65536);
        while works - fails > 4 {
            let middle = u64::midpoint(fails, works).next_multiple_of(4);
            match self.on_disk(words, middle, false)? {
                Some(0) => works = middle,
                _ => fails = middle,
            }
        }
        Ok(works)
    }

    /// The exit code of a run on a disk; none if it did not end or was ended.
    fn on_disk(&self, words: &str, kib: u64, again: bool) -> Result<Option<i32>> {
        let _ = fs::remove_dir_all(self.folder.join("found"));
        let mut words = words.split_whitespace();
        let program = self.programs.join(words.next().unwrap_or_default());
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "bash", "-c", SCRIPT, "disk"]);
        command.arg(kib.to_string()).arg(if again { "yes" } else { "no" });
        command.arg(program).args(words).arg("-q").current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended = wait(&mut command)?.and_then(|status| status.code());
        ensure!(ended != Some(99), "cannot mount a disk in memory: unshare and tmpfs are needed");
        Ok(ended)
    }
}
