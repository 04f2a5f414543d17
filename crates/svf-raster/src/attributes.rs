//! Copies the attributes of features from one vector file to another: each value unchanged and
//! with its type, for any format of the source.

use std::ffi::{CStr, CString, c_char, c_int};
use std::slice::from_raw_parts;

use gdal::errors::GdalError;
use gdal::vector::{Defn, Feature, Layer, LayerAccess};
use gdal_sys::{OGRFeatureH, OGRFieldSubType, OGRFieldType};

/// A field of a file that is copied to another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in the source file.
    pub name: String,
    /// Its name in the new file.
    pub column: String,
    ty: OGRFieldType::Type,
    subtype: OGRFieldSubType::Type,
}

/// A value of any type that a field may have.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// No value.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Real(f64),
    /// Text; a date or a time as ISO 8601 writes it, bytes as hexadecimal digits.
    Text(String),
    /// A list of values of one type.
    List(Vec<AttributeValue>),
}

impl Attribute {
    /// The fields of a layer.
    pub(crate) fn all_of(defn: &Defn) -> Vec<Self> {
        let of = |(i, field): (usize, gdal::vector::Field<'_>)| {
            // SAFETY: `i` counts the fields of a live definition.
            let subtype = unsafe {
                let field = gdal_sys::OGR_FD_GetFieldDefn(defn.c_defn(), i as c_int);
                gdal_sys::OGR_Fld_GetSubType(field)
            };
            // SAFETY: as above; the name lives as long as the definition.
            let name = text_of(unsafe {
                gdal_sys::OGR_Fld_GetNameRef(gdal_sys::OGR_FD_GetFieldDefn(
                    defn.c_defn(),
                    i as c_int,
                ))
            });
            Self { column: name.clone(), name, ty: field.field_type(), subtype }
        };
        defn.fields().enumerate().map(of).collect()
    }

    /// Adds it to a layer. If the format of the layer does not have the type, the field becomes
    /// text.
    pub(crate) fn add_to(&self, layer: &Layer<'_>, driver: &Known) -> Result<(), GdalError> {
        let name = CString::new(self.column.replace('\0', ""))?;
        let is_known = driver.knows_type(self.ty);
        let ty = if is_known { self.ty } else { OGRFieldType::OFTString };
        // SAFETY: a name that lives long enough, a definition that is used and destroyed
        // here, a live layer.
        let created = unsafe {
            let field = gdal_sys::OGR_Fld_Create(name.as_ptr(), ty);
            if is_known && driver.knows_subtype(self.subtype) {
                gdal_sys::OGR_Fld_SetSubType(field, self.subtype);
            }
            let created = gdal_sys::OGR_L_CreateField(layer.c_layer(), field, 1);
            gdal_sys::OGR_Fld_Destroy(field);
            created
        };
        match created {
            gdal_sys::OGRErr::OGRERR_NONE => Ok(()),
            err => Err(GdalError::OgrError { err, method_name: "OGR_L_CreateField" }),
        }
    }
}

/// The field types that a driver has, by its own list; all types if it has no list.
pub(crate) struct Known {
    types: Option<String>,
    subtypes: Option<String>,
}

impl Known {
    pub(crate) fn of(driver: &gdal::Driver) -> Self {
        use gdal::Metadata;
        Self {
            types: driver.metadata_item("DMD_CREATIONFIELDDATATYPES", ""),
            subtypes: driver.metadata_item("DMD_CREATIONFIELDDATASUBTYPES", ""),
        }
    }

    fn knows_type(&self, ty: OGRFieldType::Type) -> bool {
        // SAFETY: takes a number, returns a text that lives as long as the process.
        let name = text_of(unsafe { gdal_sys::OGR_GetFieldTypeName(ty) });
        self.types.as_ref().is_none_or(|types| types.split(' ').any(|known| known == name))
    }

    fn knows_subtype(&self, subtype: OGRFieldSubType::Type) -> bool {
        // SAFETY: as above.
        let name = text_of(unsafe { gdal_sys::OGR_GetFieldSubTypeName(subtype) });
        // A driver without a list has no subtypes.
        self.subtypes.as_ref().is_some_and(|types| types.split(' ').any(|known| known == name))
    }
}

/// The attributes of a feature: a copy that outlives the file it comes from.
pub struct Attributes {
    feature: OGRFeatureH,
    /// Whether some texts were not UTF-8 and were read as Windows-1252.
    pub is_decoded: bool,
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: this value owns the copy, and GDAL counts the references to its definition.
        unsafe { gdal_sys::OGR_F_Destroy(self.feature) };
    }
}

