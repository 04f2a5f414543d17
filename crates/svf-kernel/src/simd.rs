//! The instruction set of the search: detected, or forced for a test.
//!
//! The search is written once, with the small vector type `Lanes`. Its operations are defined by
//! those of a single float; the vectors give the same bits, including the result of `max` for
//! NaN and signed zeros. Nothing is fused or reordered.
//!
//! Every method is `#[inline(always)]`: the instructions are only legal inside
//! the `#[target_feature]` functions of the searches and of `kernel.rs` that the
//! methods are inlined into.

use std::fmt;
use std::str::FromStr;

pub(crate) mod pairs;

/// An instruction set for which the kernel has code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SimdLevel {
    /// Any processor: 128-bit vectors on x86-64, where each has them, single floats elsewhere.
    Portable,
    /// 128-bit vectors (every 64-bit ARM).
    Neon,
    /// 256-bit vectors (x86-64 since 2013).
    Avx2,
    /// 512-bit vectors (AVX-512 F).
    Avx512,
}

impl SimdLevel {
    /// Every level, slowest first.
    pub const ALL: [SimdLevel; 4] =
        [SimdLevel::Portable, SimdLevel::Neon, SimdLevel::Avx2, SimdLevel::Avx512];

    /// Whether this processor can run it.
    pub fn is_supported(self) -> bool {
        match self {
            SimdLevel::Portable => true,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => is_x86_feature_detected!("avx512f"),
            #[cfg(target_arch = "aarch64")]
            SimdLevel::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            _ => false,
        }
    }

    /// The fastest level this processor can run.
    pub fn detect() -> Self {
        Self::ALL.into_iter().rfind(|level| level.is_supported()).unwrap_or(SimdLevel::Portable)
    }

    /// Floats in a vector, or a multiple of it.
    pub(crate) fn lanes(self) -> usize {
        match self {
            SimdLevel::Portable | SimdLevel::Neon => 4,
            SimdLevel::Avx2 => 8,
            SimdLevel::Avx512 => 16,
        }
    }

    /// The name used in messages and by `FromStr`.
    pub fn name(self) -> &'static str {
        match self {
            SimdLevel::Portable => "portable",
            SimdLevel::Neon => "neon",
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
        let level = Self::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            format!("unknown instruction set '{name}': portable, neon, avx2 or avx512")
        })?;
        if level.is_supported() {
            Ok(level)
        } else {
            Err(format!("this processor does not have {name}"))
        }
    }
}

/// Tells the processor that so many floats will be read. The pointer can point anywhere, because
/// nothing else happens.
#[inline(always)]
pub(crate) fn prefetch(from: *const f32, floats: usize) {
    const LINE: usize = 64;
    let before = from.addr() % LINE;
    for byte in (0..before + floats * size_of::<f32>()).step_by(LINE) {
        prefetch_line(from.wrapping_byte_sub(before).wrapping_byte_add(byte));
    }
}

/// [`prefetch`] of what comes into a cache together with a float.
#[inline(always)]
fn prefetch_line(at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has it, and it never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: a hint, which every 64-bit ARM has, and which never faults.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{at}]", at = in(reg) at,
            options(readonly, nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", not(miri)))))]
    let _ = at;
}

