//! Keeps GDAL's messages separately for each run, and initialises GDAL once per process.
//!
//! On a full disk, GDAL's write, flush and close calls can all report success. Only GDAL's error
//! handler gets the failure, sometimes on another thread. So each run stores the first failure
//! since [`Session::arm`] until it is queried. GDAL has a single handler for the whole process,
//! which must know for which run the current thread works. A thread sets this with
//! [`Session::enter`]. What it opens then belongs to that run and reports to it, even if it is
//! later used on another thread. GDAL's own threads belong to no run: their messages go to all
//! active runs.
//!
//! In GDAL, these are shared by the whole process:
//!
//! * On Linux, access to local files: see `local_files`.
//! * Configuration options: those of a later session are added, for all sessions.
//! * The list of drivers: options that change it only have an effect in the first session.
//! * The block cache: its size is the sum of what all sessions need. If one run forces a block of
//!   another run out of the cache, and the disk is full, both runs get the error.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};

use gdal::errors::CplErrType;

use crate::error::{Op, RasterError};

/// How many warnings are kept until they are read: a damaged file can have one per block.
const MOST_WARNINGS: usize = 20;

/// How many sources of VRTs GDAL keeps open. Its default of 100 makes memory grow with the number
/// of files: each holds its last block. Few tiles lie in more sources than these.
const MOST_SOURCES: u32 = 10;

/// The active runs, for messages on threads that belong to no run.
static RUNS: Mutex<Vec<Weak<Heard>>> = Mutex::new(Vec::new());
/// Held while the size of the block cache is set. GDAL can call the error handler meanwhile,
/// which does not use this lock.
static CACHE: Mutex<()> = Mutex::new(());