impl Attributes {
    /// None where memory is exhausted. Their texts are UTF-8 afterwards.
    pub(crate) fn of(feature: &Feature<'_>) -> Option<Self> {
        // SAFETY: a live feature; the copy refers to its definition, which GDAL counts.
        let copy = unsafe { gdal_sys::OGR_F_Clone(feature.c_feature()) };
        (!copy.is_null()).then(|| {
            let mut copy = Self { feature: copy, is_decoded: false };
            copy.decode();
            copy
        })
    }

    /// Converts texts that are not UTF-8 to UTF-8.
    fn decode(&mut self) {
        for i in 0..self.count() as c_int {
            // SAFETY: `i` counts the fields of a live feature; the text is copied before the
            // feature gets another.
            unsafe {
                let field = gdal_sys::OGR_F_GetFieldDefnRef(self.feature, i);
                if gdal_sys::OGR_Fld_GetType(field) != OGRFieldType::OFTString
                    || gdal_sys::OGR_F_IsFieldSetAndNotNull(self.feature, i) == 0
                {
                    continue;
                }
                let text = CStr::from_ptr(gdal_sys::OGR_F_GetFieldAsString(self.feature, i));
                // A text of C has no zero byte within.
                if text.to_str().is_err()
                    && let Ok(decoded) = CString::new(decoded(text.to_bytes()))
                {
                    gdal_sys::OGR_F_SetFieldString(self.feature, i, decoded.as_ptr());
                    self.is_decoded = true;
                }
            }
        }
    }

    /// The value of the attribute number `i`.
    ///
    /// # Panics
    /// If there is no such attribute.
    pub fn value(&self, i: usize) -> AttributeValue {
        let i = self.index(i);
        // SAFETY: the feature is alive and `i` was checked; lists and texts are copied before the
        // next call on the feature.
        unsafe {
            if gdal_sys::OGR_F_IsFieldSetAndNotNull(self.feature, i) == 0 {
                return AttributeValue::Null;
            }
            let field = gdal_sys::OGR_F_GetFieldDefnRef(self.feature, i);
            let is_flag = gdal_sys::OGR_Fld_GetSubType(field) == OGRFieldSubType::OFSTBoolean;
            let whole = |n: i64| {
                if is_flag { AttributeValue::Flag(n != 0) } else { AttributeValue::Whole(n) }
            };
            let mut count: c_int = 0;
            match gdal_sys::OGR_Fld_GetType(field) {
                OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => {
                    whole(gdal_sys::OGR_F_GetFieldAsInteger64(self.feature, i))
                }
                OGRFieldType::OFTReal => {
                    AttributeValue::Real(gdal_sys::OGR_F_GetFieldAsDouble(self.feature, i))
                }
                OGRFieldType::OFTIntegerList => {
                    let list = gdal_sys::OGR_F_GetFieldAsIntegerList(self.feature, i, &mut count);
                    list_of(list, count, |n| whole(n.into()))
                }
                OGRFieldType::OFTInteger64List => {
                    let list = gdal_sys::OGR_F_GetFieldAsInteger64List(self.feature, i, &mut count);
                    list_of(list, count, whole)
                }
                OGRFieldType::OFTRealList => {
                    let list = gdal_sys::OGR_F_GetFieldAsDoubleList(self.feature, i, &mut count);
                    list_of(list, count, AttributeValue::Real)
                }
                OGRFieldType::OFTStringList => {
                    let list = gdal_sys::OGR_F_GetFieldAsStringList(self.feature, i);
                    while !list.is_null() && !(*list.add(count as usize)).is_null() {
                        count += 1;
                    }
                    list_of(list.cast_const(), count, |text| AttributeValue::Text(text_of(text)))
                }
                ty
                @ (OGRFieldType::OFTDate | OGRFieldType::OFTTime | OGRFieldType::OFTDateTime) => {
                    AttributeValue::Text(self.time(i, ty))
                }
                _ => {
                    AttributeValue::Text(text_of(gdal_sys::OGR_F_GetFieldAsString(self.feature, i)))
                }
            }
        }
    }

