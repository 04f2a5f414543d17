//! Claims: which process works on what, in a folder that processes of several machines share.
//!
//! A claim is a small file that is created exclusively, next to the file that it is about. Its
//! owner renews it every few seconds, and removes it at the end. A process that dies leaves its
//! claims behind, so a claim is taken over if
//!
//! * its owner ran under this kernel and no longer holds the lock of the file, or
//! * its content has not changed for [`MISSED`] times the interval that it states, on the
//!   clock of the process that watches. A claim without its content counts as abandoned sooner.
//!
//! Claims do not rely on the clocks of machines, on file times, or on locks between machines. If
//! a claim is taken over wrongly (for example from a suspended process), work is done twice, but
//! the result is never wrong: only a complete file with its final name means that the work is
//! done. If no claim can be made, the work is done without one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::trailer::digest_of;

/// How often an owner renews its claims.
const RENEWED: Duration = Duration::from_secs(10);
/// How many renewals an owner may miss before its claims count as abandoned.
pub const MISSED: u32 = 6;
/// How long something may take that normally takes an instant: writing a claim that was created, and
/// removing one. Then the process that began it counts as killed.
const INSTANT: Duration = Duration::from_secs(10);
/// Maximum length of the file of a claim.
const LONGEST: u64 = 4096;
const END: &str = ".claim";
/// Suffix, after the name of a claim, of a file whose creator removes the claim.
const GONE: &str = ".gone-";

/// Paths of the claims of this process.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static SERIAL: AtomicU64 = AtomicU64::new(0);

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all claims of this process, which is about to end. From now on it cannot make new
/// claims.
pub fn remove_live() {
    let live = unpoisoned(&LIVE);
    for path in live.iter() {
        let _ = fs::remove_file(path);
    }
    // Threads that want to make or release a claim wait until the process ends.
    std::mem::forget(live);
}

/// What a claim says about its owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// Name of the machine.
    pub host: String,
    /// Number of the process there.
    pub pid: u32,
    /// What it does.
    pub what: String,
    /// Boot id of the kernel that it runs under, and its process namespace; empty if the system has
    /// none.
    boot: String,
    /// Whether the owner holds a lock on the file while it runs.
    locked: bool,
    /// Seconds between two renewals.
    renewed_s: f64,
    /// Token that no other claim has.
    token: String,
}

/// A claim as stored: only the number of renewals changes.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    owner: Owner,
    renewals: u64,
}

impl Stored {
    /// At least as long as all before it, so that it overwrites the old content completely.
    fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

/// The answer to a request for a claim.
#[derive(Debug)]
pub enum Taken {
    /// It was made, and belongs to this process until it is released.
    Ours,
    /// Another process has it; which one, if the claim says so.
    Theirs(Option<Owner>),
    /// A claim cannot be made.
    Impossible(io::Error),
}

/// A claim of another process, and the time since which it did not change.
struct Seen {
    content: Vec<u8>,
    since: Instant,
}

struct Held {
    file: File,
    stored: Stored,
}

/// What is shared with the thread that renews.
#[derive(Default)]
struct Ours {
    held: Mutex<(BTreeMap<String, Held>, bool)>,
    ended: Condvar,
}

/// The claims of a run in one folder. Dropped, it releases them all.
pub struct Claims {
    folder: PathBuf,
    host: String,
    ours: Arc<Ours>,
    renewing: Option<JoinHandle<()>>,
    theirs: Mutex<BTreeMap<String, Seen>>,
}

impl Claims {
    /// The claims of a process on the machine `host`, in an existing folder.
    pub fn new(folder: &Path, host: &str) -> Self {
        let ours = Arc::new(Ours::default());
        let renewing = thread::spawn({
            let ours = Arc::clone(&ours);
            move || renew(&ours)
        });
        Self {
            folder: folder.to_owned(),
            host: host.to_owned(),
            ours,
            renewing: Some(renewing),
            theirs: Mutex::default(),
        }
    }

    /// The file of the claim for `name`: a hidden file in the same folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!(".{name}{END}"))
    }