thread_local! {
    static CURRENT: RefCell<Option<Run>> = const { RefCell::new(None) };
    /// How many times this thread has entered [`may_fail`].
    static FORGIVING: Cell<u32> = const { Cell::new(0) };
    /// How many failures were heard on this thread.
    static FAILURES: Cell<u64> = const { Cell::new(0) };
    /// Whether this thread reads.
    static READING: Cell<bool> = const { Cell::new(false) };
    /// Whether this thread opens an input.
    static OPENING: Cell<bool> = const { Cell::new(false) };
    /// The last warning on this thread that means that something was not read.
    static DAMAGE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Message of the last failure on a thread of no run.
    static LAST_MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// GDAL's messages for one run.
#[derive(Debug, Default)]
struct Heard {
    first_failure: Mutex<Option<String>>,
    last_message: Mutex<String>,
    warnings: Mutex<Vec<String>>,
    /// What outputs do not store, and how many of these were taken.
    losses: Mutex<(Vec<String>, usize)>,
    /// The last warning on a thread of no run that means that something was not read.
    damage: Mutex<Option<String>>,
    /// Failures on threads of no run.
    failures: AtomicU64,
    /// How many reads of cells GDAL took for a success that were none.
    hidden: AtomicU64,
    /// How many of its threads are in [`may_fail`].
    forgiving: AtomicU32,
    cache_bytes: AtomicU64,
}

/// A panic on another thread does not make what is kept here wrong.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Heard {
    fn hear(&self, class: CplErrType, message: &str, may_fail: bool) {
        match class {
            CplErrType::Failure | CplErrType::Fatal => {
                message.clone_into(&mut lock(&self.last_message));
                if !may_fail && !READING.try_with(Cell::get).unwrap_or(false) {
                    lock(&self.first_failure).get_or_insert_with(|| message.to_owned());
                }
            }
            CplErrType::Warning if !may_fail && is_of_lost_notes(message) => {
                lock(&self.first_failure).get_or_insert_with(|| with_cause(message));
            }
            CplErrType::Warning if !may_fail && !is_damage(message) && !is_of_no_use(message) => {
                let mut warnings = lock(&self.warnings);
                if warnings.len() < MOST_WARNINGS && !warnings.iter().any(|w| w == message) {
                    warnings.push(message.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// Whether a message means that something was not read.
fn is_of_lost(class: CplErrType, message: &str) -> bool {
    match class {
        CplErrType::Warning => is_damage(message) || is_of_lost_notes(message),
        // That of a mask, for example. While outputs are written, it says something of them.
        CplErrType::Failure | CplErrType::Fatal => {
            message.contains("Failed to read directory")
                && OPENING.try_with(Cell::get).unwrap_or(false)
        }
        _ => false,
    }
}

/// Whether a warning means that cells, or what they mean, could not be read: a library went on
/// without.
fn is_damage(message: &str) -> bool {
    const WORDS: [&str; 3] =
        ["IO error during reading of", "Premature end of JPEG", "premature end of data"];
    WORDS.iter().any(|words| message.contains(words))
}

/// Whether a warning means that what an output says of its cells (NoData, CRS) could not be written
/// into the file beside it: GDAL went on without. Beside inputs, nothing is written that decides cells.
fn is_of_lost_notes(message: &str) -> bool {
    message.contains("Unable to save auxiliary information") && message.contains(".partial-")
}

/// A message, with the cause that GDAL keeps back.
fn with_cause(message: &str) -> String {
    match is_of_lost_notes(message) {
        true => format!("{message} The disk is full, or does not keep what is written"),
        false => message.to_owned(),
    }
}

/// Whether a warning is about calls of GDAL's functions, or about axes without names: nothing of
/// the file is lost.
fn is_of_no_use(message: &str) -> bool {
    const WORDS: [&str; 6] = [
        // Said of each raster of bytes that is copied.
        "PIXELTYPE=SIGNEDBYTE is no longer used",
        "GetNoDataValueAsInt64()",
        "GetNoDataValueAsUInt64()",
        "is not a Longitude/X dimension",
        "is not a Latitude/Y dimension",
        // A dimension of azimuths.
        "is not a Time or Vertical dimension",
    ];
    WORDS.iter().any(|words| message.contains(words))
}

/// GDAL's error handler, which GDAL calls on one thread at a time.
fn handle(class: CplErrType, message: &str) {
    // At the end of a thread, its thread-local data is gone.
    let current = CURRENT.try_with(|run| run.borrow().clone()).ok().flatten();
    let has_failed = matches!(class, CplErrType::Failure | CplErrType::Fatal);
    if is_of_lost(class, message) {
        hear_damage(&with_cause(message));
    }
    if let Some(Run(heard)) = current {
        let may_fail = FORGIVING.get() > 0;
        FAILURES.set(FAILURES.get() + u64::from(has_failed && !may_fail));
        return heard.hear(class, message, may_fail);
    }
    if has_failed {
        let _ = LAST_MESSAGE.try_with(|last| message.clone_into(&mut last.borrow_mut()));
    }
    let may_fail = FORGIVING.try_with(Cell::get).unwrap_or(0) > 0;
    let living: Vec<_> = lock(&RUNS).iter().filter_map(Weak::upgrade).collect();
    for heard in living {
        let may_fail = may_fail || heard.forgiving.load(Ordering::SeqCst) > 0;
        heard.failures.fetch_add(u64::from(has_failed && !may_fail), Ordering::SeqCst);
        heard.hear(class, message, may_fail);
    }
}

/// Sets a configuration option of GDAL that the user has not set.
fn set_unless_set(key: &str, value: &str) {
    if gdal::config::get_config_option(key, "").is_ok_and(|set| set.is_empty()) {
        let _ = gdal::config::set_config_option(key, value);
    }
}

/// One run: a handle to its messages.
#[derive(Clone, Debug)]
struct Run(Arc<Heard>);

impl Run {
    fn new() -> Self {
        let heard = Arc::new(Heard::default());
        let mut runs = lock(&RUNS);
        runs.retain(|run| run.strong_count() > 0);
        runs.push(Arc::downgrade(&heard));
        Self(heard)
    }

    /// The run of this thread, or a new run if it has none, so that no failure is lost.
    fn here() -> Self {
        current().unwrap_or_else(Self::new)
    }

    fn enter(&self) -> Entered {
        let before = CURRENT.replace(Some(self.clone()));
        Entered { before, _this_thread: PhantomData }
    }
}

fn current() -> Option<Run> {
    CURRENT.with_borrow(Clone::clone)
}

/// Keeps the run of this thread, or starts a new one if it has none. Used before something is
/// opened.
pub(crate) fn enter_here() -> Entered {
    Run::here().enter()
}

/// While this guard exists, its thread works for a run; afterwards for the run before, or for
/// none.
#[must_use = "the thread works for the run as long as this lives"]
#[derive(Debug)]
pub struct Entered {
    before: Option<Run>,
    _this_thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

/// A GDAL object that belongs to the run of the thread that made it. It reports to that run even
/// if another thread uses, closes or drops it.
pub(crate) struct OfRun<T> {
    run: Run,
    /// None after it was taken out.
    object: Option<T>,
}

impl<T> OfRun<T> {
    pub(crate) fn here(object: T) -> Self {
        Self { run: Run::here(), object: Some(object) }
    }

    /// Lets this thread work for the object's run.
    pub(crate) fn enter(&self) -> Entered {
        self.run.enter()
    }

    /// Takes the object out, to be consumed while this thread works for its run.
    pub(crate) fn take(mut self) -> (Entered, T) {
        let entered = self.run.enter();
        match self.object.take() {
            Some(object) => (entered, object),
            None => unreachable!("only `take` takes it, and takes all"),
        }
    }
}

impl<T> Deref for OfRun<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.object {
            Some(object) => object,
            None => unreachable!("only `take` takes it, and takes all"),
        }
    }
}

impl<T> DerefMut for OfRun<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.object {
            Some(object) => object,
            None => unreachable!("only `take` takes it, and takes all"),
        }
    }
}

impl<T> Drop for OfRun<T> {
    fn drop(&mut self) {
        let _here = self.run.enter();
        self.object = None;
    }
}

/// A run that uses GDAL. Several runs are possible in one process; each gets only its own
/// failures and warnings. Clones belong to the same run; its share of the block cache is released
/// with the last clone.
#[derive(Clone, Debug)]
pub struct Session(Arc<Owner>);

#[derive(Debug)]
struct Owner(Run);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.0.cache_bytes.store(0, Ordering::SeqCst);
        size_cache();
    }
}

impl Session {
    /// Begins a run. The first one of a process sets the error handler, then the configuration
    /// (`KEY=VALUE`, as `--config`), then registers the drivers, which may depend on it. The
    /// configuration of a later one is set for the whole process too.
    ///
    /// This does not make the thread work for the run; use [`Session::enter`] for that.
    ///
    /// # Errors
    /// A key or value that GDAL does not accept.
    pub fn start(config: &[String]) -> Result<Self, RasterError> {
        static PROCESS: Once = Once::new();
        static DRIVERS: Once = Once::new();
        PROCESS.call_once(|| {
            #[cfg(feature = "bundled")]
            crate::bundled::set_up();
            gdal::config::set_error_handler(|class, _, message| handle(class, message));
            #[cfg(target_os = "linux")]
            crate::local_files::install(hear_damage);
            give_memory_back();
            // Overviews of wide rasters are made in small chunks, to stay within the memory
            // limit.
            set_unless_set("GDAL_OVR_CHUNK_MAX_SIZE", "1000000");
            // GDAL writes a file beside an archive that it only reads.
            set_unless_set("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO");
            set_unless_set("GDAL_MAX_DATASET_POOL_SIZE", &MOST_SOURCES.to_string());
        });
        let session = Self(Arc::new(Owner(Run::new())));
        let _here = session.enter();
        for pair in config {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            gdal::config::set_config_option(key, value)
                .map_err(|error| RasterError::new(Op::Config, key, error))?;
        }
        DRIVERS.call_once(gdal::DriverManager::register_all);
        // The programs are whole, or they say what they lack, whatever is read.
        if cfg!(feature = "bundled") {
            crate::proj::refuse_missing("proj.db", || true)?;
        }
        Ok(session)
    }

    /// Lets this thread work for the run until the guard is dropped. Rasters and files that it
    /// opens meanwhile belong to the run and report to it, on any thread. A file that is opened
    /// on a thread without a run returns its failures to the caller, but its warnings are lost.
    pub fn enter(&self) -> Entered {
        self.run().enter()
    }

    /// Sets the share of this session in GDAL's block cache. All datasets of the process share
    /// the cache; its size is the sum of the shares.
    pub fn set_cache_bytes(&self, bytes: u64) {
        self.run().0.cache_bytes.store(bytes, Ordering::SeqCst);
        size_cache();
    }

    /// Gives memory that the process has freed back to the system, as far as the allocator can.
    pub fn give_back() {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        {
            unsafe extern "C" {
                fn malloc_trim(pad: usize) -> std::ffi::c_int;
            }
            // SAFETY: glibc's own function, which any thread may call at any time.
            unsafe { malloc_trim(0) };
        }
    }

    /// Bytes that are now in GDAL's block cache, for the whole process. They are part of its
    /// resident memory, and within the sizes of [`Session::set_cache_bytes`].
    pub fn cached_bytes() -> u64 {
        // SAFETY: reads a number.
        u64::try_from(unsafe { gdal_sys::GDALGetCacheUsed64() }).unwrap_or(0)
    }

    /// Forgets earlier failures; from now on, the first one is kept.
    pub fn arm(&self) {
        *lock(&self.run().0.first_failure) = None;
        // SAFETY: clears thread-local error state.
        unsafe { gdal_sys::CPLErrorReset() };
    }

    /// GDAL's warnings since the last call, each once.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.run().0.warnings))
    }

    /// What outputs do not store, since the last call: each once in a run.
    pub fn take_losses(&self) -> Vec<String> {
        let (losses, taken) = &mut *lock(&self.run().0.losses);
        let since = std::mem::replace(taken, losses.len());
        losses[since..].to_vec()
    }

    /// Version of the GDAL library in use, as "3.6.2".
    pub fn gdal_version() -> String {
        gdal::version::VersionInfo::release_name()
    }

    /// Where GDAL comes from: `bundled` with the programs, or the one of the `system`.
    pub fn gdal_linkage() -> &'static str {
        if cfg!(feature = "bundled") { "bundled" } else { "system" }
    }

    /// The short names of all formats of this GDAL, in alphabetical order.
    pub fn drivers(&self) -> Vec<String> {
        use gdal::DriverManager;
        let all = (0..DriverManager::count()).filter_map(|i| DriverManager::get_driver(i).ok());
        let mut names: Vec<String> = all.map(|driver| driver.short_name()).collect();
        names.sort_unstable();
        names
    }

    fn run(&self) -> &Run {
        &self.0.0
    }
}

