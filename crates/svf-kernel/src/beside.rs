//! The horizon search of sight lines whose samples are between two cells that lie beside each other
//! across the line, for many receivers together. It loads each cell once where [`mod@crate::horizon`]
//! loads it twice: as the first cell of a sample, and as the second cell of another receiver's.
//!
//! ```text
//!      line along columns: the second cells      line along rows: the second cells of a vector
//!      of a row of receivers are the first       are its first ones without the first of them,
//!      ones of the next row                      and the first one of the next vector
//! ```
//!
//! Invariant: operations on heights are those of [`mod@crate::horizon`], in the same order.

use crate::simd::pairs::PairLanes;
use crate::strip::{Horizons, STRIP_COLS, Strip};
use crate::taps::Tap;

/// Where the second cells of the samples of a line are.
enum Beside {
    NextColumn,
    NextRow,
    Elsewhere,
}

impl Beside {
    /// Rows are `stride` floats apart.
    fn of(taps: &[Tap], stride: usize) -> Self {
        let mut steps = taps.iter().map(|tap| tap.far - tap.near).filter(|step| *step != 0);
        let first = steps.next();
        if first.is_none_or(|first| steps.any(|step| step != first)) {
            Self::Elsewhere
        } else if first == Some(1) {
            Self::NextColumn
        } else if first == Some(stride.cast_signed()) {
            Self::NextRow
        } else {
            Self::Elsewhere
        }
    }
}

/// Searches the first rows of a strip, as many as can be searched like this: all but a few, or none.
/// Returns the others. Sight lines have observer heights or curvature if `LIFT`.
///
/// # Safety
/// The receivers of the strip are in rows of the tile; every tap of every receiver is inside the tile with
/// its halo; the highest slopes have a place for each receiver; the processor has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn search<V: PairLanes, const LIFT: bool>(
    strip: Strip,
    taps: &[Tap],
    found: &mut Horizons,
) -> Strip {
    // SAFETY: passed on to the caller.
    unsafe {
        match Beside::of(taps, strip.stride) {
            // As many as there are registers for their own heights and their highest slopes.
            Beside::NextRow if V::N >= 16 => Square::<V, LIFT, 8, 1>::search(strip, taps, found),
            Beside::NextRow => Square::<V, LIFT, 4, 1>::search(strip, taps, found),
            Beside::NextColumn if V::NEXT_PAYS => {
                Square::<V, LIFT, 4, 2>::search(strip, taps, found)
            }
            _ => strip,
        }
    }
}

/// Receivers of `ROWS` rows, `COLS` vectors of each, that are searched together.
struct Square<V, const LIFT: bool, const ROWS: usize, const COLS: usize> {
    first: *const f32,
    stride: usize,
    ground: [[V; COLS]; ROWS],
    highest: [[V; COLS]; ROWS],
}

impl<V: PairLanes, const LIFT: bool, const ROWS: usize, const COLS: usize>
    Square<V, LIFT, ROWS, COLS>
{
    /// # Safety
    /// As [`search`]; second cells are in the next column if there are several vectors side by side, else
    /// in the next row.
    #[inline(always)]
    unsafe fn search(strip: Strip, taps: &[Tap], found: &mut Horizons) -> Strip {
        let rows = strip.rows - strip.rows % ROWS;
        // SAFETY: only receivers of the strip.
        unsafe {
            for col in (0..strip.cols).step_by(COLS * V::N) {
                for row in (0..rows).step_by(ROWS) {
                    let mut square = Self::at(strip, row, col);
                    for tap in taps {
                        square.look(tap);
                    }
                    for (r, highest) in square.highest.into_iter().enumerate() {
                        let at = (strip.at_row + row + r) * STRIP_COLS + col;
                        for (c, highest) in highest.into_iter().enumerate() {
                            highest.store(found.highest.as_mut_ptr().add(at + c * V::N));
                        }
                    }
                }
            }
        }
        let first = strip.first.wrapping_add(rows * strip.stride);
        Strip { first, rows: strip.rows - rows, at_row: strip.at_row + rows, ..strip }
    }

    /// Those from a row and column of a strip on.
    ///
    /// # Safety
    /// As [`search`]; the strip has them.
    #[inline(always)]
    unsafe fn at(strip: Strip, row: usize, col: usize) -> Self {
        // SAFETY: see above.
        unsafe {
            let first = strip.first.add(row * strip.stride + col);
            let none = [[V::splat(f32::NEG_INFINITY); COLS]; ROWS];
            let mut square = Self { first, stride: strip.stride, ground: none, highest: none };
            for r in 0..ROWS {
                for c in 0..COLS {
                    square.ground[r][c] = V::load(first.add(r * strip.stride + c * V::N));
                }
            }
            square
        }
    }

    /// Looks at a sample of the line.
    ///
    /// # Safety
    /// As [`Square::search`].
    #[inline(always)]
    unsafe fn look(&mut self, tap: &Tap) {
        let stride = self.stride;
        let from = self.first.wrapping_offset(tap.near);
        // SAFETY: cells of the sample of a receiver.
        let at = |r: usize, c: usize| unsafe { V::load(from.add(r * stride + c * V::N)) };
        // SAFETY: see above.
        unsafe {
            let with = [tap.weight, tap.gain, tap.lift].map(|number| V::splat(number));
            if tap.far == tap.near {
                for r in 0..ROWS {
                    for c in 0..COLS {
                        let z = at(r, c);
                        self.see((r, c), (z, z), with);
                    }
                }
            } else if COLS > 1 {
                for r in 0..ROWS {
                    let mut near = at(r, 0);
                    for c in 0..COLS - 1 {
                        let next = at(r, c + 1);
                        self.see((r, c), (near, V::next(near, next)), with);
                        near = next;
                    }
                    // No more than what the last receiver looks at.
                    let far = V::load(from.add(r * stride + (COLS - 1) * V::N + 1));
                    self.see((r, COLS - 1), (near, far), with);
                }
            } else {
                let mut near = at(0, 0);
                for r in 0..ROWS {
                    let far = at(r + 1, 0);
                    self.see((r, 0), (near, far), with);
                    near = far;
                }
            }
        }
    }

    /// A vector of receivers sees heights in both cells.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn see(&mut self, (r, c): (usize, usize), (near, far): (V, V), with: [V; 3]) {
        let [weight, gain, lift] = with;
        // SAFETY: see above.
        unsafe {
            let fall = self.ground[r][c].sub(near).add(weight.mul(near.sub(far)));
            let slope = fall.mul(gain);
            let seen = if LIFT { slope.sub(lift) } else { slope };
            self.highest[r][c] = seen.max(self.highest[r][c]);
        }
    }
}
