//! Draws figures of a receiver: (a) the heights around it with the sight lines, (b) the section
//! along each sight line, (c) the horizon in polar coordinates; and the sky as a fisheye camera
//! sees it.
//!
//! Lengths are in ground units, and directions are those of the ground: north is up, even if the
//! rows of the raster run north.

use svf::numbers::count_of;
use svf::point::{Direction, Receiver};
use svf_kernel::{CellSize, Measure, Params};

use super::chart::{WIDTH, gaps, spread};
use super::drawing::{
    Anchor, CROWN, Colour, Drawing, FAINT, GROUND, INK, MARK, SKY, Scale, Style, UNKNOWN, WHITE,
    round_step, short,
};

/// What the figures say about the run.
pub(super) struct Caption {
    /// Name of the raster.
    pub(super) input: String,
    /// Unit of lengths, as in "m".
    pub(super) unit: String,
    pub(super) params: Params,
}

/// Maximum number of sections.
const MOST_SECTIONS: usize = 36;
/// Maximum side of the picture of heights, in pixels.
const MOST_PIXELS: usize = 300;

/// The three panels.
pub(super) fn of_receiver(receiver: &Receiver, caption: &Caption) -> Drawing {
    let n = receiver.directions.len();
    let every = n.div_ceil(MOST_SECTIONS);
    let shown: Vec<&Direction> = receiver.directions.iter().step_by(every).collect();
    let cols = if shown.len() <= 16 { 4 } else { 6 };
    let rows = shown.len().div_ceil(cols);
    let (top, panel, section) = (110.0, 520.0, 150.0);
    let sections_top = top + panel + 56.0;
    let mut d = Drawing::new(WIDTH, sections_top + 40.0 + section * rows as f64 + 30.0);
    title(&mut d, receiver, caption);
    heights(&mut d, receiver, caption, ((80.0, top), panel));
    horizon(&mut d, receiver, ((660.0, top + 10.0), panel - 20.0));
    let heading = if every == 1 {
        format!("(b) Sections along the {n} sight lines, with the ray to the horizon")
    } else {
        format!(
            "(b) Sections along one in {every} of the {n} sight lines, with the ray to the horizon"
        )
    };
    let gaps = if shown.iter().any(|direction| direction.gap) {
        "; grey: heights are missing"
    } else {
        ""
    };
    d.text((40.0, sections_top), 16.0, Anchor::Start, &(heading + gaps));
    let step = (WIDTH - 110.0) / cols as f64;
    let range = section_range(&shown, caption);
    for (i, direction) in shown.iter().enumerate() {
        let (row, col) = (i / cols, i % cols);
        let at = (90.0 + step * col as f64, sections_top + 40.0 + section * row as f64);
        let frame = Frame { at, size: (step - 22.0, section - 52.0), labels: col == 0 };
        let last = i + cols >= shown.len();
        profile(&mut d, direction, caption, frame, range, last);
    }
    let middle = sections_top + 40.0 + section * rows as f64 / 2.0 - 20.0;
    d.text_up((34.0, middle), 13.0, &format!("height ({})", caption.unit));
    d.text(
        (WIDTH / 2.0, sections_top + 40.0 + section * rows as f64 + 14.0),
        13.0,
        Anchor::Middle,
        &format!("distance from the receiver ({})", caption.unit),
    );
    d
}

fn title(d: &mut Drawing, receiver: &Receiver, caption: &Caption) {
    d.text((40.0, 38.0), 22.0, Anchor::Start, &headline(receiver, caption));
    let more = format!(
        "{}, radius {} {}, receiver at height {}",
        count_of(receiver.directions.len(), "sight line"),
        short(caption.params.radius),
        caption.unit,
        short((receiver_height(receiver, caption) * 100.0).round() / 100.0),
    );
    d.text((40.0, 62.0), 14.0, Anchor::Start, &more);
}

