//! Decides what coordinates and heights mean, before anything is computed. Coordinates that look
//! like degrees without a geographic CRS are refused. For everything else that is doubtful, there
//! is a warning with the option or command that corrects it.

use svf_job::doubts::limits::{Stretch, is_steep, mends};
use svf_job::events::Diagnostic;
use svf_kernel::{Curvature, EARTH_RADIUS_M};
use svf_raster::crs::{HorizontalUnit, Scale};
use svf_raster::info::{Axes, Down, MemberFile};
use svf_raster::{Ellipsoid, Grid, HeightUnit, RasterInfo, RasterReader};

use crate::error::Error;
use crate::numbers::show_number;
use crate::observer::Observer;
use crate::request::Sky;

/// Refuses coordinates in degrees or kilometres without a CRS, or with a CRS in metres or feet:
/// if the axes of the file say so, or if the coordinates could be these, and the relief in units
/// of the ground (only computed then) would be impossibly steep if they were lengths in the unit of
/// the heights.
///
/// # Errors
/// Such a raster, with the command that corrects it.
pub(crate) fn refuse_degrees(info: &RasterInfo, relief: impl FnOnce() -> f64) -> Result<(), Error> {
    let (path, grid) = (&info.path, &info.grid);
    let called = match &grid.unit {
        HorizontalUnit::Unknown => "it has no CRS".to_owned(),
        HorizontalUnit::Length { name, .. } => format!("its CRS is in {}", plural(name)),
        HorizontalUnit::Angle { .. } => return Ok(()),
    };
    let (may_be_degrees, may_be_kilometres) = (grid.could_be_degrees(), grid.could_be_kilometres());
    if !may_be_degrees && !may_be_kilometres {
        return Ok(());
    }
    let says_degrees = may_be_degrees && info.axes == Axes::Degrees;
    let relief = relief();
    let CellSides { cell, side } = CellSides::of(grid);
    if !says_degrees && !is_steep(relief, cell, side) {
        return Ok(());
    }
    let (left, top) = grid.coordinates(0.0, 0.0);
    let (right, bottom) = grid.coordinates(grid.rows as f64, grid.cols as f64);
    let places = format!(
        "x {:.4} to {:.4}, y {:.4} to {:.4}, cell size {cell:.6}, range of heights {}",
        left.min(right),
        left.max(right),
        top.min(bottom),
        top.max(bottom),
        show_number(relief.round()),
    );
    let source = info.source();
    let says_length = matches!(info.axes, Axes::Length { .. });
    let (code, message, hint) = if may_be_degrees && !says_length {
        let look = match says_degrees {
            true => "but its axes say that its coordinates are degrees",
            false => "but its coordinates look like degrees",
        };
        let message = format!("cannot use {path}: {called}, {look}: {places}");
        let mend = grid.call_degrees(&source);
        let hint = format!(
            "if they are not degrees, add --plain-units; if they are, set the CRS first: {mend}"
        );
        ("crs.looks_degrees", message, hint)
    } else {
        let message = format!(
            "cannot use {path}: {called}, but its coordinates look like kilometres: {places}"
        );
        let mend = source.assign_corners([left, top, right, bottom].map(in_metres), "in_metres");
        let hint = format!(
            "if they have the unit of the heights, add --plain-units; if they are kilometres, \
             convert them to metres first: {mend}"
        );
        ("crs.looks_kilometres", message, hint)
    };
    Err(Error::failed(Diagnostic::new(code, message).hint(hint).path(path)))
}

/// Metres of kilometres, to a millionth of a metre.
fn in_metres(kilometres: f64) -> f64 {
    (kilometres * 1e9).round() / 1e6
}

/// Longer side of a cell, and of the raster, in map units.
struct CellSides {
    cell: f64,
    side: f64,
}

impl CellSides {
    fn of(grid: &Grid) -> Self {
        let [_, dx, _, _, _, dy] = grid.geo_transform.map(f64::abs);
        Self { cell: dx.max(dy), side: (dx * grid.cols as f64).max(dy * grid.rows as f64) }
    }
}