    /// A date, a time or both, as ISO 8601 writes it.
    fn time(&self, i: c_int, ty: OGRFieldType::Type) -> String {
        let [mut year, mut month, mut day, mut hour, mut minute, mut zone] = [0 as c_int; 6];
        let mut second = 0.0_f32;
        // SAFETY: the feature is alive, `i` was checked, and all output variables are local.
        unsafe {
            gdal_sys::OGR_F_GetFieldAsDateTimeEx(
                self.feature,
                i,
                &mut year,
                &mut month,
                &mut day,
                &mut hour,
                &mut minute,
                &mut second,
                &mut zone,
            );
        }
        let date = format!("{year:04}-{month:02}-{day:02}");
        let milliseconds = (f64::from(second) * 1000.0).round() as i64;
        let mut time = format!("{hour:02}:{minute:02}:{:02}", milliseconds / 1000);
        if milliseconds % 1000 != 0 {
            time += &format!(".{:03}", milliseconds % 1000);
        }
        // In quarters of an hour; 0 is unknown, 1 local.
        time += &match zone {
            ..=1 => String::new(),
            100 => "Z".to_owned(),
            _ => {
                let minutes = (zone - 100) * 15;
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        };
        match ty {
            OGRFieldType::OFTDate => date,
            OGRFieldType::OFTTime => time,
            _ => format!("{date}T{time}"),
        }
    }

    /// Copies all of them into the fields of another feature, from number `first` on.
    ///
    /// # Errors
    /// A text that contains a zero byte.
    ///
    /// # Panics
    /// If the feature has fewer fields.
    pub(crate) fn copy_to(&self, feature: &mut Feature<'_>, first: usize) -> Result<(), GdalError> {
        for i in 0..self.count() {
            let to = first + i;
            assert!(to < feature.field_count(), "a field for every attribute");
            if self.value(i) == AttributeValue::Null {
                feature.set_field_null(to)?;
                continue;
            }
            // SAFETY: both features live, both numbers were checked; a raw value is taken
            // over only by a field of the same type.
            let same = unsafe {
                let (i, to, feature) = (i as c_int, to as c_int, feature.c_feature());
                let ty = |of, i| gdal_sys::OGR_Fld_GetType(gdal_sys::OGR_F_GetFieldDefnRef(of, i));
                let same = ty(self.feature, i) == ty(feature, to);
                if same {
                    let raw = gdal_sys::OGR_F_GetRawFieldRef(self.feature, i);
                    gdal_sys::OGR_F_SetFieldRaw(feature, to, raw);
                }
                same
            };
            if !same {
                feature.set_field_string(to, &self.value(i).to_string())?;
            }
        }
        Ok(())
    }

    fn count(&self) -> usize {
        // SAFETY: a live feature.
        usize::try_from(unsafe { gdal_sys::OGR_F_GetFieldCount(self.feature) }).unwrap_or(0)
    }

    fn index(&self, i: usize) -> c_int {
        assert!(i < self.count(), "attribute {i} of {}", self.count());
        i as c_int
    }
}

impl std::fmt::Display for AttributeValue {
    /// As text in a table: empty for no value, a list as in JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AttributeValue::Null => Ok(()),
            AttributeValue::Flag(flag) => write!(f, "{flag}"),
            AttributeValue::Whole(number) => write!(f, "{number}"),
            AttributeValue::Real(number) => write!(f, "{number}"),
            AttributeValue::Text(text) => write!(f, "{text}"),
            AttributeValue::List(values) => {
                write!(f, "[")?;
                for (i, value) in values.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    match value {
                        AttributeValue::Text(text) => {
                            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                            write!(f, "{comma}\"{text}\"")?;
                        }
                        value => write!(f, "{comma}{value}")?,
                    }
                }
                write!(f, "]")
            }
        }
    }
}

/// Copies a list of GDAL's.
///
/// # Safety
/// `list` points to `count` values, or is null.
unsafe fn list_of<T: Copy>(
    list: *const T,
    count: c_int,
    value: impl Fn(T) -> AttributeValue,
) -> AttributeValue {
    let count = usize::try_from(count).unwrap_or(0);
    if list.is_null() {
        return AttributeValue::List(Vec::new());
    }
    // SAFETY: as promised.
    let values = unsafe { from_raw_parts(list, count) };
    AttributeValue::List(values.iter().map(|item| value(*item)).collect())
}

/// A text of GDAL's, or an empty one.
fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: GDAL's texts end with a zero byte and live until the feature changes.
    decoded(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A text in UTF-8, or else in Windows-1252 (which includes Latin-1), as spreadsheets write it.
pub(crate) fn decoded(text: &[u8]) -> String {
    /// The characters of the bytes 0x80 to 0x9f. Bytes without a character are control
    /// characters.
    const UPPER: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}',
        '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}',
        '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
        '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}',
        '\u{178}',
    ];
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let letter = |&byte: &u8| match byte {
                0x80..=0x9f => UPPER[usize::from(byte) - 0x80],
                _ => char::from(byte),
            };
            text.iter().map(letter).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_the_code_of_spreadsheets_are_read() {
        assert_eq!(decoded("Bärenplatz 日 €".as_bytes()), "Bärenplatz 日 €");
        assert_eq!(decoded(b"B\xe4renplatz"), "Bärenplatz");
        assert_eq!(decoded(b"5 \x80, \x84K\xf6ln\x93 \x96 \x9f\xff"), "5 €, „Köln“ – Ÿÿ");
        // The last byte of a UTF-8 character is missing.
        assert_eq!(decoded(b"M\xc3"), "MÃ");
        assert_eq!(decoded(b""), "");
    }
}