/// Sets the size of the block cache to the sum for all sessions; does not change it if no session
/// has a share.
fn size_cache() {
    let _turn = lock(&CACHE);
    let living: Vec<_> = lock(&RUNS).iter().filter_map(Weak::upgrade).collect();
    let wanted = living.iter().map(|run| run.cache_bytes.load(Ordering::SeqCst));
    let bytes = wanted.fold(0, u64::saturating_add);
    if bytes > 0 {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        // SAFETY: takes a number, sets a global under GDAL's own lock.
        unsafe { gdal_sys::GDALSetCacheMax64(bytes) };
    }
}

/// Buffers of so many bytes come from the system, smaller ones from heaps. In the heaps of several threads,
/// freed blocks leave gaps as large as themselves: with blocks of 160 KiB, rows of a wide raster, 20 MiB of
/// 130. Smaller blocks leave small gaps.
pub(crate) const FROM_SYSTEM: u64 = 64 << 10;

/// Makes glibc return large buffers to the system when they are freed. By default, after the
/// first one it takes the next ones from its heap, where the blocks of a raster leave holes, and
/// the memory would exceed the limit.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn mallopt(parameter: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        }
        const M_MMAP_THRESHOLD: std::ffi::c_int = -3;
        // A heap gives back its free end, unless a small buffer that is kept for the next one of its size
        // was the last to be freed: then all 18 MiB of the blocks of a raster in rows stay.
        const M_MXFAST: std::ffi::c_int = 1;
        // SAFETY: glibc's own function, with parameters it documents.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, FROM_SYSTEM as std::ffi::c_int);
            mallopt(M_MXFAST, 0);
        }
    }
}

