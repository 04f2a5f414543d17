//! Charts over a distance or over time: heights along a line, and what a run cost.

use super::costs::Log;
use super::drawing::{
    Anchor, Drawing, FAINT, GROUND, INK, MARK, SKY, Scale, Style, UNKNOWN, WHITE, short,
};

pub(super) const WIDTH: f64 = 1200.0;

/// Heights along a line, as pairs of distance and height.
pub(super) fn section(steps: &[(f64, Option<f64>)], input: &str, unit: &str) -> Drawing {
    let (left, top, width, height) = (90.0, 70.0, 1070.0, 330.0);
    let mut d = Drawing::new(WIDTH, 470.0);
    let known = steps.iter().filter_map(|step| step.1);
    let (low, high) =
        known.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), z| (l.min(z), h.max(z)));
    let (low, high) = spread((low, high));
    let end = steps.last().map_or(1.0, |step| step.0);
    let x = Scale { values: (0.0, end), pixels: (left, left + width) };
    let margin = 0.06 * (high - low);
    let y = Scale { values: (low - margin, high + margin), pixels: (top + height, top) };
    d.text((40.0, 38.0), 20.0, Anchor::Start, &format!("Heights of {input} along a line"));
    d.rect((left, top), (width, height), Style::fill(SKY));
    let gaps = gaps(steps.iter().copied(), end);
    for &(from, to) in &gaps {
        d.rect((x.at(from), top), (x.at(to) - x.at(from), height), Style::fill(UNKNOWN));
    }
    if !gaps.is_empty() {
        d.rect((left, top - 19.0), (16.0, 13.0), Style::fill(UNKNOWN).outlined(INK, 0.6));
        d.text((left + 22.0, top - 8.0), 12.0, Anchor::Start, "heights are missing");
    }
    for piece in steps.split(|step| step.1.is_none()) {
        let surface: Vec<(f64, f64)> =
            piece.iter().filter_map(|step| Some((x.at(step.0), y.at(step.1?)))).collect();
        if let (Some(first), Some(last)) = (surface.first(), surface.last()) {
            let floor = [(last.0, top + height), (first.0, top + height)];
            d.polygon(&[&surface[..], &floor].concat(), Style::fill(GROUND));
            d.polyline(&surface, Style::stroke(INK, 1.2));
        }
    }
    d.rect((left, top), (width, height), Style::stroke(INK, 1.0));
    for tick in x.ticks(8.0) {
        d.line(
            (x.at(tick), top + height),
            (x.at(tick), top + height + 5.0),
            Style::stroke(INK, 1.0),
        );
        d.text((x.at(tick), top + height + 20.0), 13.0, Anchor::Middle, &short(tick));
    }
    for tick in y.ticks(6.0) {
        d.line((left - 5.0, y.at(tick)), (left, y.at(tick)), Style::stroke(INK, 1.0));
        d.text((left - 9.0, y.at(tick) + 4.0), 13.0, Anchor::End, &short(tick));
    }
    d.text(
        (left + width / 2.0, top + height + 44.0),
        14.0,
        Anchor::Middle,
        &format!("distance along the line ({unit})"),
    );
    d.text_up((30.0, top + height / 2.0), 14.0, &format!("height ({unit})"));
    d
}