/// Value and place of a receiver; if heights are missing, also the coverage.
pub(super) fn headline(receiver: &Receiver, caption: &Caption) -> String {
    let value = |measure| receiver.values.iter().find(|v| v.measure == measure)?.cell;
    let mut text = value(Measure::Svf).map_or_else(String::new, |svf| format!("SVF {svf:.4}, "));
    if receiver.refused {
        text += "no value, ";
    }
    let n = receiver.directions.len();
    let whole = receiver.directions.iter().filter(|direction| !direction.gap).count();
    if whole < n {
        // Computed like the measure, even if it was not requested; never rounded up to 1.
        text += &format!("coverage {}, ", short((1000 * whole / n) as f64 / 1000.0));
    }
    text + &format!("row {}, column {} of {}", receiver.row, receiver.col, caption.input)
}

fn receiver_height(receiver: &Receiver, caption: &Caption) -> f64 {
    receiver.height * caption.params.z_factor + caption.params.observer_height
}

/// East and north of a place, ground units from the receiver.
fn ground_offset(receiver: &Receiver, (row, col): (f64, f64)) -> (f64, f64) {
    let CellSize { east, south } = receiver.cell;
    let (rows, cols) = (row - receiver.row as f64 - 0.5, col - receiver.col as f64 - 0.5);
    (cols * east, -rows * south)
}

/// Dark for low, light for high; can also be distinguished in grey.
fn palette() -> Vec<Colour> {
    const STOPS: [[f64; 3]; 4] =
        [[24.0, 44.0, 84.0], [84.0, 98.0, 116.0], [164.0, 154.0, 118.0], [246.0, 230.0, 150.0]];
    (0..255)
        .map(|i| {
            let place = f64::from(i) / 254.0 * 3.0;
            let stop = (place as usize).min(2);
            let share = place - stop as f64;
            Colour(std::array::from_fn(|c| {
                (STOPS[stop][c] + share * (STOPS[stop + 1][c] - STOPS[stop][c])).round() as u8
            }))
        })
        .collect()
}

fn heights(
    d: &mut Drawing,
    receiver: &Receiver,
    caption: &Caption,
    ((left, top), side): ((f64, f64), f64),
) {
    let reach = map_reach(receiver, caption);
    let heading = format!(
        "(a) Heights within {} {}, and sight lines up to the horizon",
        short(reach),
        caption.unit
    );
    d.text((left - 40.0, top - 18.0), 16.0, Anchor::Start, &heading);
    let map = side - 70.0;
    let east = Scale { values: (-reach, reach), pixels: (left, left + map) };
    let north = Scale { values: (-reach, reach), pixels: (top + map, top) };
    let range = height_range(receiver, reach, caption.params.z_factor);
    picture(d, receiver, caption, (east, north), range);
    let end = |direction: &Direction| {
        let (e, n) = ground_offset(receiver, direction.end);
        let share = reach / caption.params.radius;
        (east.at(e * share), north.at(n * share))
    };
    let centre = (east.at(0.0), north.at(0.0));
    for direction in &receiver.directions {
        let blocked = direction.blocking.map(|i| {
            let (e, n) = ground_offset(receiver, direction.samples[i].place);
            (east.at(e), north.at(n))
        });
        for (known, from, to) in pieces(direction, reach) {
            let [from, to] = [from, to].map(|share| {
                let (e, n) = end(direction);
                (centre.0 + share * (e - centre.0), centre.1 + share * (n - centre.1))
            });
            d.line(from, to, Style::stroke(WHITE, 3.0).opacity(0.55));
            let line = Style::stroke(INK, 1.2);
            d.line(from, to, if known { line } else { line.dashed(1.5, 4.5) });
        }
        if let Some(at) = blocked {
            d.line(at, end(direction), Style::stroke(WHITE, 1.0).dashed(2.0, 4.0).opacity(0.8));
            d.circle(at, 3.6, Style::fill(MARK).outlined(WHITE, 1.0));
        }
    }
    d.circle(centre, 4.5, Style::fill(WHITE).outlined(INK, 2.0));
    d.rect((left, top), (map, map), Style::stroke(INK, 1.0));
    for tick in east.ticks(5.0) {
        let x = east.at(tick);
        d.line((x, top + map), (x, top + map + 5.0), Style::stroke(INK, 1.0));
        d.text((x, top + map + 19.0), 12.0, Anchor::Middle, &short(tick));
        let y = north.at(tick);
        d.line((left - 5.0, y), (left, y), Style::stroke(INK, 1.0));
        d.text((left - 8.0, y + 4.0), 12.0, Anchor::End, &short(tick));
    }
    let unit = &caption.unit;
    d.text(
        (left + map / 2.0, top + map + 38.0),
        13.0,
        Anchor::Middle,
        &format!("east of the receiver ({unit})"),
    );
    d.text_up((left - 48.0, top + map / 2.0), 13.0, &format!("north of the receiver ({unit})"));
    height_bar(d, range, unit, ((left + map + 18.0, top), (14.0, map)));
    legend_of_heights(d, receiver, (left, top + map + 60.0));
}

