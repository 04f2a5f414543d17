//! Taps: sight lines prepared for the search of a tile, with offsets into its memory and f32
//! factors instead of cells and distances. [`crate::row_lines`] has a shorter form.

use std::ops::Range;

use crate::geometry::SightLine;
use crate::measures::SearchOptions;
use crate::params::{CellSize, Params};
use crate::windows::Stretch;

/// A sample, ready for the search: offsets into the tile with its halo, and f32 factors.
#[derive(Clone, Copy)]
pub(crate) struct Tap {
    pub near: isize,
    pub far: isize,
    /// Weight of the far cell.
    pub weight: f32,
    /// `-z_factor / distance`: negative, because the search subtracts the other way.
    pub gain: f32,
    /// `(observer height + drop) / distance`.
    pub lift: f32,
    /// `(observer height - drop) / distance`, for the surface turned upside down.
    pub inverted_lift: f32,
}

/// A sight line, tap by tap.
pub(crate) trait Line: Copy {
    /// Number of taps.
    fn taps(self) -> usize;
    /// Tap `k`, counted from 0.
    ///
    /// # Safety
    /// There are more than `k` taps.
    unsafe fn tap(self, k: usize) -> Tap;
}

impl Line for &[Tap] {
    #[inline(always)]
    fn taps(self) -> usize {
        self.len()
    }

    #[inline(always)]
    unsafe fn tap(self, k: usize) -> Tap {
        // SAFETY: passed on to the caller.
        unsafe { *self.get_unchecked(k) }
    }
}

impl Tap {
    /// Factor that converts a slope to that of the same height midway to the next tap:
    /// `d / ((d + next d) / 2)`, from the reciprocals of the distances.
    fn midway_share(&self, next: Option<&Self>) -> f32 {
        next.map_or(1.0, |next| next.gain / f32::midpoint(self.gain, next.gain))
    }
}

/// The numbers of a sample in f64, for distances.
#[derive(Clone, Copy)]
pub(crate) struct ExactTap {
    pub weight: f64,
    pub distance: f64,
    /// `z_factor / distance`
    pub gain: f64,
    /// `(observer height + drop) / distance`
    pub lift: f64,
}

impl ExactTap {
    pub fn new(weight: f64, distance: f64, params: &Params) -> Self {
        Self {
            weight,
            distance,
            gain: params.z_factor / distance,
            lift: params.loss(distance) / distance,
        }
    }
}

/// The taps of all sight lines of a fan, one line after the other.
#[derive(Default)]
pub(crate) struct Taps {
    taps: Vec<Tap>,
    /// The same taps in f64, if distances were requested.
    exact: Vec<ExactTap>,
    /// [`Tap::midway_share`] of each tap, if there are crowns.
    midway_shares: Vec<f32>,
    /// All taps, divided into stretches, if there are crowns.
    stretches: Vec<Stretch>,
    lines: Vec<TapLine>,
}

/// What is known about a sight line, apart from its taps.
#[derive(Clone)]
pub(crate) struct TapLine {
    taps: Range<usize>,
    stretches: Range<usize>,
    /// Whether any sample is between two cells.
    pub two_cells: bool,
    exit_distance: f64,
}

/// A line, as the search for crowns uses it.
#[derive(Clone, Copy)]
pub(crate) struct CrownLine<'a> {
    pub taps: &'a [Tap],
    /// [`Tap::midway_share`] of each tap.
    pub midway_shares: &'a [f32],
    pub stretches: &'a [Stretch],
    /// Whether any sample is between two cells.
    pub two_cells: bool,
    /// Distance at which the line leaves the receiver's own cell.
    pub exit_distance: f64,
}

impl Taps {
    /// Bytes of a tap.
    pub fn bytes(options: SearchOptions) -> usize {
        let exact = if options.distance { size_of::<ExactTap>() } else { 0 };
        // A stretch for each tap, because with `divided` they can be far apart.
        let crowns = if options.crowns { size_of::<f32>() + size_of::<Stretch>() } else { 0 };
        size_of::<Tap>() + exact + crowns
    }

    /// Computes the sight lines of `params` for cells of size `cell` and rows of `stride` floats.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn lay_out(
        &mut self,
        params: &Params,
        cell: CellSize,
        stride: usize,
        options: SearchOptions,
    ) {
        let offset = |(row, col): (i32, i32)| row as isize * stride.cast_signed() + col as isize;
        self.taps.clear();
        self.exact.clear();
        self.midway_shares.clear();
        self.stretches.clear();
        self.lines.clear();
        for i in 0..params.directions {
            let line = SightLine::lay_out(params, cell, i);
            let start = self.taps.len();
            let samples = || line.samples.iter().filter(|s| !s.is_receiver());
            self.taps.extend(samples().map(|s| Tap {
                near: offset(s.near),
                far: offset(s.far),
                weight: s.weight as f32,
                gain: (-params.z_factor / s.distance) as f32,
                lift: (params.loss(s.distance) / s.distance) as f32,
                inverted_lift: (params.inverted_loss(s.distance) / s.distance) as f32,
            }));
            if options.distance {
                let exact = samples().map(|s| ExactTap::new(s.weight, s.distance, params));
                self.exact.extend(exact);
            }
            let first_stretch = self.stretches.len();
            if options.crowns {
                let taps = &self.taps[start..];
                let shares = taps.iter().enumerate().map(|(k, t)| t.midway_share(taps.get(k + 1)));
                self.midway_shares.extend(shares);
                Stretch::cut(&line, params, &mut self.stretches);
            }
            self.lines.push(TapLine {
                taps: start..self.taps.len(),
                stretches: first_stretch..self.stretches.len(),
                two_cells: line.samples.iter().any(|s| s.weight != 0.0),
                exit_distance: line.exit_distance,
            });
        }
    }

    /// A line and its taps.
    pub fn line(&self, i: usize) -> (&TapLine, &[Tap]) {
        let line = &self.lines[i];
        (line, &self.taps[line.taps.clone()])
    }

    /// What the search for crowns needs of a line.
    pub fn crown_line(&self, i: usize) -> CrownLine<'_> {
        let line = &self.lines[i];
        CrownLine {
            taps: &self.taps[line.taps.clone()],
            midway_shares: &self.midway_shares[line.taps.clone()],
            stretches: &self.stretches[line.stretches.clone()],
            two_cells: line.two_cells,
            exit_distance: line.exit_distance,
        }
    }

    /// The taps of a line in f64, for distances.
    pub fn exact(&self, i: usize) -> &[ExactTap] {
        self.exact.get(self.lines[i].taps.clone()).unwrap_or_default()
    }
}