/// The columns of 4 rows.
#[inline(always)]
pub(crate) fn transpose(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has these instructions, and arrays have room for 4 floats.
    unsafe {
        use std::arch::x86_64::{_MM_TRANSPOSE4_PS, _mm_loadu_ps, _mm_storeu_ps};
        let [mut a, mut b, mut c, mut d] = rows.map(|row| _mm_loadu_ps(row.as_ptr()));
        _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
        [a, b, c, d].map(|column| {
            let mut floats = [0.0; 4];
            _mm_storeu_ps(floats.as_mut_ptr(), column);
            floats
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|column| rows.map(|row| row[column]))
}

/// The bits of [`Lanes::mask`] that say the same of every lane.
pub(crate) fn mask_of(yes: bool) -> u32 {
    if yes { u32::MAX } else { 0 }
}

/// A vector of f32. Loads and stores are unaligned.
///
/// # Safety
/// Callers of `load` and `store` must own `N` floats at the pointer, and the processor must have
/// the instructions of the implementation.
pub(crate) trait Lanes: Copy {
    /// Floats in a vector.
    const N: usize;
    /// Yes or no in every lane.
    type Mask: Copy;
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
    /// The number if `bits` is [`u32::MAX`], 0 if it is 0.
    unsafe fn keep(self, bits: u32) -> Self;
    /// The bits that are set in one of them or in both: of 0 and a number above it, the number.
    unsafe fn bits_or(self, other: Self) -> Self;
    /// `if self < other { self } else { other }`, for numbers that are not below 0 and not NaN.
    unsafe fn least(self, other: Self) -> Self;
    /// Whether any bit but the sign is set, if that is not: `x > 0`, or `x is NaN`.
    unsafe fn any_bit(x: Self) -> Self::Mask;
    /// `a > b`
    unsafe fn greater(a: Self, b: Self) -> Self::Mask;
    /// `x is NaN`
    unsafe fn nan(x: Self) -> Self::Mask;
    /// The same in every lane: nowhere if 0, everywhere if [`u32::MAX`].
    unsafe fn mask(bits: u32) -> Self::Mask;
    /// `a && b`
    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// `a || b`
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// `a && !b`
    unsafe fn and_not(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// Whether it is so in any lane.
    unsafe fn any(mask: Self::Mask) -> bool;
    /// `if mask { yes } else { no }`
    unsafe fn pick(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// `if mask { self.max(other) } else { other }`
    unsafe fn max_where(self, other: Self, mask: Self::Mask) -> Self;
    /// `if mask { self.min(other) } else { other }`
    unsafe fn min_where(self, other: Self, mask: Self::Mask) -> Self;

    /// `if a > b { yes } else { no }`
    #[inline(always)]
    unsafe fn where_greater(a: Self, b: Self, yes: Self, no: Self) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { Self::pick(Self::greater(a, b), yes, no) }
    }

    /// `if x is NaN { yes } else { no }`
    #[inline(always)]
    unsafe fn where_nan(x: Self, yes: Self, no: Self) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { Self::pick(Self::nan(x), yes, no) }
    }

    /// Whether `a > b` in any lane.
    #[inline(always)]
    unsafe fn any_greater(a: Self, b: Self) -> bool {
        // SAFETY: passed on to the caller.
        unsafe { Self::any(Self::greater(a, b)) }
    }
}

/// A single float: the definition of every operation. For strips narrower than a vector, and for
/// processors without vectors of their own here.
impl Lanes for f32 {
    const N: usize = 1;
    type Mask = bool;

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
    unsafe fn keep(self, bits: u32) -> Self {
        f32::from_bits(self.to_bits() & bits)
    }

    #[inline(always)]
    unsafe fn bits_or(self, other: Self) -> Self {
        f32::from_bits(self.to_bits() | other.to_bits())
    }

    #[inline(always)]
    unsafe fn least(self, other: Self) -> Self {
        f32::from_bits(self.to_bits().min(other.to_bits()))
    }

    #[inline(always)]
    unsafe fn any_bit(x: Self) -> bool {
        x.to_bits() != 0
    }

    #[inline(always)]
    unsafe fn greater(a: Self, b: Self) -> bool {
        a > b
    }

    #[inline(always)]
    unsafe fn nan(x: Self) -> bool {
        x.is_nan()
    }

    #[inline(always)]
    unsafe fn mask(bits: u32) -> bool {
        bits != 0
    }

    #[inline(always)]
    unsafe fn and(a: bool, b: bool) -> bool {
        a & b
    }

    #[inline(always)]
    unsafe fn or(a: bool, b: bool) -> bool {
        a | b
    }

    #[inline(always)]
    unsafe fn and_not(a: bool, b: bool) -> bool {
        a & !b
    }

    #[inline(always)]
    unsafe fn any(mask: bool) -> bool {
        mask
    }

    #[inline(always)]
    unsafe fn pick(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline(always)]
    unsafe fn max_where(self, other: Self, mask: bool) -> Self {
        if mask && self > other { self } else { other }
    }

    #[inline(always)]
    unsafe fn min_where(self, other: Self, mask: bool) -> Self {
        if mask && self < other { self } else { other }
    }
}

/// Implements [`Lanes`] with the intrinsics of one processor and width.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! lanes_of {
    (
        $(#[$doc:meta])* $name:ident($arch:ident::$vector:ident, $mask:ty; $n:literal): $load:ident
        $store:ident $splat:ident $add:ident $sub:ident $mul:ident
        |$a:ident, $b:ident, $x:ident, $yes:ident, $no:ident, $m:ident|
        $max:expr, $min:expr, $keep:expr, $bits_or:expr, $least:expr, $any_bit:expr, $greater:expr, $nan:expr, $pick:expr, $max_where:expr, $min_where:expr;
        |$m1:ident, $n1:ident, $bits:ident|
        $splat_mask:expr, $and:expr, $or:expr, $and_not:expr, $any:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(std::arch::$arch::$vector);

        // SAFETY (every block below): the caller runs on a processor that has
        // the instructions, and owns the floats at the pointers.
        #[expect(clippy::undocumented_unsafe_blocks, reason = "one comment for all, above")]
        impl Lanes for $name {
            const N: usize = $n;
            type Mask = $mask;

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                Self(unsafe { std::arch::$arch::$load(from) })
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                unsafe { std::arch::$arch::$store(to, self.0) }
            }

            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                Self(unsafe { std::arch::$arch::$splat(x) })
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self(unsafe { std::arch::$arch::$add(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                Self(unsafe { std::arch::$arch::$sub(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn mul(self, other: Self) -> Self {
                Self(unsafe { std::arch::$arch::$mul(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn max(self, other: Self) -> Self {
                use std::arch::$arch::*;
                let ($a, $b) = (self, other);
                Self(unsafe { $max })
            }

            #[inline(always)]
            unsafe fn min(self, other: Self) -> Self {
                use std::arch::$arch::*;
                let ($a, $b) = (self, other);
                Self(unsafe { $min })
            }

            #[inline(always)]
            unsafe fn keep(self, $bits: u32) -> Self {
                use std::arch::$arch::*;
                let $a = self;
                Self(unsafe { $keep })
            }

            #[inline(always)]
            unsafe fn bits_or(self, other: Self) -> Self {
                use std::arch::$arch::*;
                let ($a, $b) = (self, other);
                Self(unsafe { $bits_or })
            }

            #[inline(always)]
            unsafe fn least(self, other: Self) -> Self {
                use std::arch::$arch::*;
                let ($a, $b) = (self, other);
                Self(unsafe { $least })
            }

            #[inline(always)]
            unsafe fn any_bit($x: Self) -> $mask {
                use std::arch::$arch::*;
                unsafe { $any_bit }
            }

            #[inline(always)]
            unsafe fn greater($a: Self, $b: Self) -> $mask {
                use std::arch::$arch::*;
                unsafe { $greater }
            }

            #[inline(always)]
            unsafe fn nan($x: Self) -> $mask {
                use std::arch::$arch::*;
                unsafe { $nan }
            }

            #[inline(always)]
            unsafe fn mask($bits: u32) -> $mask {
                use std::arch::$arch::*;
                unsafe { $splat_mask }
            }

            #[inline(always)]
            unsafe fn and($m1: $mask, $n1: $mask) -> $mask {
                use std::arch::$arch::*;
                unsafe { $and }
            }

            #[inline(always)]
            unsafe fn or($m1: $mask, $n1: $mask) -> $mask {
                use std::arch::$arch::*;
                unsafe { $or }
            }

            #[inline(always)]
            unsafe fn and_not($m1: $mask, $n1: $mask) -> $mask {
                use std::arch::$arch::*;
                unsafe { $and_not }
            }

            #[inline(always)]
            unsafe fn any($m1: $mask) -> bool {
                use std::arch::$arch::*;
                unsafe { $any != 0 }
            }

            #[inline(always)]
            unsafe fn pick($m: $mask, $yes: Self, $no: Self) -> Self {
                use std::arch::$arch::*;
                unsafe { Self($pick) }
            }

            #[inline(always)]
            unsafe fn max_where(self, $b: Self, $m: $mask) -> Self {
                use std::arch::$arch::*;
                let $a = self;
                Self(unsafe { $max_where })
            }

            #[inline(always)]
            unsafe fn min_where(self, $b: Self, $m: $mask) -> Self {
                use std::arch::$arch::*;
                let $a = self;
                Self(unsafe { $min_where })
            }
        }
    };
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
lanes_of!(
    /// Four floats in a 128-bit register (SSE2, part of x86-64).
    Sse2(x86_64::__m128, std::arch::x86_64::__m128; 4): _mm_loadu_ps _mm_storeu_ps
    _mm_set1_ps _mm_add_ps _mm_sub_ps _mm_mul_ps
    |a, b, x, yes, no, mask|
    _mm_max_ps(a.0, b.0),
    _mm_min_ps(a.0, b.0),
    _mm_and_ps(a.0, _mm_set1_ps(f32::from_bits(bits))),
    _mm_or_ps(a.0, b.0),
    _mm_min_ps(a.0, b.0),
    _mm_cmpneq_ps(x.0, _mm_setzero_ps()),
    _mm_cmpgt_ps(a.0, b.0),
    _mm_cmpunord_ps(x.0, x.0),
    _mm_or_ps(_mm_and_ps(mask, yes.0), _mm_andnot_ps(mask, no.0)),
    // A NaN on the left changes nothing.
    _mm_max_ps(_mm_or_ps(a.0, _mm_cmpeq_ps(mask, _mm_setzero_ps())), b.0),
    _mm_min_ps(_mm_or_ps(a.0, _mm_cmpeq_ps(mask, _mm_setzero_ps())), b.0);
    |m, n, bits|
    _mm_set1_ps(f32::from_bits(bits)),
    _mm_and_ps(m, n),
    _mm_or_ps(m, n),
    _mm_andnot_ps(n, m),
    _mm_movemask_ps(m)
);

#[cfg(target_arch = "x86_64")]
lanes_of!(
    /// Eight floats in a 256-bit register.
    Avx2(x86_64::__m256, std::arch::x86_64::__m256; 8): _mm256_loadu_ps _mm256_storeu_ps
    _mm256_set1_ps _mm256_add_ps _mm256_sub_ps _mm256_mul_ps
    |a, b, x, yes, no, mask|
    _mm256_max_ps(a.0, b.0),
    _mm256_min_ps(a.0, b.0),
    _mm256_and_ps(a.0, _mm256_set1_ps(f32::from_bits(bits))),
    _mm256_or_ps(a.0, b.0),
    _mm256_castsi256_ps(_mm256_min_epi32(_mm256_castps_si256(a.0), _mm256_castps_si256(b.0))),
    _mm256_cmp_ps::<_CMP_NEQ_UQ>(x.0, _mm256_setzero_ps()),
    _mm256_cmp_ps::<_CMP_GT_OQ>(a.0, b.0),
    _mm256_cmp_ps::<_CMP_UNORD_Q>(x.0, x.0),
    _mm256_blendv_ps(no.0, yes.0, mask),
    // As above.
    _mm256_max_ps(_mm256_blendv_ps(_mm256_set1_ps(f32::NAN), a.0, mask), b.0),
    _mm256_min_ps(_mm256_blendv_ps(_mm256_set1_ps(f32::NAN), a.0, mask), b.0);
    |m, n, bits|
    _mm256_set1_ps(f32::from_bits(bits)),
    _mm256_and_ps(m, n),
    _mm256_or_ps(m, n),
    _mm256_andnot_ps(n, m),
    _mm256_movemask_ps(m)
);

#[cfg(target_arch = "x86_64")]
lanes_of!(
    /// Sixteen floats in a 512-bit register.
    Avx512(x86_64::__m512, u16; 16): _mm512_loadu_ps _mm512_storeu_ps
    _mm512_set1_ps _mm512_add_ps _mm512_sub_ps _mm512_mul_ps
    |a, b, x, yes, no, mask|
    _mm512_max_ps(a.0, b.0),
    _mm512_min_ps(a.0, b.0),
    _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(a.0), _mm512_set1_epi32(bits.cast_signed()))),
    _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(a.0), _mm512_castps_si512(b.0))),
    _mm512_castsi512_ps(_mm512_min_epi32(_mm512_castps_si512(a.0), _mm512_castps_si512(b.0))),
    _mm512_test_epi32_mask(_mm512_castps_si512(x.0), _mm512_castps_si512(x.0)),
    _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, b.0),
    _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x.0, x.0),
    _mm512_mask_blend_ps(mask, no.0, yes.0),
    _mm512_mask_max_ps(b.0, mask, a.0, b.0),
    _mm512_mask_min_ps(b.0, mask, a.0, b.0);
    |m, n, bits|
    _mm512_int2mask(bits.cast_signed()),
    _mm512_kand(m, n),
    _mm512_kor(m, n),
    _mm512_kandn(n, m),
    _mm512_mask2int(m)
);

#[cfg(target_arch = "aarch64")]
lanes_of!(
    /// Four floats in a 128-bit register. The maximum and minimum instructions of NEON are not
    /// used, because they would keep a NaN.
    Neon(aarch64::float32x4_t, std::arch::aarch64::uint32x4_t; 4): vld1q_f32 vst1q_f32
    vdupq_n_f32 vaddq_f32 vsubq_f32 vmulq_f32
    |a, b, x, yes, no, mask|
    vbslq_f32(vcgtq_f32(a.0, b.0), a.0, b.0),
    vbslq_f32(vcltq_f32(a.0, b.0), a.0, b.0),
    vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a.0), vdupq_n_u32(bits))),
    vreinterpretq_f32_u32(vorrq_u32(vreinterpretq_u32_f32(a.0), vreinterpretq_u32_f32(b.0))),
    vminq_f32(a.0, b.0),
    vtstq_u32(vreinterpretq_u32_f32(x.0), vreinterpretq_u32_f32(x.0)),
    vcgtq_f32(a.0, b.0),
    vmvnq_u32(vceqq_f32(x.0, x.0)),
    vbslq_f32(mask, yes.0, no.0),
    vbslq_f32(vandq_u32(mask, vcgtq_f32(a.0, b.0)), a.0, b.0),
    vbslq_f32(vandq_u32(mask, vcltq_f32(a.0, b.0)), a.0, b.0);
    |m, n, bits|
    vdupq_n_u32(bits),
    vandq_u32(m, n),
    vorrq_u32(m, n),
    vbicq_u32(m, n),
    vmaxvq_u32(m)
);

/// Calls a macro that compiles a search as a module for each instruction set.
macro_rules! for_all_levels {
    ($compile_for:ident) => {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        $compile_for!(portable, crate::simd::Sse2);
        #[cfg(any(not(target_arch = "x86_64"), miri))]
        $compile_for!(portable, f32);
        #[cfg(target_arch = "aarch64")]
        $compile_for!(neon, crate::simd::Neon; "neon");
        #[cfg(target_arch = "x86_64")]
        $compile_for!(avx2, crate::simd::Avx2; "avx2");
        #[cfg(target_arch = "x86_64")]
        $compile_for!(avx512, crate::simd::Avx512; "avx512f");
    };
}
pub(crate) use for_all_levels;

/// An item of the module that [`for_all_levels`] made for a level.
macro_rules! by_level {
    ($level:expr, $item:ident) => {
        match $level {
            #[cfg(target_arch = "aarch64")]
            crate::simd::SimdLevel::Neon => &neon::$item,
            #[cfg(target_arch = "x86_64")]
            crate::simd::SimdLevel::Avx2 => &avx2::$item,
            #[cfg(target_arch = "x86_64")]
            crate::simd::SimdLevel::Avx512 => &avx512::$item,
            _ => &portable::$item,
        }
    };
}
pub(crate) use by_level;

/// Calls `$here`, an `#[inline(always)]` function of these arguments, as it is compiled for the level of a
/// [`crate::Kernel`], which looked whether the processor has it. It is compiled once for each level, wherever it is called:
/// inlined everywhere, the sums alone were half of the program.
macro_rules! at_level {
    ($level:expr, $here:path, $($arg:ident: $type:ty),+ $(,)?) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        #[inline(never)]
        fn avx2($($arg: $type),+) {
            $here($($arg),+);
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f")]
        #[inline(never)]
        fn avx512($($arg: $type),+) {
            $here($($arg),+);
        }
        #[inline(never)]
        fn portable($($arg: $type),+) {
            $here($($arg),+);
        }
        match $level {
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code, reason = "the kernel checked the level")]
            // SAFETY: as above.
            crate::simd::SimdLevel::Avx2 => unsafe { avx2($($arg),+) },
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code, reason = "the kernel checked the level")]
            // SAFETY: as above.
            crate::simd::SimdLevel::Avx512 => unsafe { avx512($($arg),+) },
            _ => portable($($arg),+),
        }
    }};
}
pub(crate) use at_level;

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every kind, more than the widest vector has lanes.
    const NUMBERS: [f32; 9] =
        [0.0, -0.0, 1.5, -2.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, f32::MAX];

    /// What a vector makes of `a` and `b` in its first lane, and of single floats.
    unsafe fn results<V: Lanes>(a: f32, b: f32) -> ([u32; 16], [bool; 5]) {
        // SAFETY: the vectors have no more than 16 lanes; the caller has the instructions.
        unsafe {
            let (x, y) = (V::splat(a), V::splat(b));
            let (yes, no) = (V::splat(1.0), V::splat(2.0));
            let (size, other) = (V::splat(a.abs()), V::splat(b.abs()));
            let all = [
                x.add(y),
                x.sub(y),
                x.mul(y),
                x.max(y),
                x.min(y),
                V::where_greater(x, y, yes, no),
                V::where_nan(x, yes, no),
                x.max_where(y, V::mask(u32::MAX)),
                x.min_where(y, V::mask(u32::MAX)),
                x.max_where(y, V::mask(0)),
                x.min_where(y, V::mask(0)),
                V::pick(V::and_not(V::greater(no, yes), V::greater(x, y)), yes, no),
                V::pick(V::or(V::greater(x, y), V::nan(x)), yes, no),
                x.keep(u32::MAX).bits_or(y.keep(0)),
                size.bits_or(other),
                if a.is_nan() || b.is_nan() { x } else { size.least(other) },
            ];
            let bits = all.map(|result| {
                let mut lanes = [0.0_f32; 16];
                result.store(lanes.as_mut_ptr());
                let lanes = &lanes[..V::N];
                // A NaN may have any digits.
                let bits = |z: f32| if z.is_nan() { f32::NAN.to_bits() } else { z.to_bits() };
                assert!(lanes.iter().all(|z| bits(*z) == bits(lanes[0])), "{lanes:?}");
                bits(lanes[0])
            });
            let (greater, nan) = (V::greater(x, y), V::nan(y));
            let any = [
                greater,
                V::and(greater, nan),
                V::or(greater, nan),
                V::and_not(nan, greater),
                V::any_bit(size),
            ];
            (bits, any.map(|mask| V::any(mask)))
        }
    }

    macro_rules! compile_for {
        ($module:ident, $lanes:ty $(; $feature:literal)?) => {
            mod $module {
                $(#[target_feature(enable = $feature)])?
                unsafe fn of(a: f32, b: f32) -> ([u32; 16], [bool; 5]) {
                    // SAFETY: passed on to the caller.
                    unsafe { super::results::<$lanes>(a, b) }
                }
                pub static RESULTS: unsafe fn(f32, f32) -> ([u32; 16], [bool; 5]) = of;
            }
        };
    }
    for_all_levels!(compile_for);

    #[test]
    fn columns_of_rows() {
        let rows =
            [0.0, 4.0, 8.0, 12.0].map(|first| [first, first + 1.0, first + 2.0, first + 3.0]);
        let columns =
            [0.0, 1.0, 2.0, 3.0].map(|first| [first, first + 4.0, first + 8.0, first + 12.0]);
        assert_eq!(transpose(rows), columns);
    }

    #[test]
    fn every_level_does_with_odd_numbers_what_single_floats_do() {
        let supported = SimdLevel::ALL.into_iter().filter(|level| level.is_supported());
        for level in supported {
            let results = by_level!(level, RESULTS);
            for a in NUMBERS {
                for b in NUMBERS {
                    // SAFETY: the processor has the level.
                    let (vector, single) = unsafe { (results(a, b), results_of_one(a, b)) };
                    assert_eq!(vector, single, "{level}: {a:e}, {b:e}");
                }
            }
        }
    }

    /// By the definitions.
    fn results_of_one(a: f32, b: f32) -> ([u32; 16], [bool; 5]) {
        let greater = a > b;
        let bits = |z: f32| if z.is_nan() { f32::NAN.to_bits() } else { z.to_bits() };
        let all = [
            a + b,
            a - b,
            a * b,
            if a > b { a } else { b },
            if a < b { a } else { b },
            if a > b { 1.0 } else { 2.0 },
            if a.is_nan() { 1.0 } else { 2.0 },
            if a > b { a } else { b },
            if a < b { a } else { b },
            b,
            b,
            if a > b { 2.0 } else { 1.0 },
            if a > b || a.is_nan() { 1.0 } else { 2.0 },
            a,
            f32::from_bits(a.abs().to_bits() | b.abs().to_bits()),
            if a.is_nan() || b.is_nan() { a } else { a.abs().min(b.abs()) },
        ];
        (
            all.map(bits),
            [
                greater,
                greater && b.is_nan(),
                greater || b.is_nan(),
                !greater && b.is_nan(),
                a.is_nan() || a != 0.0,
            ],
        )
    }

    #[test]
    fn names_round_trip() {
        for level in SimdLevel::ALL {
            let parsed = level.name().parse::<SimdLevel>();
            if level.is_supported() {
                assert_eq!(parsed, Ok(level));
            } else {
                assert_eq!(parsed, Err(format!("this processor does not have {level}")));
            }
        }
        assert_eq!(
            "sse".parse::<SimdLevel>(),
            Err("unknown instruction set 'sse': portable, neon, avx2 or avx512".to_owned())
        );
    }
}