    /// Requests `name`, to do `what`, at the time `now`. The claim of a dead process is taken
    /// over.
    pub fn take(&self, name: &str, what: &str, now: Instant) -> Taken {
        const TRIES: u32 = 8;
        for _ in 0..TRIES {
            match self.create(name, what) {
                Ok(()) => {
                    unpoisoned(&self.theirs).remove(name);
                    return Taken::Ours;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Taken::Impossible(error),
            }
            match self.look(name, now) {
                Ok(Look::Gone) => {}
                Ok(Look::Alive(owner)) => return Taken::Theirs(owner),
                Ok(Look::Dead(content)) => match self.remove_dead(name, &content, now) {
                    Ok(Removed::Gone) => {}
                    Ok(Removed::ByOther) => return Taken::Theirs(parse(&content)),
                    Err(error) => return Taken::Impossible(error),
                },
                Err(error) => return Taken::Impossible(error),
            }
        }
        // Other processes were faster every time.
        Taken::Theirs(None)
    }

    /// Releases a claim of this process. A claim that another process took over is not changed.
    pub fn release(&self, name: &str) {
        let held = unpoisoned(&self.ours.held).0.remove(name);
        if let Some(held) = held {
            self.remove(name, held);
        }
    }

    /// Removes the claims in the folder whose owner is dead, and those whose work `is_done`, of
    /// any owner, because no process would request them again.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn sweep(&self, is_done: &dyn Fn(&str) -> bool) -> io::Result<()> {
        for (name, gone) in self.listed()? {
            if let Some(remover) = gone {
                // No process needs it if the work is done.
                if is_done(&name) {
                    let _ = remove_if_there(&remover);
                }
            } else if unpoisoned(&self.ours.held).0.contains_key(&name) {
                // Its owner releases it.
            } else if is_done(&name) {
                let _ = remove_if_there(&self.path(&name));
            } else if let now = Instant::now()
                && let Ok(Look::Dead(content)) = self.look(&name, now)
            {
                let _ = self.remove_dead(&name, &content, now);
            }
        }
        Ok(())
    }

