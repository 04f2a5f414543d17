//! Computes a raster in one run: prepare, then run. Several rasters, one per measure, are
//! computed together.

use svf_job::plan::LEAST_CACHE_BYTES;
use svf_job::{CancelToken, Encoding, Job, Plan, Progress, Summary};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{Kernel, Search};
use svf_raster::writer::publish_all;
use svf_raster::{BandStatistics, Session};

use crate::error::Error;
use crate::far_ground::on_far_ground;
use crate::inputs::{self, Inputs, Source};
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::outputs::{
    Outputs, check_beside, check_destinations, check_outputs, refuse_existing, refuse_lists,
    refuse_twins,
};
use crate::receivers::warn_of_none;
use crate::request::{Request, Separate};
use crate::spec::{Entries, Spec, block_for};
use crate::stream::is_stdin;
use crate::summary::{BandSummary, CheckSummary, Truncation, band_statistics, band_summaries};
use crate::threads::thread_pool;

/// A run that is ready to begin: inputs are open, outputs are checked, tiles are planned.
pub struct Prepared {
    inputs: Inputs,
    spec: Spec,
    kernel: Kernel,
    plan: Plan,
    overwrite: bool,
}

/// The results of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Computed {
    /// Final paths.
    pub outputs: Vec<String>,
    /// Rows and columns.
    pub size: (u64, u64),
    /// Number of receivers that were asked for, if not all cells are receivers.
    pub receivers: Option<u64>,
    /// Statistics of each band.
    pub bands: Vec<BandSummary>,
    /// How much the radius can have missed; none if there is no height.
    pub truncation: Option<Truncation>,
    /// How horizons were searched.
    pub search: Search,
    /// Deviations from the exact search, if they were asked for.
    pub check: Option<CheckSummary>,
    /// Seconds during which the run read, computed and wrote.
    pub busy_s: [f64; 3],
    /// The instruction set that it used.
    pub simd: SimdLevel,
}

