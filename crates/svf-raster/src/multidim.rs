//! GDAL's files of arrays with any number of dimensions: an API that the safe bindings do not
//! have. An array keeps its file open, so it has to be dropped before the file is closed.

use std::ffi::{CStr, CString, c_char};
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DatasetOptions, Driver, GdalOpenFlags};
use gdal_sys::{
    GDALAttributeH, GDALDataType, GDALDimensionH, GDALExtendedDataTypeH, GDALGroupH, GDALMDArrayH,
};
use ndarray::ArrayView2;

use crate::io::Element;
use crate::session;

/// Types that own a handle of GDAL's and release it.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident: $raw:ty, $release:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name($raw);

        impl $name {
            fn of(raw: $raw) -> Result<Self, String> {
                if raw.is_null() { Err(session::last_message()) } else { Ok(Self(raw)) }
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: this value owns the handle, which is not null.
                unsafe { gdal_sys::$release(self.0) };
            }
        }
    )*};
}

handles! {
    /// The arrays, dimensions and attributes of a file.
    Group: GDALGroupH, GDALGroupRelease;
    /// A dimension of arrays.
    Dimension: GDALDimensionH, GDALDimensionRelease;
    /// An array of a file.
    Array: GDALMDArrayH, GDALMDArrayRelease;
    /// An attribute of a file or of an array.
    Attribute: GDALAttributeH, GDALAttributeRelease;
    /// A type of cells or of attributes.
    Type: GDALExtendedDataTypeH, GDALExtendedDataTypeRelease;
}

impl Type {
    fn number(of: GDALDataType::Type) -> Result<Self, String> {
        // SAFETY: takes a number.
        Self::of(unsafe { gdal_sys::GDALExtendedDataTypeCreate(of) })
    }

    fn text() -> Result<Self, String> {
        // SAFETY: takes a number: no limit of the length.
        Self::of(unsafe { gdal_sys::GDALExtendedDataTypeCreateString(0) })
    }
}

/// The value of an attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    /// Two numbers, stored in the type.
    Range([f64; 2], GDALDataType::Type),
}

fn text(text: &str) -> Result<CString, String> {
    CString::new(text.replace('\0', "")).map_err(|e| e.to_string())
}

/// What a call says of its success.
fn done(result: i32) -> Result<(), String> {
    if result == 0 { Err(session::last_message()) } else { Ok(()) }
}

/// Creates a file for arrays.
pub(crate) fn create(driver: &Driver, path: &Path, options: &[String]) -> Result<Dataset, String> {
    let name = text(&path.to_string_lossy())?;
    let options = CslStringList::from_iter(options.iter().map(String::as_str));
    // SAFETY: a live driver, a NUL-terminated name and lists that outlive the call; this code owns
    // the dataset, if there is one.
    unsafe {
        let dataset = gdal_sys::GDALCreateMultiDimensional(
            driver.c_driver(),
            name.as_ptr(),
            std::ptr::null_mut(),
            options.as_ptr(),
        );
        match dataset.is_null() {
            true => Err(session::last_message()),
            false => Ok(Dataset::from_c_dataset(dataset)),
        }
    }
}

/// Opens a file of arrays to write to them.
pub(crate) fn open(driver: &str, path: &Path) -> Result<Dataset, String> {
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_MULTIDIM_RASTER
            | GdalOpenFlags::GDAL_OF_UPDATE
            | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&[driver]),
        ..DatasetOptions::default()
    };
    Dataset::open_ex(path, options).map_err(|e| session::reason(&e))
}

impl Group {
    /// The arrays of a file.
    pub(crate) fn root(dataset: &Dataset) -> Result<Self, String> {
        // SAFETY: a live dataset.
        Self::of(unsafe { gdal_sys::GDALDatasetGetRootGroup(dataset.c_dataset()) })
    }

