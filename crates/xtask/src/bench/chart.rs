//! Line charts as SVG, in the colours of the project's figures: told apart by
//! lightness, so that they survive grey printing.

use std::fmt::Write as _;

/// Lines, text.
const INK: &str = "#1a1a1a";
/// Axes.
const FAINT: &str = "#8a8a8a";
/// Grid.
const GRID: &str = "#e4e4e4";
/// What is to be looked at.
const MARK: &str = "#c2410c";

/// Pixels.
const SIZE: (f64, f64) = (640.0, 380.0);
const LEFT: f64 = 70.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 326.0;

/// Numbers along an axis.
#[derive(Clone, Copy)]
pub enum Axis {
    /// From zero.
    Linear,
    /// Equal steps are equal ratios.
    Logarithmic,
}

/// A line of a chart.
pub struct Line {
    /// Written where it ends.
    pub name: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// Measured: full and marked. Otherwise for comparison: dashed and grey.
    pub measured: bool,
}

/// A chart.
pub struct Chart<'a> {
    /// Above it.
    pub title: &'a str,
    /// Below it; ticks stand at the first line's points.
    pub x: (&'a str, Axis),
    /// Beside it.
    pub y: (&'a str, Axis),
    /// What it shows.
    pub lines: Vec<Line>,
}

/// Values and the pixels they are drawn at.
struct Scale {
    axis: Axis,
    values: (f64, f64),
    pixels: (f64, f64),
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let (low, high) = self.values;
        let share = match self.axis {
            Axis::Linear => (value - low) / (high - low),
            Axis::Logarithmic => (value / low).ln() / (high / low).ln(),
        };
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }
}

impl Chart<'_> {
    /// The file; none where no line has two points.
    pub fn svg(&self) -> Option<String> {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let first = self.lines.first().filter(|line| line.points.len() > 1)?;
        let range = |axis, pick: fn(&(f64, f64)) -> f64| {
            let low = all().map(pick).fold(f64::INFINITY, f64::min);
            let high = all().map(pick).fold(0.0, f64::max);
            match axis {
                Axis::Linear => (0.0, high),
                Axis::Logarithmic => (low, high),
            }
        };
        let x = Scale { axis: self.x.1, values: range(self.x.1, |p| p.0), pixels: (LEFT, RIGHT) };
        let (low, high) = range(self.y.1, |p| p.1);
        let heights = match self.y.1 {
            Axis::Linear => (0.0, *ticks_to(high).last().unwrap_or(&high)),
            Axis::Logarithmic => (low / 1.3, high * 1.1),
        };
        let y = Scale { axis: self.y.1, values: heights, pixels: (BOTTOM, TOP) };
        let mut body = String::new();
        let y_ticks = match y.axis {
            Axis::Linear => ticks_to(y.values.1),
            Axis::Logarithmic => round_between(y.values),
        };
        for tick in y_ticks {
            let at = y.at(tick);
            put(&mut body, &stroke((LEFT, at), (RIGHT, at), GRID));
            put(&mut body, &text((LEFT - 8.0, at + 4.0), "end", &number(tick)));
        }
        for &(tick, _) in &first.points {
            let at = x.at(tick);
            put(&mut body, &stroke((at, BOTTOM), (at, BOTTOM + 5.0), FAINT));
            put(&mut body, &text((at, BOTTOM + 20.0), "middle", &number(tick)));
        }
        put(&mut body, &stroke((LEFT, BOTTOM), (RIGHT, BOTTOM), FAINT));
        let mut names: Vec<(f64, &str)> = Vec::new();
        for line in &self.lines {
            let at = |&(px, py): &(f64, f64)| (x.at(px), y.at(py));
            let list: Vec<String> =
                line.points.iter().map(at).map(|(a, b)| format!("{a:.1},{b:.1}")).collect();
            let look = if line.measured {
                format!("stroke=\"{MARK}\" stroke-width=\"2\"")
            } else {
                format!("stroke=\"{FAINT}\" stroke-width=\"1.4\" stroke-dasharray=\"5 4\"")
            };
            put(
                &mut body,
                &format!("<polyline points=\"{}\" fill=\"none\" {look}/>", list.join(" ")),
            );
            if line.measured {
                for (a, b) in line.points.iter().map(at) {
                    put(
                        &mut body,
                        &format!("<circle cx=\"{a:.1}\" cy=\"{b:.1}\" r=\"3.5\" fill=\"{MARK}\"/>"),
                    );
                }
            }
            if let Some(last) = line.points.last() {
                names.push((y.at(last.1), &line.name));
            }
        }
        // Names that would stand on each other move apart.
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut free = f64::NEG_INFINITY;
        for (at, name) in names {
            let at = at.max(free);
            put(&mut body, &text((RIGHT + 10.0, at + 4.0), "start", name));
            free = at + 15.0;
        }
        put(
            &mut body,
            &format!(
                "<text x=\"{LEFT}\" y=\"22\" font-size=\"14\" font-weight=\"bold\" fill=\"{INK}\">{}</text>",
                escaped(self.title)
            ),
        );
        put(&mut body, &text(((LEFT + RIGHT) / 2.0, BOTTOM + 42.0), "middle", self.x.0));
        let (w, h) = SIZE;
        put(
            &mut body,
            &format!(
                "<text transform=\"translate(18 {:.1}) rotate(-90)\" font-size=\"12\" text-anchor=\"middle\" fill=\"{INK}\">{}</text>",
                (TOP + BOTTOM) / 2.0,
                escaped(self.y.0)
            ),
        );
        Some(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
        ))
    }
}

fn put(body: &mut String, element: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(body, "{element}");
}

fn stroke(from: (f64, f64), to: (f64, f64), colour: &str) -> String {
    format!(
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>",
        from.0, from.1, to.0, to.1
    )
}

fn text(at: (f64, f64), anchor: &str, text: &str) -> String {
    format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"{anchor}\" fill=\"{INK}\">{}</text>",
        at.0,
        at.1,
        escaped(text)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As short as it can be said.
fn number(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}

/// Round numbers from zero to the first one not below `high`, four to six of them.
fn ticks_to(high: f64) -> Vec<f64> {
    let rough = high / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|f| f * power).into_iter().find(|&s| s >= rough);
    let step = step.unwrap_or(10.0 * power);
    (0..=(high / step).ceil() as u32).map(|i| f64::from(i) * step).collect()
}

/// 1, 2 and 5 times the powers of ten within a range.
fn round_between((low, high): (f64, f64)) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    powers
        .flat_map(|power| [1.0, 2.0, 5.0].map(|f| f * 10_f64.powi(power)))
        .filter(|tick| (low..=high).contains(tick))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_highest_value() {
        assert_eq!(ticks_to(170.0), [0.0, 50.0, 100.0, 150.0, 200.0]);
        assert_eq!(ticks_to(2.0), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(round_between((0.8, 12.0)), [1.0, 2.0, 5.0, 10.0]);
    }

    #[test]
    fn equal_ratios_are_equal_steps_on_a_logarithmic_axis() {
        let scale = Scale { axis: Axis::Logarithmic, values: (10.0, 1000.0), pixels: (0.0, 200.0) };
        assert!((scale.at(100.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_single_point_is_no_chart() {
        let line = Line { name: "a".into(), points: vec![(1.0, 1.0)], measured: true };
        let axis = ("", Axis::Linear);
        assert!(Chart { title: "", x: axis, y: axis, lines: vec![line] }.svg().is_none());
    }
}
