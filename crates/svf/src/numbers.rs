//! Numbers and counts in messages.

/// "1 tile", "4 tiles".
pub fn count_of(count: impl TryInto<u64>, one: &str) -> String {
    let count: u64 = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// "is" or "are", after a count.
pub fn is_or_are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// A share for people: "12 %", "0.35 %". It is only "100 %" if it is exactly 1.
pub fn show_share(part: u64, whole: u64) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    match percent {
        _ if part >= whole => "100 %".to_owned(),
        p if p > 99.99 => "more than 99.99 %".to_owned(),
        p if (0.95..99.5).contains(&p) => format!("{p:.0} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        _ => "less than 0.01 %".to_owned(),
    }
}

/// A number for people, of at most seven digits: "131.98", "3.4e38".
pub fn show_number(number: f64) -> String {
    significant(number, 7)
}

/// A coordinate for people, with more digits than a size.
pub fn show_place(number: f64) -> String {
    significant(number, 10)
}

/// A number with at most `digits` digits; very large and very small numbers have an exponent.
fn significant(number: f64, digits: usize) -> String {
    // Zero has no sign.
    let number = number + 0.0;
    let rounded = format!("{number:.*e}", digits - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else {
        return number.to_string();
    };
    match exponent.parse::<i32>() {
        Ok(exponent @ -5..=8) => {
            let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
            let text = format!("{number:.decimals$}");
            let text = if text.contains('.') { text.trim_end_matches('0') } else { &text };
            text.trim_end_matches('.').to_owned()
        }
        _ => {
            let mantissa =
                if mantissa.contains('.') { mantissa.trim_end_matches('0') } else { mantissa };
            format!("{}e{exponent}", mantissa.trim_end_matches('.'))
        }
    }
}

/// A number as a user would type it, with an exponent if it is far from 1.
pub fn show_typed(value: f64) -> String {
    if value != 0.0 && !(1e-6..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Mean, and standard deviation.
pub(crate) fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// The correlation of two series of numbers, -1 to 1; 0 if one of them does not vary.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let ((a_mean, a_spread), (b_mean, b_spread)) = (moments(a), moments(b));
    let product = a.iter().zip(b).map(|(a, b)| (a - a_mean) * (b - b_mean)).sum::<f64>();
    product / a.len().max(1) as f64 / (a_spread * b_spread).max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_it_is_a_hundred_percent() {
        for (part, whole, text) in [
            (1, 1, "100 %"),
            (999_999, 1_000_000, "more than 99.99 %"),
            (9990, 10_000, "99.90 %"),
            (995, 1000, "99.50 %"),
            (994, 1000, "99 %"),
            (1, 4, "25 %"),
            (9, 1000, "0.90 %"),
            (1, 1_000_000, "less than 0.01 %"),
        ] {
            assert_eq!(show_share(part, whole), text);
        }
        assert_eq!((is_or_are(1), is_or_are(0), is_or_are(2)), ("is", "are", "are"));
    }

    #[test]
    fn numbers_have_a_sane_width() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (131.98, "131.98"),
            (0.1 + 0.2, "0.3"),
            (100.0, "100"),
            (-9999.0, "-9999"),
            (123_456_789.0, "123456789"),
            (0.000_012_345_678_9, "0.00001234568"),
            (0.000_001_5, "1.5e-6"),
            (f64::from(f32::MAX), "3.402823e38"),
            (-f64::from(f32::MAX), "-3.402823e38"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(show_number(number), text);
        }
        assert_eq!(show_place(4_649_730.525), "4649730.525");
        assert_eq!(show_place(500_500.1 + 0.3), "500500.4");
    }
}