    /// Another process that has a claim in the folder and is known to be alive.
    ///
    /// # Errors
    /// A folder that cannot be listed; one that does not exist has no claims.
    pub fn living(&self) -> io::Result<Option<Owner>> {
        let listed = match self.listed() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            listed => listed?,
        };
        let is_ours = |name: &String| unpoisoned(&self.ours.held).0.contains_key(name);
        let mut others = listed.into_iter().filter(|(name, gone)| gone.is_none() && !is_ours(name));
        Ok(others.find_map(|(name, _)| {
            let owner = parse(&read(&self.path(&name)).ok()??)?;
            let locked = self.is_near(&owner) && self.is_locked(&name).ok()?;
            locked.then_some(owner)
        }))
    }

    /// The work that another process has claimed is known to be done.
    pub fn forget(&self, name: &str) {
        unpoisoned(&self.theirs).remove(name);
    }

    /// The owners of requested claims that this process did not get, if their claims say so.
    pub fn owners(&self) -> Vec<Owner> {
        unpoisoned(&self.theirs).values().filter_map(|seen| parse(&seen.content)).collect()
    }

    /// Names that are claimed, and files of processes that were removing claims.
    fn listed(&self) -> io::Result<Vec<(String, Option<PathBuf>)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = claimed(&file) {
                let is_claim = file.len() == name.len() + 1 + END.len();
                found.push((name.to_owned(), (!is_claim).then(|| entry.path())));
            }
        }
        Ok(found)
    }

    fn create(&self, name: &str, what: &str) -> io::Result<()> {
        let path = self.path(name);
        let mut live = unpoisoned(&LIVE);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create_new(true).open(&path)?;
        live.insert(path.clone());
        drop(live);
        let owner = Owner {
            host: self.host.clone(),
            pid: std::process::id(),
            what: what.to_owned(),
            boot: boot(),
            locked: can_lock(&file),
            renewed_s: RENEWED.as_secs_f64(),
            token: token(&self.host),
        };
        let stored = Stored { owner, renewals: 0 };
        let written = stored.text().and_then(|text| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            drop(file);
            let _ = fs::remove_file(&path);
            unpoisoned(&LIVE).remove(&path);
            return Err(error);
        }
        unpoisoned(&self.ours.held).0.insert(name.to_owned(), Held { file, stored });
        Ok(())
    }

    /// The state of a claim of another process.
    fn look(&self, name: &str, now: Instant) -> io::Result<Look> {
        let Some(content) = read(&self.path(name))? else { return Ok(Look::Gone) };
        let owner = parse(&content);
        if let Some(owner) = &owner
            && self.is_near(owner)
            && matches!(self.is_locked(name), Ok(false))
        {
            return Ok(Look::Dead(content));
        }
        // This number comes from another process, and decides how long this process waits.
        let renewed = owner.as_ref().and_then(|o| Duration::try_from_secs_f64(o.renewed_s).ok());
        let renewed = renewed.map_or(RENEWED, |renewed| renewed.min(RENEWED));
        let mut theirs = unpoisoned(&self.theirs);
        let fresh = Seen { content: content.clone(), since: now };
        let seen = theirs.entry(name.to_owned()).or_insert(fresh);
        if seen.content != content {
            *seen = Seen { content, since: now };
        }
        let is_written = seen.content.ends_with(b"\n");
        let patience = if is_written { MISSED * renewed } else { INSTANT };
        if now.duration_since(seen.since) > patience {
            return Ok(Look::Dead(seen.content.clone()));
        }
        Ok(Look::Alive(owner))
    }

    /// Whether the lock of a claim shows that its owner is alive.
    fn is_near(&self, owner: &Owner) -> bool {
        owner.locked && owner.host == self.host && owner.boot == boot()
    }

    /// Whether a process holds the lock of a claim.
    fn is_locked(&self, name: &str) -> io::Result<bool> {
        match File::open(self.path(name)) {
            Ok(file) => match file.try_lock_shared() {
                Ok(()) => Ok(false),
                Err(TryLockError::WouldBlock) => Ok(true),
                Err(TryLockError::Error(error)) => Err(error),
            },
            // It was released meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Removes a claim that was found to be dead, with this content. If several processes try,
    /// the one that creates a file named after this claim may do it, if the claim is still the
    /// same.
    fn remove_dead(&self, name: &str, content: &[u8], now: Instant) -> io::Result<Removed> {
        let key = key_of(content);
        let remover = self.folder.join(format!(".{name}{END}{GONE}{key}"));
        match OpenOptions::new().write(true).create_new(true).open(&remover) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Left by a process that was killed in between: it would block all others.
                let mut theirs = unpoisoned(&self.theirs);
                let fresh = Seen { content: Vec::new(), since: now };
                let since = theirs.entry(format!("{name}{GONE}{key}")).or_insert(fresh).since;
                if now.duration_since(since) > INSTANT {
                    remove_if_there(&remover)?;
                }
                return Ok(Removed::ByOther);
            }
            Err(error) => return Err(error),
        }
        let path = self.path(name);
        let removed = match read(&path) {
            Ok(Some(now)) if key_of(&now) == key => remove_if_there(&path),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        remove_if_there(&remover)?;
        removed.map(|()| Removed::Gone)
    }

    fn remove(&self, name: &str, held: Held) {
        let path = self.path(name);
        let is_ours = || {
            let content = read(&path).ok().flatten()?;
            Some(parse(&content)?.token == held.stored.owner.token)
        };
        if is_ours() == Some(true) {
            let _ = fs::remove_file(&path);
        }
        drop(held);
        unpoisoned(&LIVE).remove(&path);
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        unpoisoned(&self.ours.held).1 = true;
        self.ours.ended.notify_all();
        if let Some(renewing) = self.renewing.take() {
            let _ = renewing.join();
        }
        let held = std::mem::take(&mut unpoisoned(&self.ours.held).0);
        for (name, held) in held {
            self.remove(&name, held);
        }
    }
}

/// The state of a claim of another process.
enum Look {
    /// It was released.
    Gone,
    Alive(Option<Owner>),
    /// Its owner is dead; with the content from which this was decided.
    Dead(Vec<u8>),
}

/// The result of removing a dead claim.
#[derive(Debug, PartialEq)]
enum Removed {
    /// It was removed, or was already replaced.
    Gone,
    /// Another process is about to remove it.
    ByOther,
}