/// The colours of heights from the lowest to the highest.
fn height_bar(
    d: &mut Drawing,
    range: (f64, f64),
    unit: &str,
    ((x, top), (bar, map)): ((f64, f64), (f64, f64)),
) {
    let scale = Scale { values: range, pixels: (top + map, top) };
    let ramp: Vec<Colour> = palette().into_iter().rev().collect();
    d.image((x, top), (bar, map), (1, &ramp));
    d.rect((x, top), (bar, map), Style::stroke(INK, 1.0));
    for tick in scale.ticks(6.0) {
        d.line((x + bar, scale.at(tick)), (x + bar + 4.0, scale.at(tick)), Style::stroke(INK, 1.0));
        d.text((x + bar + 7.0, scale.at(tick) + 4.0), 12.0, Anchor::Start, &short(tick));
    }
    d.text((x, top + map + 38.0), 12.0, Anchor::Start, &format!("height ({unit})"));
}

/// What the marks on the map of heights mean.
fn legend_of_heights(d: &mut Drawing, receiver: &Receiver, (left, y): (f64, f64)) {
    d.circle((left + 4.0, y - 4.0), 3.6, Style::fill(MARK));
    d.text(
        (left + 14.0, y),
        12.0,
        Anchor::Start,
        "makes the horizon; sight lines without a dot have a free view",
    );
    if receiver.directions.iter().any(|direction| !direction.is_known()) {
        d.line(
            (left - 4.0, y + 14.0),
            (left + 10.0, y + 14.0),
            Style::stroke(INK, 1.2).dashed(1.5, 4.5),
        );
        let text = "heights are missing (white on the map)";
        d.text((left + 14.0, y + 18.0), 12.0, Anchor::Start, text);
    }
}

/// A sight line up to the sample that makes the horizon, or to the edge of the map, in pieces:
/// whether heights are known, and from which to which fraction of `reach`.
fn pieces(direction: &Direction, reach: f64) -> Vec<(bool, f64, f64)> {
    let mut pieces: Vec<(bool, f64, f64)> = Vec::new();
    let mut add = |known: bool, from: f64, to: f64| match pieces.last_mut() {
        Some(last) if last.0 == known => last.2 = to,
        _ => pieces.push((known, from, to)),
    };
    let (mut before, mut gap) = ((true, 0.0), false);
    for (i, sample) in direction.samples.iter().enumerate().skip(1) {
        let share = sample.distance / reach;
        if share > 1.0 {
            break;
        }
        gap |= sample.height.is_none();
        // What is behind a gap may not be part of the search.
        let known = sample.height.is_some() && (sample.angle_deg.is_some() || !gap);
        add(known && before.0, before.1, share);
        before = (known, share);
        if direction.blocking == Some(i) {
            return pieces;
        }
    }
    add(before.0 && direction.samples.len() > 1, before.1, 1.0);
    pieces
}