/// Returns the first failure of this thread's run, as a failure of `op` on `path`.
///
/// # Errors
/// That failure, if there is one.
pub(crate) fn check(op: Op, path: &str) -> Result<(), RasterError> {
    match current().and_then(|Run(heard)| lock(&heard.first_failure).clone()) {
        None => Ok(()),
        Some(reason) => Err(RasterError::new(op, path, reason)),
    }
}

/// How many failures there were on this thread and on threads of no run: some reads call themselves
/// a success although there was one. Those of other threads of the run are failures of their own
/// reads and writes.
pub(crate) fn failures() -> u64 {
    let of_others = current().map_or(0, |Run(heard)| heard.failures.load(Ordering::SeqCst));
    FAILURES.get() + of_others
}

/// Tells this thread that something could not be read, or all runs if it works for none.
fn hear_damage(message: &str) {
    let works_for_one = CURRENT.try_with(|run| run.borrow().is_some()).unwrap_or(false);
    if works_for_one {
        DAMAGE.set(Some(message.to_owned()));
        return;
    }
    let living: Vec<_> = lock(&RUNS).iter().filter_map(Weak::upgrade).collect();
    for heard in living {
        *lock(&heard.damage) = Some(message.to_owned());
    }
}

/// What was not read since the last time, on this thread or on threads of no run. To be taken before
/// something is read, too: what was read before, of another file perhaps, may have ended early.
pub(crate) fn take_damage() -> Option<String> {
    let of_others = current().and_then(|Run(heard)| lock(&heard.damage).take());
    DAMAGE.take().or(of_others)
}