/// Renews the claims of a run until it ends.
fn renew(ours: &Ours) {
    let mut held = unpoisoned(&ours.held);
    while !held.1 {
        let waited = ours.ended.wait_timeout(held, RENEWED);
        let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        held = next;
        if !timeout.timed_out() || held.1 {
            continue;
        }
        for claim in held.0.values_mut() {
            claim.stored.renewals += 1;
            // A claim that cannot be renewed may be taken over, which does no harm.
            let _ = claim.stored.text().and_then(|text| {
                claim.file.seek(SeekFrom::Start(0))?;
                claim.file.write_all(text.as_bytes())?;
                // Syncs the file, so that other machines can see it.
                claim.file.sync_data()
            });
        }
    }
}

/// By the name of a file: the name that is claimed, or the name whose claim is being removed.
pub fn claimed(file: &str) -> Option<&str> {
    let rest = file.strip_prefix('.')?;
    rest.strip_suffix(END).or_else(|| Some(rest.split_once(&format!("{END}{GONE}"))?.0))
}

/// Takes the lock of a new claim for as long as its file is open.
fn can_lock(file: &File) -> bool {
    // On Windows, no process could read a locked file.
    cfg!(unix) && file.try_lock().is_ok()
}

/// The content of a claim; none if there is no such file.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    // On a network file system, another machine can have removed or replaced what is found here.
    let missing = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::StaleNetworkFileHandle)
    };
    match fs::symlink_metadata(path) {
        // The entry itself is checked: links are not followed, and pipes are not waited for.
        Ok(about) if about.is_file() => {}
        Ok(_) => return Err(io::Error::other(format!("{} is not a file", path.display()))),
        Err(error) if missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut content = Vec::new();
    match File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut content)) {
        Ok(_) => Ok(Some(content)),
        Err(error) if missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn parse(content: &[u8]) -> Option<Owner> {
    serde_json::from_slice::<Stored>(content).ok().map(|stored| stored.owner)
}

/// Distinguishes a claim from all earlier ones with its name, as a part of a file name.
fn key_of(content: &[u8]) -> String {
    let token = parse(content).map(|owner| owner.token);
    digest_of(&token.unwrap_or_else(|| String::from_utf8_lossy(content).into_owned()))
}

/// The boot id of this machine and the number of its process namespace, because two machines, or two
/// containers, can have the same name.
fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", id.trim(), space.display()).trim().to_owned()
}