/// Warns about what the coordinates and the heights of the input are assumed to be.
pub(crate) fn warn_of_assumptions(
    path: &str,
    reader: &RasterReader,
    sky: &Sky,
    observer: &dyn Observer,
) {
    let info = reader.info();
    match &info.grid.unit {
        HorizontalUnit::Unknown => {
            let diagnostic =
                Diagnostic::new("crs.missing", format!("{path} has no CRS")).path(path);
            observer.warn(match &info.axes {
                Axes::Length { unit, .. } => diagnostic.with("unit", &**unit).hint(format!(
                    "its axes are in {unit}: heights (after --z-factor) and --radius are assumed \
                     to be in {unit}, too"
                )),
                _ => diagnostic
                    .hint("cell size, heights and --radius are assumed to be in the same unit"),
            });
        }
        HorizontalUnit::Length { name, metres } if (metres - 1.0).abs() > 1e-9 => {
            let unit = plural(name);
            let message = format!("the CRS of {path} is in {unit}, not metres");
            let hint =
                format!("heights (after --z-factor) and --radius are assumed to be in {unit}, too");
            let diagnostic = Diagnostic::new("crs.units", message).hint(hint).path(path);
            observer.warn(diagnostic.with("unit", unit));
        }
        HorizontalUnit::Angle { .. } => {
            let hint = "cell sizes are converted to metres on the ellipsoid, row by row; heights \
                        (after --z-factor) and --radius are assumed to be in metres";
            let message = format!("the CRS of {path} is geographic");
            observer.warn(Diagnostic::new("crs.degrees", message).hint(hint).path(path));
        }
        HorizontalUnit::Length { .. } => {}
    }
    warn_of_heights(path, info, sky.z_factor, observer);
    if let Some((middle, range)) = info.grid.scale() {
        warn_of_scale(path, info, (&middle, range), sky.z_factor, observer);
    }
    if let (true, Some(body)) = (sky.curvature, foreign_body(&info.grid)) {
        let air = match sky.refraction {
            Some(_) => "",
            None => ", and no refraction",
        };
        let message = format!(
            "{path} is not on the Earth: --curvature uses the radius of its CRS, {:.1} km{air}",
            body.mean_radius() / 1000.0
        );
        let radius_km = format!("{:.1}", body.mean_radius() / 1000.0);
        let diagnostic = Diagnostic::new("crs.body", message).path(path);
        let refraction = sky.refraction.unwrap_or(0.0).to_string();
        let diagnostic = diagnostic.with("radius_km", radius_km).with("refraction", refraction);
        observer.warn(match sky.refraction {
            Some(_) => diagnostic,
            None => diagnostic
                .hint("use --refraction to set a coefficient; for the air of the Earth it is 0.13"),
        });
    }
    if info.grid.goes_around() {
        observer.warn(
            Diagnostic::new("crs.around", format!("{path} covers all longitudes"))
                .hint("sight lines still end at the left and right edge of the raster")
                .path(path),
        );
    }
    warn_of_depths(path, info, observer);
    warn_of_scaling(path, info, observer);
}

/// Warns of a scale and an offset, with the numbers of the file. Of many files, the first with
/// each scale is named.
fn warn_of_scaling(path: &str, info: &RasterInfo, observer: &dyn Observer) {
    let one = |info: &RasterInfo| (path.to_owned(), info.scale_offset, info.down.is_some());
    let mut scaled = Vec::new();
    for part in &info.parts {
        let said = (part.path.clone(), part.scale_offset, part.down.is_some());
        if !scaled.iter().any(|(_, scale, down)| (*scale, *down) == (said.1, said.2)) {
            scaled.push(said);
        }
    }
    if scaled.len() <= 1 {
        scaled = vec![one(info)];
    }
    for (path, (scale, offset), is_depth) in scaled {
        let (what, sign) = if is_depth { ("depths", -1.0) } else { ("heights", 1.0) };
        let (scale, offset) = (sign * scale, sign * offset);
        if (scale, offset) == (1.0, 0.0) {
            continue;
        }
        let (scale, offset) = (show_number(scale), show_number(offset));
        let message = format!(
            "{what} of {path} are {scale} * value + {offset}: the file declares this scale and \
             offset"
        );
        let diagnostic = Diagnostic::new("raster.scaled", message).path(path);
        observer.warn(diagnostic.with("what", what).with("scale", scale).with("offset", offset));
    }
}

/// The scale of the map of a grid, by which heights must be multiplied, too; only if it is one
/// number.
fn stretch(grid: &Grid) -> f64 {
    let Some((scale, _)) = grid.scale() else { return 1.0 };
    let mean = scale.mean();
    match Stretch::of(scale.largest, scale.smallest, (mean, mean)) {
        Some(Stretch::Even) => mean,
        _ => 1.0,
    }
}

