//! Taps: sight lines prepared for the search of a tile, with offsets into its memory and f32
//! factors instead of cells and distances. [`crate::row_lines`] has a shorter form.

use std::ops::Range;

use crate::geometry::SightLine;
use crate::intervals::THINNEST;
use crate::measures::SearchOptions;
use crate::params::{CellSize, Params};
use crate::simd::mask_of;
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

/// Where the bottom of a crown is seen: at the height that it has at a sample, midway to the next
/// sample, where the crown ends.
#[derive(Clone, Copy)]
pub(crate) struct BottomTap {
    /// `-z_factor / distance`, as that of the [`Tap`].
    pub gain: f32,
    /// `(observer height + drop at the sample) / distance`
    pub lift: f32,
    /// Whether the sample has a crown if only its near cell has one, as bits ([`mask_of`]).
    pub near_alone: u32,
    /// The same for its far cell.
    pub far_alone: u32,
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
    /// Where bottoms of crowns are seen, for each tap, if there are crowns.
    bottoms: Vec<BottomTap>,
    /// All taps, divided into stretches, if there are crowns or the search looks ahead.
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
    /// Where bottoms are seen, for each tap.
    pub bottoms: &'a [BottomTap],
    pub stretches: &'a [Stretch],
    /// Whether any sample is between two cells.
    pub two_cells: bool,
    /// Distance at which the line leaves the receiver's own cell.
    pub exit_distance: f64,
}

impl Taps {
    /// Keeps the first taps of each line.
    pub fn shorten(&mut self, most: usize) {
        for line in &mut self.lines {
            line.taps.end = line.taps.end.min(line.taps.start + most);
        }
    }

    /// Bytes of a tap, of lines with or without stretches.
    pub fn bytes(options: SearchOptions, has_stretches: bool) -> usize {
        let exact = if options.distance { size_of::<ExactTap>() } else { 0 };
        let bottom = if options.crowns { size_of::<BottomTap>() } else { 0 };
        // A stretch for each tap, because with `divided` they can be far apart.
        let stretch = if has_stretches { size_of::<Stretch>() } else { 0 };
        size_of::<Tap>() + exact + bottom + stretch
    }

    /// Computes the sight lines of `params` for cells of size `cell` and rows of `stride` floats.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn lay_out(
        &mut self,
        params: &Params,
        cell: CellSize,
        stride: usize,
        (options, has_stretches): (SearchOptions, bool),
    ) {
        let offset = |(row, col): (i32, i32)| row as isize * stride.cast_signed() + col as isize;
        self.taps.clear();
        self.exact.clear();
        self.bottoms.clear();
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
                // The top of a crown slopes to the ground over the next cell, until it reaches the bottom.
                let ratio = params.trunk_ratio();
                let alone = |share: f64| mask_of(share * (1.0 - THINNEST) > ratio);
                let numbered = line.samples.iter().enumerate().filter(|(_, s)| !s.is_receiver());
                self.bottoms.extend(numbered.map(|(k, s)| BottomTap {
                    gain: (-params.z_factor / line.midway(k)) as f32,
                    lift: (params.loss(s.distance) / line.midway(k)) as f32,
                    near_alone: alone(1.0 - s.weight),
                    far_alone: alone(s.weight),
                }));
            }
            if has_stretches {
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

    /// The stretches of a line.
    pub fn stretches(&self, i: usize) -> &[Stretch] {
        &self.stretches[self.lines[i].stretches.clone()]
    }

    /// What the search for crowns needs of a line.
    pub fn crown_line(&self, i: usize) -> CrownLine<'_> {
        let line = &self.lines[i];
        CrownLine {
            taps: &self.taps[line.taps.clone()],
            bottoms: &self.bottoms[line.taps.clone()],
            stretches: self.stretches(i),
            two_cells: line.two_cells,
            exit_distance: line.exit_distance,
        }
    }

    /// The taps of a line in f64, for distances.
    pub fn exact(&self, i: usize) -> &[ExactTap] {
        self.exact.get(self.lines[i].taps.clone()).unwrap_or_default()
    }
}
