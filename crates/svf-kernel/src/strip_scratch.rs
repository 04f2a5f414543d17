//! Scratch of one strip of receivers: what the searches found in a direction, and the sums over
//! all directions so far.

use ndarray::{ArrayView2, ArrayViewMut3, Axis, s};

use crate::canopy::{self, CanopySearchOptions, Crowns};
use crate::directions::PairedDirection;
use crate::intervals::CanopyIntervals;
use crate::layers::Tile;
use crate::measures::{Measure, SearchOptions};
use crate::nearest;
use crate::params::{CellSize, Missing, Params};
use crate::setup::Setup;
use crate::sight_lines::SightLines;
use crate::simd::at_level;
use crate::slope_plane::SlopePlanes;
use crate::strip::{Horizons, Layout, Place, STRIP_COLS, Strip};
use crate::sums::{DirectionView, Sums, put_horizon};
use crate::tile::Halo;
use crate::windows::{Stretch, View};

/// A strip of receivers, and the crowns that it can see.
#[derive(Clone, Copy)]
pub(crate) struct StripLayers {
    pub strip: Strip,
    pub crowns: Option<Crowns>,
}

/// Scratch of one strip: sums per measure, and what the search found.
pub(crate) struct StripScratch {
    /// In one direction, and in the opposite one.
    pub found: [Horizons; 2],
    slope_planes: SlopePlanes,
    intervals: CanopyIntervals,
    /// Those in front of ground, if they are needed.
    front: CanopyIntervals,
    sums: Sums,
    /// 1 if the rule for missing samples makes the receiver NoData.
    refused: Vec<f32>,
}

impl StripScratch {
    /// Bytes for this number of rows.
    pub fn bytes(setup: &Setup, rows: usize) -> u64 {
        let sums = setup.measures.len() * Sums::BYTES;
        let sets = usize::from(setup.options.crowns) + usize::from(setup.options.front);
        let intervals = sets * CanopyIntervals::BYTES;
        let angles = if setup.options.slope_angles { SlopePlanes::ANGLE_BYTES } else { 0 };
        (rows * STRIP_COLS * (sums + intervals + angles + 11 * size_of::<f32>())) as u64
    }

    /// Makes the scratch for this number of rows.
    pub fn new(setup: &Setup, rows: usize) -> Self {
        let receivers = rows * STRIP_COLS;
        let options = SearchOptions { gaps: true, ..setup.options };
        Self {
            found: [(); 2].map(|()| Horizons::new(receivers, options)),
            slope_planes: SlopePlanes::new(receivers, options),
            intervals: CanopyIntervals::new(if setup.options.crowns { receivers } else { 0 }),
            front: CanopyIntervals::new(if setup.options.front { receivers } else { 0 }),
            sums: Sums::new(&setup.measures, receivers),
            refused: vec![0.0; receivers],
        }
    }

    /// Starts again, with a strip of this many rows.
    pub fn clear(&mut self, rows: usize) {
        self.sums.clear(rows);
        self.refused.fill(0.0);
        self.found.iter_mut().for_each(|found| found.gaps.fill(0.0));
    }

    /// The strip with this number of rows and columns that begins at a receiver of the tile, with
    /// its slope planes and the crowns that it can see. If there are any, `tops` are the
    /// windows over their tops as seen from that receiver.
    pub fn prepare(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        tile: Tile<'_>,
        tops: Option<View>,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) -> StripLayers {
        let Halo { rows_px: halo_rows, cols_px: halo_cols } = setup.halo;
        if setup.options.slope_planes || setup.options.slope_angles {
            let around = tile.heights.slice(s![
                row + halo_rows - 1..row + halo_rows + rows + 1,
                col + halo_cols - 1..col + halo_cols + cols + 1
            ]);
            let (planes, cell_sizes, params) =
                (&mut self.slope_planes, &sight.cell_sizes[..], &setup.params);
            at_level!(
                setup.level,
                SlopePlanes::measure,
                planes: &mut SlopePlanes,
                around: ArrayView2<'_, f32>,
                cell_sizes: &[CellSize],
                params: &Params,
            );
        }
        let (at, size) = ((row, col), (rows, cols));
        Self::layers(setup, tile, tops, at, size, Layout::Rows)
    }