/// Memory (top) and processors (bottom) over the time of a run.
pub(super) fn resources(log: &Log) -> Drawing {
    let (left, width) = (90.0, 1070.0);
    let mut d = Drawing::new(WIDTH, 640.0);
    let tool = log.head.tool.as_deref().unwrap_or("a run");
    d.text((40.0, 38.0), 20.0, Anchor::Start, &format!("Memory and processor time of {tool}"));
    let start = log.moments[0].t_s;
    let end = log.moments.last().map_or(start, |m| m.t_s);
    let x = Scale {
        values: (start, if end > start { end } else { start + 1.0 }),
        pixels: (left, left + width),
    };
    const MIB: f64 = 1_048_576.0;
    let mib = |bytes: u64| bytes as f64 / MIB;
    let memory: Vec<(f64, f64)> =
        log.moments.iter().filter_map(|m| Some((m.t_s, mib(m.rss_bytes?)))).collect();
    let peak = log.peak_bytes.map_or(0.0, mib);
    let budget = log.head.budget_bytes.map(mib);
    // A limit far above the peak would make the curve too small, so it is only named.
    let drawn = budget.filter(|budget| *budget < 4.0 * peak);
    let high = drawn.unwrap_or(0.0).max(peak).max(1.0) * 1.08;
    let y = Scale { values: (0.0, high), pixels: (330.0, 80.0) };
    axes(&mut d, x, y, "resident memory (MiB)", false);
    phases(&mut d, log, x, (80.0, 330.0));
    d.polyline(&on(&memory, x, y), Style::stroke(INK, 1.8));
    d.line(
        (left, y.at(peak)),
        (left + width, y.at(peak)),
        Style::stroke(INK, 1.0).dashed(2.0, 3.0),
    );
    d.text(
        (left + width - 6.0, y.at(peak) - 6.0),
        12.0,
        Anchor::End,
        &format!("peak {peak:.0} MiB"),
    );
    match (drawn, budget) {
        (Some(budget), _) => {
            d.line(
                (left, y.at(budget)),
                (left + width, y.at(budget)),
                Style::stroke(MARK, 1.6).dashed(9.0, 4.0),
            );
            // Lines at the beginning of phases would cross it.
            let text = format!("memory limit {budget:.0} MiB");
            let box_size = (7.4 * text.len() as f64, 16.0);
            d.rect((left + 4.0, y.at(budget) + 4.0), box_size, Style::fill(WHITE));
            d.text((left + 6.0, y.at(budget) + 16.0), 12.0, Anchor::Start, &text);
        }
        (None, Some(budget)) => {
            d.text(
                (left + width, 70.0),
                12.0,
                Anchor::End,
                &format!("memory limit {budget:.0} MiB, above the chart"),
            );
        }
        (None, None) => {}
    }
    let busy: Vec<(f64, f64)> = log
        .moments
        .windows(2)
        .filter_map(|pair| {
            let seconds = pair[1].t_s - pair[0].t_s;
            let cpu = pair[1].cpu_s? - pair[0].cpu_s?;
            (seconds > 0.02).then(|| [(pair[0].t_s, cpu / seconds), (pair[1].t_s, cpu / seconds)])
        })
        .flatten()
        .collect();
    let most = busy.iter().map(|b| b.1).fold(log.head.threads.unwrap_or(1) as f64, f64::max);
    let y = Scale { values: (0.0, most * 1.08), pixels: (570.0, 390.0) };
    axes(&mut d, x, y, "processors busy", true);
    phases(&mut d, log, x, (390.0, 570.0));
    d.polyline(&on(&busy, x, y), Style::stroke(INK, 1.4));
    d.text((left + width / 2.0, 620.0), 14.0, Anchor::Middle, "time (s)");
    d
}

fn on(points: &[(f64, f64)], x: Scale, y: Scale) -> Vec<(f64, f64)> {
    points.iter().map(|point| (x.at(point.0), y.at(point.1))).collect()
}

/// A frame with ticks and a name.
fn axes(d: &mut Drawing, x: Scale, y: Scale, name: &str, numbers: bool) {
    let ((left, right), (bottom, top)) = (x.pixels, y.pixels);
    d.rect((left, top), (right - left, bottom - top), Style::stroke(INK, 1.0));
    for tick in x.ticks(8.0) {
        d.line((x.at(tick), bottom), (x.at(tick), bottom + 5.0), Style::stroke(INK, 1.0));
        if numbers {
            d.text((x.at(tick), bottom + 20.0), 13.0, Anchor::Middle, &short(tick));
        }
    }
    for tick in y.ticks(4.0) {
        d.line((left - 5.0, y.at(tick)), (left, y.at(tick)), Style::stroke(INK, 1.0));
        d.text((left - 9.0, y.at(tick) + 4.0), 13.0, Anchor::End, &short(tick));
    }
    d.text_up((34.0, (top + bottom) / 2.0), 14.0, name);
}

/// A line at the beginning of each phase, with its name if there is enough room.
fn phases(d: &mut Drawing, log: &Log, x: Scale, (top, bottom): (f64, f64)) {
    const ROOM: f64 = 55.0;
    let phases = log.phases();
    for (i, phase) in phases.iter().enumerate() {
        let at = x.at(phase[0].t_s);
        d.line((at, top), (at, bottom), Style::stroke(FAINT, 0.8));
        let next = phases.get(i + 1).map_or(f64::INFINITY, |next| x.at(next[0].t_s));
        if next - at > ROOM {
            d.text((at + 3.0, top - 5.0), 11.0, Anchor::Start, &phase[0].phase);
        }
    }
}

/// The ranges of missing heights: from the last known height to the next one, or to `end`.
pub(super) fn gaps(steps: impl Iterator<Item = (f64, Option<f64>)>, end: f64) -> Vec<(f64, f64)> {
    let (mut gaps, mut last, mut start) = (Vec::new(), 0.0, None);
    for (distance, height) in steps {
        if height.is_none() {
            start.get_or_insert(last);
            continue;
        }
        gaps.extend(start.take().map(|start| (start, distance)));
        last = distance;
    }
    gaps.extend(start.map(|start| (start, end)));
    gaps
}

pub(super) fn spread((low, high): (f64, f64)) -> (f64, f64) {
    if high > low { (low, high) } else { (low - 0.5, low + 0.5) }
}