/// Warns that values are depths and are used as such. Of many files, those with depths are named.
pub fn warn_of_depths(path: &str, info: &RasterInfo, observer: &dyn Observer) {
    let Some(down) = info.down else { return };
    let files: Vec<&MemberFile> = info.parts.iter().filter(|part| part.down.is_some()).collect();
    let is_mixed = files.len() < info.parts.len();
    let (name, source) = match files[..] {
        [first, ref rest @ ..] if is_mixed => match rest.len() {
            0 => (first.path.clone(), first.source.clone()),
            more => (format!("{} and {more} more", first.path), first.source.clone()),
        },
        _ => (path.to_owned(), info.source()),
    };
    let positive = "set the attribute 'positive' of the band to 'up'".to_owned();
    let (who, mend) = match down {
        Down::Crs => (
            "the vertical axis of its CRS points down",
            match info.grid.crs_name() {
                Some(crs) => source.assign_crs(&crs, "heights"),
                None => "use gdal_translate -a_srs with the horizontal CRS only".to_owned(),
            },
        ),
        Down::Attribute => (
            "its attribute 'positive' says down",
            "remove the attribute 'positive' of the band".to_owned(),
        ),
        Down::StandardName => ("its attribute 'standard_name' is one of depths", positive),
        Down::Unit => ("its unit points down", positive),
        Down::Band => ("its band is called depth", "use --oo DEPTH_OR_ELEVATION=ELEVATION".into()),
    };
    let are_many = is_plural(&name) || !is_mixed && files.len() > 1;
    let what = match are_many {
        true => format!("{name} hold depths"),
        false => format!("{name} holds depths"),
    };
    let message = format!("{what} ({who}): heights are the values with the sign changed");
    observer.warn(
        Diagnostic::new("heights.down", message)
            .hint(format!("if the values are heights, correct the file first: {mend}"))
            .with("reason", down.name())
            .path(name),
    );
}

/// Whether a name is that of many files: "a.tif and 2 more".
pub(crate) fn is_plural(name: &str) -> bool {
    name.ends_with(" more")
}

/// The command that changes the sign of a band, for users who tried a negative factor.
pub(crate) fn upside_down(info: &RasterInfo, z_factor: f64) -> String {
    if info.down.is_some() {
        return format!(
            "the depths are already converted to heights: use --z-factor {}",
            -z_factor
        );
    }
    let (scale, offset) = info.scale_offset;
    let offset = match offset {
        0.0 => String::new(),
        offset => format!(" -a_offset {}", -offset),
    };
    let turn = format!("gdal_translate -of VRT -a_scale {}{offset}", -scale);
    format!(
        "if the values are depths, convert them first: {turn} {} upright.vrt",
        info.source().file()
    )
}

/// Warns of heights (of the ground or of vegetation) in another unit than the cells, or in an
/// unknown unit.
pub(crate) fn warn_of_heights(
    path: &str,
    info: &RasterInfo,
    z_factor: f64,
    observer: &dyn Observer,
) {
    let (name, metres) = match &info.grid.unit {
        HorizontalUnit::Length { name, metres } => (plural(name), Some(*metres)),
        HorizontalUnit::Angle { .. } => ("metres".to_owned(), Some(1.0)),
        HorizontalUnit::Unknown => match &info.axes {
            Axes::Length { unit, metres } => (unit.clone(), Some(*metres)),
            _ => ("the unit of the cells".to_owned(), None),
        },
    };
    warn_of_two_units(path, info, z_factor, observer);
    let differs = |a: f64, b: f64| (a - b).abs() > 1e-6 * a;
    match (&info.height_unit, metres) {
        // Unless the user has already set it.
        (HeightUnit::Length { metres: vertical }, Some(metres))
            if differs(*vertical, metres) && differs(*vertical, metres * z_factor) =>
        {
            // Heights must be multiplied by the scale of the map.
            let right = stretch(&info.grid) * vertical / metres;
            if mends(z_factor, right) {
                return;
            }
            let unit_m = show_number(*vertical);
            let message =
                format!("heights of {path} are in units of {unit_m} m, but cells are in {name}");
            let hint = format!("add --z-factor {} to convert them to {name}", shown(right));
            let diagnostic = Diagnostic::new("crs.units", message).hint(hint).path(path);
            let diagnostic = diagnostic.with("factor", shown(right));
            observer.warn(diagnostic.with("unit_m", unit_m).with("cells", name));
        }
        (HeightUnit::Length { metres: vertical }, None)
            if differs(*vertical, 1.0) && z_factor == 1.0 =>
        {
            let unit_m = show_number(*vertical);
            let message = format!(
                "heights of {path} are in units of {unit_m} m, but the unit of its cells is not \
                 known: they are assumed to be in the same unit"
            );
            let hint = format!(
                "if cells are in metres, add --z-factor {}; to declare the unit, set the CRS",
                shown(*vertical)
            );
            let diagnostic = Diagnostic::new("heights.unit", message).hint(hint).path(path);
            observer.warn(diagnostic.with("unit_m", unit_m));
        }
        (HeightUnit::Unknown(unit), _) if z_factor == 1.0 => {
            let message = format!(
                "the heights of {path} are in \"{unit}\", an unknown unit: they are assumed to \
                 be in {name}"
            );
            let hint = format!("use --z-factor F to convert them to {name}");
            let diagnostic = Diagnostic::new("heights.unit", message).hint(hint).path(path);
            observer.warn(diagnostic.with("unit", &**unit).with("cells", name));
        }
        (HeightUnit::NoLength(unit), _) => {
            let message = format!(
                "band {} of {path} is in \"{unit}\", which is not a unit of length: are these \
                 heights?",
                info.band
            );
            let diagnostic = Diagnostic::new("heights.unit", message).path(path);
            let diagnostic = diagnostic.with("unit", &**unit).with("band", info.band);
            observer.warn(diagnostic.hint("use -b to choose another band"));
        }
        _ => {}
    }
}