    /// The same for receivers at some places of a block that begins at a row of the tile.
    pub fn prepare_places(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        tile: Tile<'_>,
        tops: Option<View>,
        row: usize,
        (places, layout): (&[Place], Layout),
    ) -> StripLayers {
        if setup.options.slope_planes || setup.options.slope_angles {
            let from = (row + setup.halo.rows_px, setup.halo.cols_px);
            let (places, _) = places.as_chunks();
            let (heights, cell) = (tile.heights, sight.cell_sizes[0]);
            let (planes, params) = (&mut self.slope_planes, &setup.params);
            at_level!(
                setup.level,
                SlopePlanes::measure_at,
                planes: &mut SlopePlanes,
                heights: ArrayView2<'_, f32>,
                from: (usize, usize),
                places: &[[Place; STRIP_COLS]],
                cell: CellSize,
                params: &Params,
            );
        }
        let size = (places.len() / STRIP_COLS, STRIP_COLS);
        Self::layers(setup, tile, tops, (row, 0), size, layout)
    }

    fn layers(
        setup: &Setup,
        tile: Tile<'_>,
        tops: Option<View>,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
        layout: Layout,
    ) -> StripLayers {
        let Halo { rows_px: halo_rows, cols_px: halo_cols } = setup.halo;
        let first = |layer: ArrayView2<'_, f32>| {
            layer.slice(s![row + halo_rows.., col + halo_cols..]).as_ptr()
        };
        let stride = tile.heights.strides()[0].cast_unsigned();
        let strip = Strip { first: first(tile.heights), layout, stride, rows, cols, at_row: 0 };
        let crowns = tile.canopy.zip(tops).map(|(canopy, tops)| Crowns {
            canopy: first(canopy),
            trunk: tile.trunk.map_or(std::ptr::null(), first),
            tops,
        });
        StripLayers { strip, crowns }
    }

    /// Adds a direction whose horizons were found to all sums, alone or together with the
    /// opposite direction. `params` are those of the setup, or others with the same values that
    /// are used here.
    pub fn add(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        layers: StripLayers,
        direction: PairedDirection,
        params: &Params,
        out: ArrayViewMut3<'_, f32>,
    ) {
        let scratch = self;
        at_level!(
            setup.level,
            StripScratch::add_here,
            scratch: &mut StripScratch,
            setup: &Setup,
            sight: &SightLines,
            layers: StripLayers,
            direction: PairedDirection,
            params: &Params,
            out: ArrayViewMut3<'_, f32>,
        );
    }

    #[inline(always)]
    fn add_here(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        StripLayers { strip, crowns }: StripLayers,
        direction: PairedDirection,
        params: &Params,
        mut out: ArrayViewMut3<'_, f32>,
    ) {
        if setup.options.distance {
            self.find_distances(sight, strip, direction, params);
        }
        self.find_intervals(setup, sight, StripLayers { strip, crowns }, direction, params);
        let found = &self.found[direction.place()];
        if setup.params.missing == Missing::Nan {
            for (refused, gap) in self.refused.iter_mut().zip(&found.gaps) {
                *refused += gap;
            }
        }
        for (k, band) in setup.first_bands().enumerate() {
            if let Measure::Horizon { signed } = setup.measures[k] {
                let band = band + direction.index as usize;
                put_horizon(found, signed, out.index_axis_mut(Axis(0), band));
            }
        }
        let view = |i, found| DirectionView::new(found, &self.slope_planes, &setup.params, i);
        let this = view(direction.index, found);
        if let Some(canopy) = crowns.and(setup.params.canopy) {
            let opacity = 1.0 - canopy.transmissivity;
            let intervals = [&self.intervals, &self.front];
            self.sums.add_canopy(&this, intervals, opacity, &setup.params);
        }
        match direction.opposite {
            Some(opposite) => {
                self.sums.add([&view(opposite, &self.found[0]), &this], &setup.params);
            }
            None if direction.completes => self.sums.add([&this], &setup.params),
            None => {}
        }
    }

    /// Finds how far away the horizons of a direction are.
    #[inline(always)]
    fn find_distances(
        &mut self,
        sight: &SightLines,
        strip: Strip,
        direction: PairedDirection,
        params: &Params,
    ) {
        let found = &mut self.found[direction.place()];
        for (at_row, fan) in sight.fans.iter().enumerate() {
            let (_, taps) = fan.line(direction.index as usize);
            let exact = fan.exact(direction.index as usize);
            let (strip, _) = sight.row(at_row, strip);
            let stop = params.missing == Missing::Stop;
            // SAFETY: as in the search of the horizon.
            unsafe { nearest::distances(strip, (taps, exact), stop, &mut found.distance) };
        }
    }

    /// Finds which slopes are behind crowns in a direction whose horizons were found.
    #[inline(always)]
    fn find_intervals(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        StripLayers { strip, crowns }: StripLayers,
        direction: PairedDirection,
        params: &Params,
    ) {
        let Some(crowns) = crowns else { return };
        let found = &self.found[direction.place()];
        self.intervals.more.clear();
        for (at_row, fan) in sight.fans.iter().enumerate() {
            let mut line = fan.crown_line(direction.index as usize);
            let all = Stretch::all(line.taps.len());
            if !setup.skips_crowns {
                line.stretches = all.as_slice();
            }
            let options = CanopySearchOptions::new(params, line.exit_distance);
            let front = setup.options.front;
            let search = canopy::search_for(setup.level, strip, line.two_cells, params, front);
            let (strip, down) = sight.row(at_row, strip);
            // SAFETY: as in the horizon search; the canopy has the same memory layout as the
            // heights, and the windows contain all cells around the receivers that are within the
            // halo.
            unsafe {
                let crowns = crowns.further(down, (at_row, 0));
                search(strip, crowns, line, options, &found.highest, &mut self.intervals);
            }
        }
        if setup.options.front {
            self.intervals.split(&found.highest, &mut self.front);
        }
    }

    /// Writes the values from the sums over all directions.
    pub fn finish(&mut self, setup: &Setup, strip: Strip, out: ArrayViewMut3<'_, f32>) {
        let scratch = self;
        at_level!(
            setup.level,
            StripScratch::finish_here,
            scratch: &mut StripScratch,
            setup: &Setup,
            strip: Strip,
            out: ArrayViewMut3<'_, f32>,
        );
    }

    #[inline(always)]
    fn finish_here(&mut self, setup: &Setup, strip: Strip, mut out: ArrayViewMut3<'_, f32>) {
        for (k, band) in setup.first_bands().enumerate() {
            if !matches!(setup.measures[k], Measure::Horizon { .. }) {
                let band = out.index_axis_mut(Axis(0), band);
                self.sums.put(k, &self.slope_planes, &setup.params, band);
            }
        }
        self.mask(strip, out);
    }

    /// Writes NaN if the height of the receiver is missing or the receiver was refused.
    fn mask(&self, strip: Strip, mut out: ArrayViewMut3<'_, f32>) {
        for row in 0..strip.rows {
            for col in 0..strip.cols {
                // SAFETY: a receiver of the strip.
                let ground = unsafe { *strip.first.add(strip.place(row, col).floats) };
                if ground.is_nan() || self.refused[row * STRIP_COLS + col] > 0.0 {
                    out.slice_mut(s![.., row, col]).fill(f32::NAN);
                }
            }
        }
    }
}