/// A word that no other process writes.
fn token(host: &str) -> String {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{host}-{}-{nanos:x}-{serial}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(folder: &Path) -> Claims {
        Claims::new(folder, "here")
    }

    fn is_ours(taken: &Taken) -> bool {
        matches!(taken, Taken::Ours)
    }

    /// The owner, if it is another process.
    fn theirs(taken: Taken) -> Option<Owner> {
        match taken {
            Taken::Theirs(owner) => owner,
            other => panic!("{other:?}"),
        }
    }

    /// Makes a claim of another process there.
    fn plant(claims: &Claims, name: &str, host: &str, boot: &str, renewals: u64) {
        let owner = Owner {
            host: host.into(),
            pid: 77,
            what: name.into(),
            boot: boot.into(),
            locked: true,
            renewed_s: 2.0,
            token: format!("{host}-{name}"),
        };
        fs::write(claims.path(name), Stored { owner, renewals }.text().unwrap()).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn one_has_a_claim_until_it_releases_it_or_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let now = Instant::now();
        let (one, two) = (claims(dir.path()), claims(dir.path()));
        assert!(is_ours(&one.take("a", "tile 0", now)) && is_ours(&two.take("b", "tile 1", now)));
        assert_eq!(theirs(two.take("a", "tile 0", now)).unwrap().what, "tile 0");
        assert_eq!(two.owners().len(), 1);
        assert_eq!(one.living().unwrap().unwrap().what, "tile 1");
        one.release("a");
        one.release("a");
        assert!(is_ours(&two.take("a", "tile 0", now)) && two.owners().is_empty());
        drop(two);
        assert_eq!(names(dir.path()), [] as [&str; 0]);
        assert_eq!(one.living().unwrap(), None);
        assert!(is_ours(&one.take("b", "tile 1", now)));
        drop(one);
        assert_eq!(names(dir.path()), [] as [&str; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn who_died_under_this_kernel_is_known_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let claims = claims(dir.path());
        plant(&claims, "a", "here", &boot(), 5);
        assert!(is_ours(&claims.take("a", "", Instant::now())));
        // Another machine or container with this name, or this machine before it was started again:
        // unknown.
        let neighbour = boot() + "1";
        for (name, host, boot) in
            [("b", "here", "another"), ("c", "there", &*boot()), ("e", "here", &neighbour)]
        {
            plant(&claims, name, host, boot, 5);
            assert_eq!(theirs(claims.take(name, "", Instant::now())).unwrap().host, host);
        }
        // A process whose lock is held is alive, no matter how long its claim did not change.
        plant(&claims, "d", "here", &boot(), 5);
        let lock = File::open(claims.path("d")).unwrap();
        lock.lock().unwrap();
        assert_eq!(theirs(claims.take("d", "", Instant::now())).unwrap().pid, 77);
        assert_eq!(claims.living().unwrap().unwrap().pid, 77);
        drop(lock);
        assert_eq!(claims.living().unwrap(), None);
        assert!(is_ours(&claims.take("d", "", Instant::now())));
    }

    #[test]
    fn who_is_silent_for_too_long_loses_a_claim_whatever_the_clocks_say() {
        let dir = tempfile::tempdir().unwrap();
        let claims = claims(dir.path());
        let begun = Instant::now();
        let after = |s| begun + Duration::from_secs(s);
        plant(&claims, "a", "there", "", 5);
        // A clock that is a year ahead, or one that is a year behind.
        for year in [1, -1] {
            let moment = SystemTime::now();
            let year_s = Duration::from_hours(24 * 365);
            let moment = if year > 0 { moment + year_s } else { moment - year_s };
            File::options()
                .write(true)
                .open(claims.path("a"))
                .unwrap()
                .set_modified(moment)
                .unwrap();
            theirs(claims.take("a", "", begun));
            theirs(claims.take("a", "", after(12)));
        }
        // It was renewed: the time starts again.
        plant(&claims, "a", "there", "", 6);
        theirs(claims.take("a", "", after(13)));
        theirs(claims.take("a", "", after(25)));
        assert!(is_ours(&claims.take("a", "", after(26))));
        // A claim without an interval, or with a longer one than those of this version, has the
        // interval of this version.
        let longest = (MISSED * RENEWED).as_secs();
        let endless = fs::read_to_string(claims.path("a")).unwrap();
        let endless = endless.replace("\"renewed_s\":10.0", "\"renewed_s\":1e300");
        let endless = endless.replace("here", "there");
        for content in ["mine\n", "{\"renewed_s\":1e999}\n", &endless] {
            fs::write(claims.path("b"), content).unwrap();
            theirs(claims.take("b", "", begun));
            theirs(claims.take("b", "", after(longest)));
            assert!(is_ours(&claims.take("b", "", after(longest + 1))), "{content}");
            claims.release("b");
        }
        // Its owner was killed before it could write, or in between.
        for content in ["", &endless[..20]] {
            fs::write(claims.path("b"), content).unwrap();
            theirs(claims.take("b", "", begun));
            theirs(claims.take("b", "", after(10)));
            assert!(is_ours(&claims.take("b", "", after(11))), "{content}");
            claims.release("b");
        }
        assert_eq!(names(dir.path()), [".a.claim"]);
    }

    #[test]
    fn what_was_taken_over_is_left_to_its_new_owner() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (claims(dir.path()), claims(dir.path()));
        let begun = Instant::now();
        assert!(is_ours(&one.take("a", "", begun)));
        plant(&two, "a", "there", "", 0);
        theirs(two.take("a", "", begun));
        assert!(is_ours(&two.take("a", "", begun + Duration::from_secs(13))));
        one.release("a");
        assert_eq!(names(dir.path()), [".a.claim"]);
        // It was found to be dead, but had a new owner before it could be removed.
        let seen = read(&two.path("a")).unwrap().unwrap();
        two.release("a");
        assert!(is_ours(&one.take("a", "", begun)));
        assert_eq!(two.remove_dead("a", &seen, begun).unwrap(), Removed::Gone);
        assert_eq!(names(dir.path()), [".a.claim"]);
        one.release("a");
        assert_eq!(two.remove_dead("a", &seen, begun).unwrap(), Removed::Gone);
        assert_eq!(names(dir.path()), [] as [&str; 0]);
    }

    #[test]
    fn who_is_killed_while_taking_over_hinders_others_for_a_while_only() {
        let dir = tempfile::tempdir().unwrap();
        let claims = claims(dir.path());
        let begun = Instant::now();
        let after = |s| begun + Duration::from_secs(s);
        plant(&claims, "a", "there", "", 0);
        theirs(claims.take("a", "", begun));
        let key = key_of(&read(&claims.path("a")).unwrap().unwrap());
        fs::write(dir.path().join(format!(".a{END}{GONE}{key}")), "").unwrap();
        theirs(claims.take("a", "", after(13)));
        theirs(claims.take("a", "", after(23)));
        theirs(claims.take("a", "", after(24)));
        assert!(is_ours(&claims.take("a", "", after(25))));
        assert_eq!(names(dir.path()), [".a.claim"]);
    }

    #[test]
    fn only_one_of_many_takes_over() {
        let dir = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let all: Vec<Claims> = (0..8).map(|_| claims(dir.path())).collect();
        for round in 0..50 {
            let name = format!("t{round}");
            plant(&all[0], &name, "there", "", 0);
            for claims in &all {
                theirs(claims.take(&name, "", begun));
            }
            let late = begun + Duration::from_secs(13);
            let takers = thread::scope(|scope| {
                let name = &name;
                let takers: Vec<_> = all
                    .iter()
                    .map(|claims| scope.spawn(move || is_ours(&claims.take(name, "", late))))
                    .collect();
                takers.into_iter().filter_map(|t| t.join().unwrap().then_some(())).count()
            });
            assert_eq!(takers, 1, "round {round}");
        }
        drop(all);
        assert_eq!(names(dir.path()), [] as [&str; 0]);
    }

    #[test]
    fn a_sweep_removes_what_is_nobodys_and_what_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (claims(dir.path()), claims(dir.path()));
        let now = Instant::now();
        assert!(is_ours(&one.take("ours", "", now)) && is_ours(&two.take("alive", "", now)));
        plant(&one, "far", "there", "", 0);
        plant(&one, "done", "there", "", 0);
        #[cfg(unix)]
        plant(&one, "dead", "here", &boot(), 0);
        for other in [".done.claim.gone-12ab", ".x.partial-here-1-2", "x.claim", "x.tif"] {
            fs::write(dir.path().join(other), "x").unwrap();
        }
        one.sweep(&|name| name == "done").unwrap();
        let left = [".alive.claim", ".far.claim", ".ours.claim", ".x.partial-here-1-2", "x.claim"];
        assert_eq!(names(dir.path()), [&left[..], &["x.tif"]].concat());
    }

    #[test]
    fn what_is_no_claim_under_its_name_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let claims = claims(dir.path());
        fs::create_dir(claims.path("folder")).unwrap();
        let now = Instant::now();
        assert!(matches!(claims.take("folder", "", now), Taken::Impossible(_)));
        #[cfg(unix)]
        {
            fs::write(dir.path().join("mine"), "mine").unwrap();
            std::os::unix::fs::symlink(dir.path().join("mine"), claims.path("link")).unwrap();
            assert!(matches!(claims.take("link", "", now), Taken::Impossible(_)));
            let made = std::process::Command::new("mkfifo").arg(claims.path("pipe")).status();
            assert!(made.unwrap().success());
            assert!(matches!(claims.take("pipe", "", now), Taken::Impossible(_)));
            assert_eq!(fs::read_to_string(dir.path().join("mine")).unwrap(), "mine");
        }
        let nowhere = Claims::new(&dir.path().join("none"), "here");
        assert!(matches!(nowhere.take("a", "", now), Taken::Impossible(_)));
        assert_eq!(nowhere.living().unwrap(), None);
    }
}
