//! Which instruction set the search runs on: detected, or forced for a test.
//!
//! `Lanes` is the small vector type the search is written over, once. Its
//! operations are defined by the portable implementation; the others match it
//! bit for bit, including what `max` does with NaN and signed zeros. Nothing is
//! fused or reordered.
//!
//! Every method is `#[inline(always)]`: the instructions are only legal inside
//! the `#[target_feature]` functions of the searches and of `kernel.rs` that the
//! methods are inlined into.

use std::fmt;
use std::str::FromStr;

/// An instruction set the kernel has code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SimdLevel {
    /// Plain Rust, any processor.
    Portable,
    /// 256-bit vectors (x86-64 since 2013).
    Avx2,
    /// 512-bit vectors (AVX-512 F).
    Avx512,
}

impl SimdLevel {
    /// Every level, slowest first.
    pub const ALL: [SimdLevel; 3] = [SimdLevel::Portable, SimdLevel::Avx2, SimdLevel::Avx512];

    /// Whether this processor can run it.
    pub fn is_supported(self) -> bool {
        match self {
            SimdLevel::Portable => true,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => is_x86_feature_detected!("avx512f"),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The fastest level this processor can run.
    pub fn detect() -> Self {
        Self::ALL.into_iter().rfind(|level| level.is_supported()).unwrap_or(SimdLevel::Portable)
    }

    /// The name used in messages and by `FromStr`.
    pub fn name(self) -> &'static str {
        match self {
            SimdLevel::Portable => "portable",
            SimdLevel::Avx2 => "avx2",
            SimdLevel::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SimdLevel {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let level = Self::ALL
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| format!("unknown instruction set '{name}': portable, avx2 or avx512"))?;
        if level.is_supported() { Ok(level) } else { Err(format!("this processor has no {name}")) }
    }
}

/// Hints that memory will be read: wherever it points, nothing happens but that.
#[inline(always)]
pub(crate) fn prefetch(at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has it, and it never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// A vector of f32. Loads and stores are unaligned.
///
/// # Safety
/// Callers of `load` and `store` own `N` floats at the pointer, and run on a
/// processor that has the implementation's instructions.
pub(crate) trait Lanes: Copy {
    /// Floats in a vector.
    const N: usize;
    /// Reads `N` floats.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes `N` floats, at most 16.
    unsafe fn store(self, to: *mut f32);
    /// The same number in every lane.
    unsafe fn splat(x: f32) -> Self;
    /// `self + other`
    unsafe fn add(self, other: Self) -> Self;
    /// `self - other`
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * other`
    unsafe fn mul(self, other: Self) -> Self;
    /// `if self > other { self } else { other }`: NaN in `self` gives `other`.
    unsafe fn max(self, other: Self) -> Self;
    /// `if self < other { self } else { other }`: NaN in `self` gives `other`.
    unsafe fn min(self, other: Self) -> Self;
    /// `if a > b { yes } else { no }`
    unsafe fn where_greater(a: Self, b: Self, yes: Self, no: Self) -> Self;
    /// `if x is NaN { yes } else { no }`
    unsafe fn where_nan(x: Self, yes: Self, no: Self) -> Self;
    /// Whether `a > b` in any lane.
    unsafe fn any_greater(a: Self, b: Self) -> bool;
}

/// A single float: for strips narrower than a vector.
impl Lanes for f32 {
    const N: usize = 1;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller owns the float.
        unsafe { *from }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller owns the float.
        unsafe { *to = self }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        x
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self - other
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self * other
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    #[inline(always)]
    unsafe fn where_greater(a: Self, b: Self, yes: Self, no: Self) -> Self {
        if a > b { yes } else { no }
    }

    #[inline(always)]
    unsafe fn where_nan(x: Self, yes: Self, no: Self) -> Self {
        if x.is_nan() { yes } else { no }
    }

    #[inline(always)]
    unsafe fn any_greater(a: Self, b: Self) -> bool {
        a > b
    }
}

/// Eight floats in plain Rust.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; 8]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut out = [0.0; 8];
        for (out, (a, b)) in out.iter_mut().zip(self.0.iter().zip(other.0)) {
            *out = f(*a, b);
        }
        Self(out)
    }

    #[inline(always)]
    fn select(mask: [bool; 8], yes: Self, no: Self) -> Self {
        let mut out = no.0;
        for (out, (mask, yes)) in out.iter_mut().zip(mask.iter().zip(yes.0)) {
            if *mask {
                *out = yes;
            }
        }
        Self(out)
    }
}

impl Lanes for Portable {
    const N: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller owns 8 floats at `from`; [f32; 8] needs no more alignment.
        Self(unsafe { from.cast::<[f32; 8]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller owns 8 floats at `to`.
        unsafe { to.cast::<[f32; 8]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 8])
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    unsafe fn where_greater(a: Self, b: Self, yes: Self, no: Self) -> Self {
        let mut mask = [false; 8];
        for (mask, (a, b)) in mask.iter_mut().zip(a.0.iter().zip(b.0)) {
            *mask = *a > b;
        }
        Self::select(mask, yes, no)
    }

    #[inline(always)]
    unsafe fn where_nan(x: Self, yes: Self, no: Self) -> Self {
        Self::select(x.0.map(f32::is_nan), yes, no)
    }

    #[inline(always)]
    unsafe fn any_greater(a: Self, b: Self) -> bool {
        a.0.iter().zip(b.0).fold(false, |any, (a, b)| any | (*a > b))
    }
}

/// Implements [`Lanes`] with x86 intrinsics of one width.
#[cfg(target_arch = "x86_64")]
macro_rules! x86_lanes {
    (
        $(#[$doc:meta])* $name:ident($vector:ident; $n:literal): $load:ident $store:ident
        $splat:ident $add:ident $sub:ident $mul:ident $max:ident $min:ident
        |$a:ident, $b:ident, $yes:ident, $no:ident| $greater:expr, $nan:expr, $any:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(std::arch::x86_64::$vector);

        // SAFETY (every block below): the caller runs on a processor that has
        // the instructions, and owns the floats at the pointers.
        #[expect(clippy::undocumented_unsafe_blocks, reason = "one comment for all, above")]
        impl Lanes for $name {
            const N: usize = $n;

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                Self(unsafe { std::arch::x86_64::$load(from) })
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                unsafe { std::arch::x86_64::$store(to, self.0) }
            }

            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                Self(unsafe { std::arch::x86_64::$splat(x) })
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self(unsafe { std::arch::x86_64::$add(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                Self(unsafe { std::arch::x86_64::$sub(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn mul(self, other: Self) -> Self {
                Self(unsafe { std::arch::x86_64::$mul(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn max(self, other: Self) -> Self {
                Self(unsafe { std::arch::x86_64::$max(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn min(self, other: Self) -> Self {
                Self(unsafe { std::arch::x86_64::$min(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn where_greater($a: Self, $b: Self, $yes: Self, $no: Self) -> Self {
                use std::arch::x86_64::*;
                Self(unsafe { $greater })
            }

            #[inline(always)]
            unsafe fn where_nan($a: Self, $yes: Self, $no: Self) -> Self {
                use std::arch::x86_64::*;
                Self(unsafe { $nan })
            }

            #[inline(always)]
            unsafe fn any_greater($a: Self, $b: Self) -> bool {
                use std::arch::x86_64::*;
                unsafe { $any != 0 }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
x86_lanes!(
    /// Eight floats in a 256-bit register.
    Avx2(__m256; 8): _mm256_loadu_ps _mm256_storeu_ps
    _mm256_set1_ps _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_max_ps _mm256_min_ps
    |a, b, yes, no|
    _mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_GT_OQ>(a.0, b.0)),
    _mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_UNORD_Q>(a.0, a.0)),
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(a.0, b.0))
);

#[cfg(target_arch = "x86_64")]
x86_lanes!(
    /// Sixteen floats in a 512-bit register.
    Avx512(__m512; 16): _mm512_loadu_ps _mm512_storeu_ps
    _mm512_set1_ps _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_max_ps _mm512_min_ps
    |a, b, yes, no|
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, b.0), no.0, yes.0),
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_UNORD_Q>(a.0, a.0), no.0, yes.0),
    _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, b.0)
);