    /// Adds a dimension; `kind` is empty or one of GDAL's types.
    pub(crate) fn dimension(&self, name: &str, kind: &str, size: u64) -> Result<Dimension, String> {
        let (name, kind, direction) = (text(name)?, text(kind)?, text("")?);
        // SAFETY: a live group, and NUL-terminated texts that outlive the call.
        Dimension::of(unsafe {
            gdal_sys::GDALGroupCreateDimension(
                self.0,
                name.as_ptr(),
                kind.as_ptr(),
                direction.as_ptr(),
                size,
                std::ptr::null_mut(),
            )
        })
    }

    /// Adds an array.
    pub(crate) fn array(
        &self,
        name: &str,
        dimensions: &[&Dimension],
        of: GDALDataType::Type,
        options: &[String],
    ) -> Result<Array, String> {
        let (name, of) = (text(name)?, Type::number(of)?);
        let options = CslStringList::from_iter(options.iter().map(String::as_str));
        let mut dimensions: Vec<GDALDimensionH> = dimensions.iter().map(|d| d.0).collect();
        // SAFETY: live handles, as many as said, a NUL-terminated name and a list of options; all
        // of them outlive the call.
        Array::of(unsafe {
            gdal_sys::GDALGroupCreateMDArray(
                self.0,
                name.as_ptr(),
                dimensions.len(),
                dimensions.as_mut_ptr(),
                of.0,
                options.as_ptr(),
            )
        })
    }

    /// An array that the file has.
    pub(crate) fn open(&self, name: &str) -> Result<Array, String> {
        let name = text(name)?;
        // SAFETY: a live group and a NUL-terminated name.
        Array::of(unsafe {
            gdal_sys::GDALGroupOpenMDArray(self.0, name.as_ptr(), std::ptr::null_mut())
        })
    }

    /// Sets an attribute of the file.
    pub(crate) fn set(&self, name: &str, value: Value<'_>) -> Result<(), String> {
        // SAFETY: a live group, and the function for groups.
        unsafe { value.set(name, self.0, gdal_sys::GDALGroupCreateAttribute) }
    }
}

impl Array {
    /// Sets an attribute of the array.
    pub(crate) fn set(&self, name: &str, value: Value<'_>) -> Result<(), String> {
        // SAFETY: a live array, and the function for arrays.
        unsafe { value.set(name, self.0, gdal_sys::GDALMDArrayCreateAttribute) }
    }