/// The radius of the map: that of the search, or smaller if everything that makes the horizon is
/// near.
fn map_reach(receiver: &Receiver, caption: &Caption) -> f64 {
    let blocking = |d: &Direction| d.blocking.map(|i| d.samples[i].distance);
    let farthest = receiver.directions.iter().filter_map(blocking).fold(0.0, f64::max);
    let smallest = receiver.cell.east.abs().min(receiver.cell.south.abs());
    let reach = round_step(1.5 * farthest.max(10.0 * smallest));
    if farthest > 0.0 && reach < 0.6 * caption.params.radius {
        reach
    } else {
        caption.params.radius
    }
}

/// Heights at the pixels of a map, from the nearest cells.
fn picture(
    d: &mut Drawing,
    receiver: &Receiver,
    caption: &Caption,
    (east, north): (Scale, Scale),
    (low, high): (f64, f64),
) {
    let reach = east.values.1;
    let smallest = receiver.cell.east.abs().min(receiver.cell.south.abs());
    let pixels = ((2.0 * reach / smallest).ceil() as usize * 2).clamp(40, MOST_PIXELS);
    let palette = palette();
    let mut colours = Vec::with_capacity(pixels * pixels);
    let along = |i: usize| -reach + 2.0 * reach * (i as f64 + 0.5) / pixels as f64;
    for y in 0..pixels {
        for x in 0..pixels {
            let height = height_near(receiver, along(x), -along(y));
            // Missing heights are white.
            colours.push(height.map_or(WHITE, |height| {
                let share = (height * caption.params.z_factor - low) / (high - low);
                palette[(share * 254.0).round().clamp(0.0, 254.0) as usize]
            }));
        }
    }
    let (left, top) = (east.pixels.0, north.pixels.1);
    let size = (east.pixels.1 - left, north.pixels.0 - top);
    d.image((left, top), size, (pixels, &colours));
}

/// The height of the cell at this distance east and north of the receiver.
fn height_near(receiver: &Receiver, east: f64, north: f64) -> Option<f64> {
    let cols = (east / receiver.cell.east).round();
    let rows = (-north / receiver.cell.south).round();
    let (row, col) = (receiver.at.0 as f64 + rows, receiver.at.1 as f64 + cols);
    if row < 0.0 || col < 0.0 {
        return None;
    }
    let height = receiver.heights.get((row as usize, col as usize)).copied();
    height.filter(|height| height.is_finite())
}

/// Lowest and highest height on the map; the range is never empty.
fn height_range(receiver: &Receiver, reach: f64, z_factor: f64) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for ((row, col), &z) in receiver.heights.indexed_iter() {
        let rows = (row as f64 - receiver.at.0 as f64) * receiver.cell.south;
        let cols = (col as f64 - receiver.at.1 as f64) * receiver.cell.east;
        if z.is_finite() && rows.abs() <= reach && cols.abs() <= reach {
            (low, high) = (low.min(z * z_factor), high.max(z * z_factor));
        }
    }
    spread((low, high))
}