/// Computes a request.
///
/// # Errors
/// An impossible request, work that fails, or a cancel.
pub fn compute(
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Computed, Error> {
    Prepared::new(request, session, cancel, observer)?.run(session, cancel, observer)
}

impl Prepared {
    /// Opens the inputs, checks the request against them, and plans the tiles. Nothing is
    /// written.
    ///
    /// # Errors
    /// A file that cannot be opened; an impossible request; outputs that exist, are an input or
    /// have no folder; a memory limit that is too small; a cancel.
    pub fn new(
        request: &Request,
        session: &Session,
        cancel: &CancelToken,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let _here = session.enter();
        // Everything that can be checked before waiting for a stream.
        if let Some(output) = request
            .output
            .as_ref()
            .filter(|_| request.separate == Separate::Nothing && !request.dry_run)
            && is_stdin(&request.input)
        {
            refuse_existing(output, request.overwrite)?;
        }
        let (mut inputs, spec) = open(request, session, cancel, observer)?;
        check_destinations(spec.outputs.iter().map(|(path, _)| path))?;
        if let Some(output) = request.output.as_ref().filter(|_| request.dry_run) {
            check_destinations([output].into_iter())?;
        }
        let kernel = spec.fitting(spec.kernel()?, &inputs.layers, Entries::None);
        inputs.check_files(&spec.window, kernel.reach())?;
        // What does not fit is refused before a few cells are written on trial, which takes the
        // memory of a block of all bands.
        let before = spec.plan_before_trial(&kernel, &inputs.layers, Entries::None)?;
        let block_px = block_for(before.tile_px);
        let also_written = &request.also_written;
        let how = (request.overwrite, false);
        check_beside(&spec, &inputs.layers, also_written, how, block_px)?;
        let plan = spec.plan(&kernel, &inputs.layers, Entries::None)?;
        begin(request, &inputs, observer)?;
        session.set_cache_bytes(plan.cache_bytes);
        observer.plan(&plan);
        warn_of_none(request, &mut inputs.layers, &spec.window, cancel, observer)?;
        Ok(Self { inputs, spec, kernel, plan, overwrite: request.overwrite })
    }

    /// The request, checked against the raster.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The tiles, and the memory that they need.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How much the radius can miss, and whether this comes from the statistics of the file
    /// instead of a sample of heights.
    ///
    /// # Errors
    /// A sample that cannot be read.
    pub fn truncation(&mut self) -> Result<(Option<Truncation>, bool), Error> {
        let reader = &mut self.inputs.layers[0];
        let known = reader.info().known_range.map(|(low, high)| (low as f32, high as f32));
        let relief = match known {
            Some(range) => Some(range),
            None => reader.sample_range(&self.spec.window)?,
        };
        let params = &self.spec.params;
        let truncation = relief.map(|r| Truncation::of(params.radius, params.z_factor, r));
        Ok((truncation, known.is_some()))
    }

    /// Computes and writes the outputs: each gets its name when all of them are complete.
    ///
    /// # Errors
    /// What cannot be read or written, an input that changed meanwhile, a cancel.
    pub fn run(
        self,
        session: &Session,
        cancel: &CancelToken,
        observer: &mut dyn Observer,
    ) -> Result<Computed, Error> {
        let _here = session.enter();
        let Self { inputs, spec, kernel, plan, overwrite } = self;
        let pool = thread_pool(spec.threads)?;
        session.arm();
        let mut outputs = Outputs::create(&spec, &plan)?;
        pass_on_warnings(session, observer);
        let encodings = spec.encodings();
        let untouched = inputs.untouched;
        let mut source = Source::new(inputs.layers, &kernel);
        let check = spec.check()?;
        let job = Job {
            plan: &plan,
            kernel: &kernel,
            encodings: &encodings,
            check: check.as_ref(),
            pool: &pool,
            cancel,
        };
        let kernel = on_far_ground(job, None, (&mut source, &untouched), observer)?;
        let job = Job { kernel: &kernel, ..job };
        let mut report = |progress: Progress| {
            tell_progress(&progress, (plan.cells(), plan.tiles), observer);
        };
        let summary =
            svf_job::run(job, &mut (0..plan.tiles), &mut source, &mut outputs, &mut report)?;
        untouched.check()?;
        spec.scene.warn_of_range(summary.heights, observer);
        spec.scene.warn_of_nothing(summary.heights, summary.receivers, observer);
        // The tiles are freed; completing the output must use neither their memory for the cache nor that of
        // the inputs.
        drop(source);
        // Small blocks that were freed leave holes, in which a block of the output has no room.
        Session::give_back();
        session.set_cache_bytes(plan.cache_bytes.min(LEAST_CACHE_BYTES));
        finish((outputs, overwrite), &summary, &encodings, cancel, observer)?;
        pass_on_warnings(session, observer);
        let names = spec.band_specs(&spec.measures).into_iter().map(|band| band.name);
        let params = &spec.params;
        Ok(Computed {
            simd: spec.simd,
            outputs: spec.outputs.iter().map(|(path, _)| path.clone()).collect(),
            size: (spec.window.rows, spec.window.cols),
            receivers: summary.receivers,
            bands: band_summaries(names, &summary.bands, &encodings),
            truncation: summary
                .heights
                .map(|range| Truncation::of(params.radius, params.z_factor, range)),
            search: params.search,
            check: check.map(|_| {
                CheckSummary::of(&spec.measures, params.directions, &encodings, &summary.deviations)
            }),
            busy_s: summary.busy_s,
        })
    }
}

/// The first two steps of every run: the inputs are opened, and the request is checked. Outputs
/// are refused if they exist or are an input.
pub(crate) fn open(
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<(Inputs, Spec), Error> {
    let inputs = inputs::open(request, session, cancel, observer)?;
    let spec = Spec::new(request, &inputs, observer)?;
    let outputs: Vec<String> = spec.outputs.iter().map(|(path, _)| path.clone()).collect();
    let written = [&outputs[..], &request.also_written()].concat();
    refuse_twins(written.iter())?;
    refuse_lists(&written, request)?;
    check_outputs(outputs.iter(), &inputs.layers, request.overwrite)?;
    Ok((inputs, spec))
}

/// Lets the observer start its own files, after it was checked that none of them is an input.
///
/// # Errors
/// A file that is an input, or an error of the observer.
pub fn begin(request: &Request, inputs: &Inputs, observer: &mut dyn Observer) -> Result<(), Error> {
    check_outputs(request.also_written().iter(), &inputs.layers, true)?;
    observer.opened()
}

/// Reports the progress of the tiles; the totals are `(cells, tiles)`.
pub(crate) fn tell_progress(progress: &Progress, all: (u64, u64), observer: &mut dyn Observer) {
    if let Some((id, news)) = progress.tile {
        observer.tile(id, news);
    }
    let (cells, tiles) = ((progress.cells_done, all.0), (progress.tiles_done, all.1));
    observer.progress(Stage::of("compute", cells, tiles, progress.tiles_done == all.1));
}

fn finish(
    (outputs, overwrite): (Outputs, bool),
    summary: &Summary,
    encodings: &[Encoding],
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let statistics: Vec<BandStatistics> =
        summary.bands.iter().zip(encodings).map(|(s, e)| band_statistics(s, e, true)).collect();
    let files = outputs.writers.len() as u64;
    let mut complete = Vec::new();
    let mut finished = |i: u64, share: f64, force: bool| {
        let done = ((i as f64 + share) * 1000.0) as u64;
        let files_done = if force { i + 1 } else { i };
        observer.progress(Stage::of("finish", (done, 1000 * files), (files_done, files), force));
    };
    for (i, (writer, bands)) in outputs.writers.into_iter().enumerate() {
        let (i, copied) = (i as u64, writer.is_copied());
        let mut progress = |share: f64| {
            finished(i, share, false);
            !cancel.is_cancelled()
        };
        match writer.finish(&statistics[bands], &mut progress) {
            Ok(output) => complete.push(output),
            Err(_) if cancel.is_cancelled() => return Err(Error::cancelled()),
            Err(error) => return Err(error.into()),
        }
        if copied {
            finished(i, 1.0, true);
        }
    }
    if cancel.is_cancelled() {
        return Err(Error::cancelled());
    }
    // Files only get their names when all of them are complete.
    Ok(publish_all(complete, Vec::new(), overwrite, &|| !cancel.is_cancelled())?)
}
