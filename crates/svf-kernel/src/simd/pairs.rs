//! Vector operations between neighbouring lanes, and division.

use super::Lanes;
#[cfg(target_arch = "aarch64")]
use super::Neon;
#[cfg(all(target_arch = "x86_64", not(miri)))]
use super::Sse2;
#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};

/// Vectors of neighbours.
///
/// # Safety
/// As [`Lanes`].
pub(crate) trait PairLanes: Lanes {
    /// `self / other`
    unsafe fn div(self, other: Self) -> Self;
    /// The 1st, 3rd, 5th, ... of the lanes of `a` and then of `b`.
    unsafe fn odd_numbered(a: Self, b: Self) -> Self;
    /// The 2nd, 4th, 6th, ... of the lanes of `a` and then of `b`.
    unsafe fn even_numbered(a: Self, b: Self) -> Self;
    /// Lane `i` is the float `(i + phase) / 4` from the pointer on, and of the second vector the one
    /// after it. `phase` is 0 to 3. Reads 8 floats at most.
    unsafe fn spread(from: *const f32, phase: usize) -> [Self; 2];
    /// The lanes of `a` after the first, and then the first of `b`.
    unsafe fn next(a: Self, b: Self) -> Self;
    /// Whether [`PairLanes::next`] takes less time than to load these lanes. For shorter vectors, it takes more.
    const NEXT_PAYS: bool = Self::N >= 16;
}