/// Notes what an output does not store, for [`Session::take_losses`].
pub(crate) fn note_loss(loss: String) {
    if let Some(Run(heard)) = current() {
        let mut losses = lock(&heard.losses);
        if !losses.0.contains(&loss) {
            losses.0.push(loss);
        }
    }
}

/// Counts a read of cells that GDAL took for a success and that was none.
pub(crate) fn count_hidden() {
    if let Some(Run(heard)) = current() {
        heard.hidden.fetch_add(1, Ordering::SeqCst);
    }
}

/// How many such reads this thread's run had.
pub(crate) fn hidden() -> u64 {
    current().map_or(0, |Run(heard)| heard.hidden.load(Ordering::SeqCst))
}

/// Does something that may fail without an error of the run: its message is only kept in
/// [`last_message`].
pub(crate) fn may_fail<T>(attempt: impl FnOnce() -> T) -> T {
    struct Forgiving(Option<Run>);
    impl Drop for Forgiving {
        fn drop(&mut self) {
            FORGIVING.set(FORGIVING.get() - 1);
            if let Some(Run(heard)) = &self.0 {
                heard.forgiving.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }
    let run = current();
    if let Some(Run(heard)) = &run {
        heard.forgiving.fetch_add(1, Ordering::SeqCst);
    }
    FORGIVING.set(FORGIVING.get() + 1);
    let _forgiving = Forgiving(run);
    attempt()
}

/// Looks at another file, which may fail, and which is closed again: its damage is not that of the file
/// that is being opened. Where its cells are needed, it is opened again, and heard.
pub(crate) fn looking_aside<T>(look: impl FnOnce() -> T) -> T {
    let before = take_damage();
    let seen = may_fail(look);
    take_damage();
    if let Some(said) = before {
        hear_damage(&said);
    }
    seen
}

/// Reads. The caller reports a failure, so the run does not keep it: a run in tiles continues with
/// the next tile.
pub(crate) fn reading<T>(read: impl FnOnce() -> T) -> T {
    crate::hdf5::hush();
    let before = READING.replace(true);
    let result = read();
    READING.set(before);
    result
}

/// While it lives, this thread opens an input.
pub(crate) struct Opening(bool);

/// Says that this thread opens an input.
pub(crate) fn opening() -> Opening {
    Opening(OPENING.replace(true))
}

impl Drop for Opening {
    fn drop(&mut self) {
        OPENING.set(self.0);
    }
}

/// What to do about a missing driver, if the user has told GDAL to leave some out.
pub(crate) fn left_out() -> Option<String> {
    let skipped = gdal::config::get_config_option("GDAL_SKIP", "").ok()?;
    (!skipped.is_empty())
        .then(|| format!("GDAL_SKIP makes GDAL leave out {skipped}: remove that setting"))
}

/// What to do about a file of which GDAL said `reason`, if no driver that is there reads it.
pub(crate) fn unknown_format(reason: &str) -> Option<String> {
    const OF_OWN: &str = "these programs come with a GDAL of their own, which lacks some formats (svf_compute \
                          --version --json lists its drivers): convert the file first, with \
                          gdal_translate or ogr2ogr";
    let own = || cfg!(feature = "bundled").then(|| OF_OWN.to_owned());
    reason.contains("not recognized").then(|| left_out().or_else(own)).flatten()
}

/// GDAL's message about what just failed.
pub(crate) fn reason(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError;
    let said = match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    if said.trim().is_empty() { last_message() } else { said }
}

/// The message of the last failure.
pub(crate) fn last_message() -> String {
    let last = match current() {
        Some(Run(heard)) => lock(&heard.last_message).clone(),
        None => LAST_MESSAGE.with_borrow(Clone::clone),
    };
    if last.is_empty() { "GDAL gives no reason".to_owned() } else { last }
}