/// Sky above and obstacles below the horizon, with the zenith in the middle.
fn horizon(d: &mut Drawing, receiver: &Receiver, ((left, top), side): ((f64, f64), f64)) {
    d.text(
        (left - 20.0, top - 28.0),
        16.0,
        Anchor::Start,
        "(c) Horizon, from above: zenith in the middle, sky light",
    );
    let radius = side / 2.0 - 40.0;
    let centre = (left + side / 2.0, top + side / 2.0 - 10.0);
    let at = |azimuth: f64, elevation: f64| {
        let r = radius * (90.0 - elevation) / 90.0;
        let (sin, cos) = azimuth.to_radians().sin_cos();
        (centre.0 + r * sin, centre.1 - r * cos)
    };
    sky_dome(d, receiver, centre, radius, &at);
    for elevation in [0.0, 30.0, 60.0] {
        let r = radius * (90.0 - elevation) / 90.0;
        d.circle(centre, r, Style::stroke(FAINT, 0.8));
        let (x, y) = at(22.0, elevation);
        d.rect((x - 1.0, y - 13.0), (24.0, 14.0), Style::fill(WHITE).opacity(0.85));
        d.text((x + 11.0, y - 2.0), 11.0, Anchor::Middle, &format!("{elevation}°"));
    }
    for (azimuth, name) in [(0.0, "N"), (90.0, "E"), (180.0, "S"), (270.0, "W")] {
        d.line(centre, at(azimuth, 0.0), Style::stroke(FAINT, 0.8));
        let (x, y) = at(azimuth, -7.0);
        d.text((x, y + 5.0), 15.0, Anchor::Middle, name);
    }
    let y = centre.1 + radius + 44.0;
    d.text((left + 20.0, y + 20.0), 12.0, Anchor::Start, "rings: elevation above the horizontal");
    let mut x = left + 20.0;
    let mut key = |fill: Colour, text: &str| {
        d.rect((x, y - 11.0), (16.0, 13.0), Style::fill(fill).outlined(INK, 0.6));
        d.text((x + 22.0, y), 12.0, Anchor::Start, text);
        x += 40.0 + 7.0 * text.len() as f64;
    };
    key(SKY, "sky");
    key(GROUND, "obstacles");
    if receiver.directions.iter().any(|direction| !direction.crowns_deg.is_empty()) {
        key(CROWN, "crowns");
    }
    if receiver.directions.iter().any(|direction| !direction.is_known()) {
        key(UNKNOWN, "unknown: heights are missing");
    }
}

/// One sector per direction, because each direction has the same weight in a measure.
pub(super) fn sky_dome(
    d: &mut Drawing,
    receiver: &Receiver,
    centre: (f64, f64),
    radius: f64,
    at: &dyn Fn(f64, f64) -> (f64, f64),
) {
    d.circle(centre, radius, Style::fill(GROUND).outlined(INK, 1.0));
    let half = 180.0 / receiver.directions.len() as f64;
    let arc = |azimuth: f64, elevation: f64| {
        let steps = (half / 2.0).ceil().max(1.0) as i32;
        (-steps..=steps).map(move |i| {
            let azimuth = azimuth + half * f64::from(i) / f64::from(steps);
            at(azimuth, elevation)
        })
    };
    let sky: Vec<(f64, f64)> = receiver
        .directions
        .iter()
        .flat_map(|direction| arc(direction.azimuth_deg, direction.horizon_deg.max(0.0)))
        .collect();
    d.polygon(&sky, Style::fill(SKY));
    for direction in receiver.directions.iter().filter(|direction| !direction.is_known()) {
        let mut sector: Vec<_> =
            arc(direction.azimuth_deg, direction.horizon_deg.max(0.0)).collect();
        sector.push(centre);
        d.polygon(&sector, Style::fill(UNKNOWN).outlined(UNKNOWN, 0.4));
    }
    for direction in &receiver.directions {
        for &(bottom, top) in &direction.crowns_deg {
            let inner: Vec<_> = arc(direction.azimuth_deg, top).collect();
            let ring: Vec<(f64, f64)> =
                arc(direction.azimuth_deg, bottom).chain(inner.into_iter().rev()).collect();
            d.polygon(&ring, Style::fill(CROWN).outlined(CROWN, 0.4));
        }
    }
}

/// One of several small panels.
struct Frame {
    at: (f64, f64),
    size: (f64, f64),
    /// Whether it has a height axis with numbers.
    labels: bool,
}

/// Height of a sample above the plane of the receiver, minus the drop by curvature.
fn drawn_height(sample: (f64, f64), params: &Params) -> f64 {
    let (distance, height) = sample;
    height * params.z_factor - params.curvature.map_or(0.0, |c| c.drop(distance))
}

/// Range of the heights of all sections, which share one axis.
fn section_range(directions: &[&Direction], caption: &Caption) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for sample in directions.iter().flat_map(|d| &d.samples) {
        if let Some(height) = sample.height {
            let z = drawn_height((sample.distance, height), &caption.params);
            (low, high) = (low.min(z), high.max(z));
        }
    }
    let own = directions.first().and_then(|d| d.samples[0].height).unwrap_or(0.0);
    let own = own * caption.params.z_factor + caption.params.observer_height;
    let (low, high) = spread((low.min(own), high.max(own)));
    (low - 0.05 * (high - low), high + 0.08 * (high - low))
}