/// Warns of a band and a vertical CRS that name different units of heights.
fn warn_of_two_units(path: &str, info: &RasterInfo, z_factor: f64, observer: &dyn Observer) {
    let (Some(band), Some(crs)) = (info.unit_of_band_m, info.height_unit.metres()) else { return };
    // The user has decided.
    if z_factor != 1.0 {
        return;
    }
    let cells = match &info.grid.unit {
        HorizontalUnit::Length { metres, .. } => *metres,
        _ => 1.0,
    };
    let factor = shown(stretch(&info.grid) * band / cells);
    let (band_m, crs_m) = (show_number(band), show_number(crs));
    let message = format!(
        "band {} of {path} is in units of {band_m} m, but its vertical CRS is in units of {crs_m} \
         m: the CRS counts",
        info.band
    );
    let hint = format!("if the unit of the band is right, add --z-factor {factor}");
    let diagnostic = Diagnostic::new("heights.unit", message).hint(hint).path(path);
    let diagnostic = diagnostic.with("band_m", band_m).with("crs_m", crs_m);
    observer.warn(diagnostic.with("factor", factor).with("band", info.band));
}

/// Warns of vegetation in another unit than the ground, because `--z-factor` multiplies both.
pub(crate) fn warn_of_vegetation(
    path: &str,
    (layer, ground): (&RasterInfo, &RasterInfo),
    z_factor: f64,
    observer: &dyn Observer,
) {
    let HeightUnit::Length { metres } = layer.height_unit else {
        return warn_of_heights(path, layer, z_factor, observer);
    };
    let cells = match &ground.grid.unit {
        HorizontalUnit::Length { metres, .. } => Some(metres * z_factor),
        HorizontalUnit::Angle { .. } => Some(z_factor),
        HorizontalUnit::Unknown => None,
    };
    let Some(of_ground) = ground.height_unit.metres().or(cells) else { return };
    let factor = metres / of_ground;
    if mends(1.0, factor) {
        return;
    }
    let (unit_m, ground_m) = (show_number(metres), show_number(of_ground));
    let message = format!(
        "heights of {path} are in units of {unit_m} m, but those of {} are in units of {ground_m} m",
        ground.path
    );
    let hint = format!(
        "--z-factor applies to both, so convert them to the same unit first: gdal_calc.py -A {} \
         --outfile=same_unit.tif --type=Float32 --calc=\"A*{}\"",
        layer.source().file(),
        shown(factor)
    );
    let diagnostic = Diagnostic::new("crs.units", message).hint(hint).path(path);
    let diagnostic = diagnostic.with("canopy_factor", shown(factor));
    observer.warn(diagnostic.with("unit_m", unit_m).with("ground_m", ground_m));
}

/// The plural of a unit of a CRS: "metres" for "metre", "US survey feet".
fn plural(unit: &str) -> String {
    match unit.strip_suffix("foot") {
        Some(kind) => format!("{kind}feet"),
        None if unit.ends_with("metre") || unit.ends_with("meter") || unit.ends_with("yard") => {
            format!("{unit}s")
        }
        None => unit.to_owned(),
    }
}