impl PairLanes for f32 {
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        self / other
    }

    #[inline(always)]
    unsafe fn odd_numbered(a: Self, _: Self) -> Self {
        a
    }

    #[inline(always)]
    unsafe fn even_numbered(_: Self, b: Self) -> Self {
        b
    }

    #[inline(always)]
    unsafe fn next(_: Self, b: Self) -> Self {
        b
    }

    #[inline(always)]
    unsafe fn spread(from: *const f32, _: usize) -> [Self; 2] {
        // SAFETY: the caller owns the floats.
        unsafe { [*from, *from.add(1)] }
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[expect(clippy::undocumented_unsafe_blocks, reason = "as in the parent")]
impl PairLanes for Sse2 {
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { std::arch::x86_64::_mm_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn odd_numbered(a: Self, b: Self) -> Self {
        Self(unsafe { std::arch::x86_64::_mm_shuffle_ps::<0b10_00_10_00>(a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn even_numbered(a: Self, b: Self) -> Self {
        Self(unsafe { std::arch::x86_64::_mm_shuffle_ps::<0b11_01_11_01>(a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn next(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{_mm_move_ss, _mm_shuffle_ps};
        unsafe {
            let moved = _mm_move_ss(a.0, b.0);
            Self(_mm_shuffle_ps::<0b00_11_10_01>(moved, moved))
        }
    }

    #[inline(always)]
    unsafe fn spread(from: *const f32, phase: usize) -> [Self; 2] {
        use std::arch::x86_64::_mm_shuffle_ps;
        unsafe {
            let z = Self::load(from).0;
            let both = match phase {
                0 => [_mm_shuffle_ps::<0b00_00_00_00>(z, z), _mm_shuffle_ps::<0b01_01_01_01>(z, z)],
                1 => [_mm_shuffle_ps::<0b01_00_00_00>(z, z), _mm_shuffle_ps::<0b10_01_01_01>(z, z)],
                2 => [_mm_shuffle_ps::<0b01_01_00_00>(z, z), _mm_shuffle_ps::<0b10_10_01_01>(z, z)],
                _ => [_mm_shuffle_ps::<0b01_01_01_00>(z, z), _mm_shuffle_ps::<0b10_10_10_01>(z, z)],
            };
            both.map(Self)
        }
    }
}

/// Places of the lanes of [`PairLanes::spread`]: of the first vector for each of the phases, from there
/// on, and four later of the second vector.
#[cfg(target_arch = "x86_64")]
static QUARTERS: [i32; 24] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];

#[cfg(target_arch = "x86_64")]
#[expect(clippy::undocumented_unsafe_blocks, reason = "as in the parent")]
impl PairLanes for Avx2 {
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { std::arch::x86_64::_mm256_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn odd_numbered(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{
            _mm256_castpd_ps, _mm256_castps_pd, _mm256_permute4x64_pd, _mm256_shuffle_ps,
        };
        unsafe {
            let both = _mm256_shuffle_ps::<0b10_00_10_00>(a.0, b.0);
            let both = _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(both));
            Self(_mm256_castpd_ps(both))
        }
    }

    #[inline(always)]
    unsafe fn even_numbered(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{
            _mm256_castpd_ps, _mm256_castps_pd, _mm256_permute4x64_pd, _mm256_shuffle_ps,
        };
        unsafe {
            let both = _mm256_shuffle_ps::<0b11_01_11_01>(a.0, b.0);
            let both = _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(both));
            Self(_mm256_castpd_ps(both))
        }
    }

    #[inline(always)]
    unsafe fn next(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{
            _mm256_alignr_epi8, _mm256_castps_si256, _mm256_castsi256_ps, _mm256_permute2f128_ps,
        };
        unsafe {
            let middle = _mm256_permute2f128_ps::<0x21>(a.0, b.0);
            let (middle, a) = (_mm256_castps_si256(middle), _mm256_castps_si256(a.0));
            Self(_mm256_castsi256_ps(_mm256_alignr_epi8::<4>(middle, a)))
        }
    }

    #[inline(always)]
    unsafe fn spread(from: *const f32, phase: usize) -> [Self; 2] {
        use std::arch::x86_64::{_mm256_loadu_si256, _mm256_permutevar8x32_ps};
        unsafe {
            let z = Self::load(from).0;
            let places = QUARTERS.as_ptr().add(phase);
            [places, places.add(4)]
                .map(|places| Self(_mm256_permutevar8x32_ps(z, _mm256_loadu_si256(places.cast()))))
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(clippy::undocumented_unsafe_blocks, reason = "as in the parent")]
impl PairLanes for Avx512 {
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { std::arch::x86_64::_mm512_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn odd_numbered(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{_mm512_permutex2var_ps, _mm512_setr_epi32};
        unsafe {
            let odd = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            Self(_mm512_permutex2var_ps(a.0, odd, b.0))
        }
    }

    #[inline(always)]
    unsafe fn even_numbered(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{_mm512_permutex2var_ps, _mm512_setr_epi32};
        unsafe {
            let even = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            Self(_mm512_permutex2var_ps(a.0, even, b.0))
        }
    }

    #[inline(always)]
    unsafe fn next(a: Self, b: Self) -> Self {
        use std::arch::x86_64::{_mm512_alignr_epi32, _mm512_castps_si512, _mm512_castsi512_ps};
        unsafe {
            let (a, b) = (_mm512_castps_si512(a.0), _mm512_castps_si512(b.0));
            Self(_mm512_castsi512_ps(_mm512_alignr_epi32::<1>(b, a)))
        }
    }

    #[inline(always)]
    unsafe fn spread(from: *const f32, phase: usize) -> [Self; 2] {
        use std::arch::x86_64::{
            _mm256_loadu_ps, _mm512_castps256_ps512, _mm512_loadu_si512, _mm512_permutexvar_ps,
        };
        unsafe {
            // Half a vector has the six floats that are needed.
            let z = _mm512_castps256_ps512(_mm256_loadu_ps(from));
            let places = QUARTERS.as_ptr().add(phase);
            [places, places.add(4)]
                .map(|places| Self(_mm512_permutexvar_ps(_mm512_loadu_si512(places.cast()), z)))
        }
    }
}

#[cfg(target_arch = "aarch64")]
#[expect(clippy::undocumented_unsafe_blocks, reason = "as in the parent")]
impl PairLanes for Neon {
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { std::arch::aarch64::vdivq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn odd_numbered(a: Self, b: Self) -> Self {
        Self(unsafe { std::arch::aarch64::vuzp1q_f32(a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn even_numbered(a: Self, b: Self) -> Self {
        Self(unsafe { std::arch::aarch64::vuzp2q_f32(a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn next(a: Self, b: Self) -> Self {
        Self(unsafe { std::arch::aarch64::vextq_f32::<1>(a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn spread(from: *const f32, phase: usize) -> [Self; 2] {
        use std::arch::aarch64::{vdupq_n_f32, vextq_f32};
        unsafe {
            let [a, b, c] = [0, 1, 2].map(|i| vdupq_n_f32(*from.add(i)));
            let both = match phase {
                0 => [a, b],
                1 => [vextq_f32::<1>(a, b), vextq_f32::<1>(b, c)],
                2 => [vextq_f32::<2>(a, b), vextq_f32::<2>(b, c)],
                _ => [vextq_f32::<3>(a, b), vextq_f32::<3>(b, c)],
            };
            both.map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{SimdLevel, by_level, for_all_levels};

    /// Lanes of the operations on the numbers 0 to 31.
    unsafe fn results<V: PairLanes>() -> Vec<Vec<f32>> {
        let numbers: [f32; 32] = std::array::from_fn(|i| i as f32);
        let lanes = |v: V| {
            let mut lanes = [0.0_f32; 16];
            // SAFETY: at most 16 lanes.
            unsafe { v.store(lanes.as_mut_ptr()) };
            lanes[..V::N].to_vec()
        };
        // SAFETY: 32 numbers, and at most 16 lanes; the caller has the instructions.
        unsafe {
            let from = numbers.as_ptr();
            let (a, b) = (V::load(from), V::load(from.add(V::N)));
            let spread = (0..4).flat_map(|phase| V::spread(from, phase)).map(lanes);
            let third = b.div(V::splat(3.0));
            let pairs = [V::odd_numbered(a, b), V::even_numbered(a, b), third, V::next(a, b)];
            pairs.map(lanes).into_iter().chain(spread).collect()
        }
    }

    macro_rules! compile_for {
        ($module:ident, $lanes:ty $(; $feature:literal)?) => {
            mod $module {
                $(#[target_feature(enable = $feature)])?
                unsafe fn of() -> Vec<Vec<f32>> {
                    // SAFETY: passed on to the caller.
                    unsafe { super::results::<$lanes>() }
                }
                pub static RESULTS: unsafe fn() -> Vec<Vec<f32>> = of;
            }
        };
    }
    for_all_levels!(compile_for);

    #[test]
    fn lanes_are_where_they_belong_at_every_level() {
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            // SAFETY: the processor has the level.
            let results = unsafe { by_level!(level, RESULTS)() };
            let n = results[0].len();
            let of = |lane: &dyn Fn(usize) -> f32| (0..n).map(lane).collect::<Vec<_>>();
            assert_eq!(results[0], of(&|i| (2 * i) as f32), "{level}");
            assert_eq!(results[1], of(&|i| (2 * i + 1) as f32), "{level}");
            assert_eq!(results[2], of(&|i| (n + i) as f32 / 3.0), "{level}");
            assert_eq!(results[3], of(&|i| (i + 1) as f32), "{level}");
            for phase in 0..4 {
                let both = [0, 1].map(|more| of(&|i| ((i + phase) / 4 + more) as f32));
                assert_eq!(results[4 + 2 * phase..6 + 2 * phase], both, "{level}");
            }
        }
    }
}