fn profile(
    d: &mut Drawing,
    direction: &Direction,
    caption: &Caption,
    frame: Frame,
    range: (f64, f64),
    last: bool,
) {
    let ((left, top), (width, height)) = (frame.at, frame.size);
    let params = &caption.params;
    let x = Scale { values: (0.0, params.radius), pixels: (left, left + width) };
    let y = Scale { values: range, pixels: (top + height, top) };
    d.rect(frame.at, frame.size, Style::fill(SKY));
    let known = direction.samples.iter().map(|sample| (sample.distance, sample.height));
    for (from, to) in gaps(known, params.radius) {
        d.rect((x.at(from), top), (x.at(to) - x.at(from), height), Style::fill(UNKNOWN));
    }
    // Ground in pieces: missing heights leave gaps.
    for piece in direction.samples.split(|sample| sample.height.is_none()) {
        let mut points: Vec<(f64, f64)> = piece
            .iter()
            .filter_map(|s| {
                Some((x.at(s.distance), y.at(drawn_height((s.distance, s.height?), params))))
            })
            .collect();
        if let (Some(first), Some(end)) = (points.first().copied(), points.last().copied()) {
            points.push((end.0, top + height));
            points.push((first.0, top + height));
            d.polygon(&points, Style::fill(GROUND).outlined(GROUND, 0.8));
        }
    }
    let own = direction.samples[0].height.unwrap_or(0.0) * params.z_factor + params.observer_height;
    let eye = (x.at(0.0), y.at(own));
    let tan = direction.horizon_deg.max(0.0).to_radians().tan();
    // As far as the ray is within the panel.
    let far = if tan > 0.0 { ((range.1 - own) / tan).min(params.radius) } else { params.radius };
    d.line(eye, (x.at(far), y.at(own + tan * far)), Style::stroke(MARK, 1.6));
    if let Some(i) = direction.blocking {
        let s = &direction.samples[i];
        let z = drawn_height((s.distance, s.height.unwrap_or(0.0)), params);
        d.circle((x.at(s.distance), y.at(z)), 3.4, Style::fill(MARK).outlined(WHITE, 1.0));
    }
    d.circle(eye, 3.4, Style::fill(WHITE).outlined(INK, 1.5));
    d.rect(frame.at, frame.size, Style::stroke(INK, 0.8));
    let name = format!(
        "{}° {}: {:.1}°",
        short((direction.azimuth_deg * 100.0).round() / 100.0),
        compass(direction.azimuth_deg),
        direction.horizon_deg.max(0.0),
    );
    d.text((left, top - 6.0), 12.0, Anchor::Start, &name);
    for tick in x.ticks(width / 70.0) {
        let at = x.at(tick);
        d.line((at, top + height), (at, top + height + 4.0), Style::stroke(INK, 1.0));
        // Numbers at both ends are kept within the panel.
        let anchor = match at - left {
            ..1.0 => Anchor::Start,
            beyond if beyond > width - 1.0 => Anchor::End,
            _ => Anchor::Middle,
        };
        if last {
            d.text((at, top + height + 17.0), 11.0, anchor, &short(tick));
        }
    }
    for tick in y.ticks(3.0) {
        d.line((left - 4.0, y.at(tick)), (left, y.at(tick)), Style::stroke(INK, 1.0));
        if frame.labels {
            d.text((left - 7.0, y.at(tick) + 4.0), 11.0, Anchor::End, &short(tick));
        }
    }
}

/// The compass direction nearest to an azimuth.
fn compass(azimuth_deg: f64) -> &'static str {
    const NAMES: [&str; 16] = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
        "NW", "NNW",
    ];
    NAMES[(azimuth_deg / 22.5).round() as usize % 16]
}