/// A factor with the digits that it has, or that make sense.
fn shown(factor: f64) -> String {
    let rounded = (factor * 1e9).round() / 1e9;
    if rounded == 0.0 { factor.to_string() } else { rounded.to_string() }
}

/// Warns of a map that changes lengths, if heights are not multiplied accordingly.
fn warn_of_scale(
    path: &str,
    info: &RasterInfo,
    (middle, (low, high)): (&Scale, (f64, f64)),
    z_factor: f64,
    observer: &dyn Observer,
) {
    let Some(stretch) = Stretch::of(middle.largest, middle.smallest, (low, high)) else { return };
    let varies = stretch == Stretch::Varying;
    let metres = match info.grid.unit {
        HorizontalUnit::Length { metres, .. } => metres,
        _ => return,
    };
    // An unknown unit of heights is assumed to be that of the cells.
    let right = middle.mean() * info.height_unit.metres().unwrap_or(metres) / metres;
    if stretch == Stretch::Even && mends(z_factor, right) {
        return;
    }
    let number = |k: f64| format!("{k:.4}");
    let map = format!("the map projection of {path} changes lengths: ");
    let project = info.grid.project(&info.source(), middle);
    let diagnostic = Diagnostic::new("crs.scale", String::new()).path(path);
    let (how, hint, diagnostic) = if stretch != Stretch::Uneven {
        let k = number(middle.mean());
        let range = match varies {
            true => format!(" ({} to {} over the raster)", number(low), number(high)),
            false => String::new(),
        };
        let factor = number(right);
        let diagnostic = diagnostic.with("scale", &*k);
        let diagnostic = match varies {
            true => diagnostic.with("low", number(low)).with("high", number(high)),
            // Colours that code heights cannot be multiplied.
            false if mends(1.0, right) || info.colours.is_some() => diagnostic,
            false => diagnostic.with("factor", &*factor),
        };
        let mend = match varies {
            true => "divide the raster into parts and project each part: ".to_owned(),
            false if mends(1.0, right) => "project it first: ".to_owned(),
            false => format!(
                "add --z-factor {factor} and multiply --radius (in map units) by {k}; or project \
                 the raster first: "
            ),
        };
        (
            format!(
                "in the middle of the raster they are {k} times as long as on the ground{range}"
            ),
            mend + &project,
            diagnostic,
        )
    } else {
        let on_axes = |k: f64| mends(k, middle.largest) || mends(k, middle.smallest);
        let (a, b, where_a, where_b) = match on_axes(middle.x) && on_axes(middle.y) {
            true => (middle.x, middle.y, "along x", "along y"),
            false => (middle.largest, middle.smallest, "in one direction", "across it"),
        };
        let (a, b) = (number(a), number(b));
        let how = format!(
            "in the middle of the raster they are {a} times as long as on the ground {where_a}, \
             and {b} times {where_b}"
        );
        let hint = format!("--z-factor cannot correct this; project it first: {project}");
        (how, hint, diagnostic.with("scale", a).with("across", b))
    };
    observer.warn(Diagnostic { message: map + &how, ..diagnostic }.hint(match info.colours {
        // Colours that code heights cannot be projected.
        Some(_) => "decode the heights first, then project their raster".to_owned(),
        None => hint,
    }));
}

/// The body of a CRS that is not the Earth.
fn foreign_body(grid: &Grid) -> Option<Ellipsoid> {
    grid.ellipsoid().filter(|body| !body.is_earth())
}

/// The lowering of distant heights, if requested, on the body of the CRS.
pub(crate) fn curvature_of(sky: &Sky, grid: &Grid) -> Option<Curvature> {
    let metres = match grid.unit {
        HorizontalUnit::Length { metres, .. } => metres,
        _ => 1.0,
    };
    let (radius_m, refraction) = match foreign_body(grid) {
        // Without an option, other bodies have no air.
        Some(body) => (body.mean_radius(), 0.0),
        None => (EARTH_RADIUS_M, EARTH_REFRACTION),
    };
    sky.curvature.then(|| Curvature {
        refraction: sky.refraction.unwrap_or(refraction),
        earth_radius: radius_m / metres,
    })
}

/// The share of the curvature that refraction in the air of the Earth compensates.
pub(crate) const EARTH_REFRACTION: f64 = 0.13;
