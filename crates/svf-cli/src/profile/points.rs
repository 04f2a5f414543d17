//! The points, and their status.

use serde_json::{Value, json};
use svf::numbers::count_of;
use svf_job::events::Diagnostic;
use svf_raster::NoPlace;
use svf_raster::attributes::Attributes;

/// A requested point.
pub(super) struct Point {
    /// Its number: counted from 1, or the number of the feature.
    pub(super) id: u64,
    /// The requested coordinates, in the CRS of the raster.
    pub(super) place: Result<(f64, f64), NoPlace>,
    /// Whether it is outside, but would be inside if x and y were swapped.
    pub(super) seems_swapped: bool,
    /// Its attributes in the file.
    pub(super) attributes: Option<Attributes>,
}

/// The status of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It has values.
    Ok,
    /// It is outside the raster.
    Outside,
    /// The raster has no height there.
    NoData,
    /// A height around it is missing, and with `--missing nan` it then has no values.
    Missing,
    /// The file has no coordinates for it.
    NoPlace(NoPlace),
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Outside => "outside",
            Status::NoData => "nodata",
            Status::Missing => "missing",
            Status::NoPlace(NoPlace::Empty) => "no-geometry",
            Status::NoPlace(NoPlace::DecimalComma) => "decimal-comma",
            Status::NoPlace(NoPlace::NotAPoint) => "not-a-point",
            Status::NoPlace(NoPlace::NotInCrs) => "not-in-crs",
        }
    }
}

/// Number of points by status.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) ok: u64,
    pub(super) outside: u64,
    pub(super) nodata: u64,
    pub(super) missing: u64,
    pub(super) no_place: u64,
    /// Points that are outside, but would be inside if x and y were swapped.
    pub(super) swapped: u64,
    /// Points without coordinates because these have decimal commas.
    decimal_commas: u64,
    /// Points outside the raster whose coordinates could be longitude and latitude.
    pub(super) degrees: u64,
    /// Whether texts of the file were not UTF-8.
    pub(super) is_decoded: bool,
}

impl Counts {
    pub(super) fn count(&mut self, status: Status) {
        self.decimal_commas += u64::from(status == Status::NoPlace(NoPlace::DecimalComma));
        *match status {
            Status::Ok => &mut self.ok,
            Status::Outside => &mut self.outside,
            Status::NoData => &mut self.nodata,
            Status::Missing => &mut self.missing,
            Status::NoPlace(_) => &mut self.no_place,
        } += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.ok + self.outside + self.nodata + self.missing + self.no_place
    }

    /// Why points have no value, if it is probably a mistake.
    pub(super) fn slip_words(&self) -> Option<String> {
        if self.decimal_commas > 0 {
            return Some(format!(
                "decimal commas in the coordinates of {}: write decimal points, as in 500100.5",
                count_of(self.decimal_commas, "point")
            ));
        }
        if self.degrees > 0 {
            return Some(format!(
                "are the coordinates of {} longitude and latitude? Then add --crs EPSG:4326",
                count_of(self.degrees, "point")
            ));
        }
        (self.swapped > 0).then(|| {
            format!(
                "{} of them would be inside with x and y swapped: is latitude before longitude?",
                self.swapped
            )
        })
    }

    pub(super) fn words(&self) -> String {
        let causes = [
            (self.outside, "outside the raster"),
            (self.nodata, "on NoData"),
            (self.no_place, "without coordinates"),
            (self.missing, "with missing heights around them (--missing nan)"),
        ];
        let there = causes.iter().filter(|(count, _)| *count > 0);
        there.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    }

    /// The error if no point has a value.
    pub(super) fn none(&self) -> Diagnostic {
        let message = match self.total() {
            0 => "there are no points".to_owned(),
            _ => format!("none of the points has a value: {}", self.words()),
        };
        let diagnostic = Diagnostic::new("points.none", message);
        match self.slip_words() {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }

    /// The warning about points without a value. The output can have a status for each.
    pub(super) fn skipped(&self, has_status: bool) -> Option<Diagnostic> {
        let total = self.total();
        let skipped = total.checked_sub(self.ok).filter(|&skipped| skipped > 0)?;
        let message = format!("no value for {skipped} of {total} points: {}", self.words());
        let of_status = has_status.then(|| "the status of each point says why".to_owned());
        let diagnostic = Diagnostic::new("points.skipped", message);
        let diagnostic = match self.slip_words().or(of_status) {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        };
        let diagnostic = diagnostic.with("skipped", skipped).with("total", total);
        let diagnostic = diagnostic.with("outside", self.outside).with("nodata", self.nodata);
        Some(diagnostic.with("no_coordinates", self.no_place).with("missing", self.missing))
    }

    /// For the `done` event, with the receiver of the only point.
    pub(super) fn json(&self, only: Option<Value>) -> Value {
        json!({
            "points": self.total(), "ok": self.ok, "outside": self.outside,
            "nodata": self.nodata, "missing": self.missing, "no_place": self.no_place, "receiver": only,
        })
    }
}