    /// The text of an attribute; none if there is no such attribute.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<String>, String> {
        let name = text(name)?;
        // SAFETY: a live array and a NUL-terminated name; the text is copied while the attribute
        // lives.
        session::may_fail(|| unsafe {
            let found = gdal_sys::GDALMDArrayGetAttribute(self.0, name.as_ptr());
            let Ok(found) = Attribute::of(found) else { return Ok(None) };
            let text = gdal_sys::GDALAttributeReadAsString(found.0);
            match text.is_null() {
                true => Ok(None),
                false => Ok(Some(CStr::from_ptr(text).to_string_lossy().into_owned())),
            }
        })
    }

    pub(crate) fn set_nodata(&self, nodata: f64) -> Result<(), String> {
        // SAFETY: a live array.
        done(unsafe { gdal_sys::GDALMDArraySetNoDataValueAsDouble(self.0, nodata) })
    }

    /// Value = scale * cell + offset.
    pub(crate) fn set_scale(&self, scale: f64, offset: f64) -> Result<(), String> {
        // SAFETY: a live array.
        done(unsafe { gdal_sys::GDALMDArraySetScale(self.0, scale) })?;
        // SAFETY: as above.
        done(unsafe { gdal_sys::GDALMDArraySetOffset(self.0, offset) })
    }

    pub(crate) fn set_unit(&self, unit: &str) -> Result<(), String> {
        let unit = text(unit)?;
        // SAFETY: a live array and a NUL-terminated text.
        done(unsafe { gdal_sys::GDALMDArraySetUnit(self.0, unit.as_ptr()) })
    }

    pub(crate) fn set_crs(&self, crs: &SpatialRef) -> Result<(), String> {
        // SAFETY: a live array and CRS, which GDAL copies.
        done(unsafe { gdal_sys::GDALMDArraySetSpatialRef(self.0, crs.to_c_hsrs()) })
    }

    /// Writes numbers to an array of one dimension, all of it.
    pub(crate) fn write_line(&self, numbers: &[f64]) -> Result<(), String> {
        self.write_at(&[0], &[numbers.len()], numbers)
    }

    /// Writes a window, whose rows and columns are the last two dimensions. `start` has the first
    /// index of every dimension.
    pub(crate) fn write<T: Element>(
        &self,
        start: &[u64],
        cells: ArrayView2<'_, T>,
    ) -> Result<(), String> {
        let (rows, cols) = cells.dim();
        let mut count = vec![1; start.len()];
        let [.., last_rows, last_cols] = &mut count[..] else { unreachable!("rows and columns") };
        (*last_rows, *last_cols) = (rows, cols);
        match cells.as_slice() {
            Some(cells) => self.write_at(start, &count, cells),
            None => self.write_at(start, &count, &cells.iter().copied().collect::<Vec<T>>()),
        }
    }

    fn write_at<T: Element>(
        &self,
        start: &[u64],
        count: &[usize],
        cells: &[T],
    ) -> Result<(), String> {
        assert_eq!(start.len(), count.len());
        assert_eq!(cells.len(), count.iter().product::<usize>());
        let of = Type::number(T::TYPE)?;
        // SAFETY: a live array and type. `start` and `count` have a number for each dimension (the
        // callers' arrays have as many), and `cells` as many elements as `count` says, one after
        // the other.
        done(unsafe {
            debug_assert_eq!(gdal_sys::GDALMDArrayGetDimensionCount(self.0), start.len());
            gdal_sys::GDALMDArrayWrite(
                self.0,
                start.as_ptr(),
                count.as_ptr(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                of.0,
                cells.as_ptr().cast(),
                cells.as_ptr().cast(),
                size_of_val(cells),
            )
        })
    }
}

/// GDAL's function that makes an attribute of a group or of an array.
type CreateAttribute<H> = unsafe extern "C" fn(
    H,
    *const c_char,
    usize,
    *const gdal_sys::GUInt64,
    GDALExtendedDataTypeH,
    gdal_sys::CSLConstList,
) -> GDALAttributeH;

impl Value<'_> {
    /// Makes an attribute of its shape and type, and writes it.
    ///
    /// # Safety
    /// `of` must be a live handle, of the kind that `create` takes.
    unsafe fn set<H: Copy>(
        self,
        name: &str,
        of: H,
        create: CreateAttribute<H>,
    ) -> Result<(), String> {
        let name = text(name)?;
        let make = |shape: &[u64], kind: Type| {
            let (count, shape, none) = (shape.len(), shape.as_ptr(), std::ptr::null_mut());
            // SAFETY: promised for `of`; a live type, a NUL-terminated name, and sizes as many as
            // said.
            Attribute::of(unsafe { create(of, name.as_ptr(), count, shape, kind.0, none) })
        };
        match self {
            Value::Text(value) => {
                let (attribute, value) = (make(&[], Type::text()?)?, text(value)?);
                // SAFETY: a live attribute and a NUL-terminated text.
                done(unsafe { gdal_sys::GDALAttributeWriteString(attribute.0, value.as_ptr()) })
            }
            Value::Number(value) => {
                let attribute = make(&[], Type::number(GDALDataType::GDT_Float64)?)?;
                // SAFETY: a live attribute.
                done(unsafe { gdal_sys::GDALAttributeWriteDouble(attribute.0, value) })
            }
            Value::Range(values, of) => {
                let attribute = make(&[2], Type::number(of)?)?;
                // SAFETY: a live attribute of two numbers, and two numbers.
                done(unsafe {
                    gdal_sys::GDALAttributeWriteDoubleArray(attribute.0, values.as_ptr(), 2)
                })
            }
        }
    }
}
