//! Draws pictures of shapes and texts, as SVG or PNG. It knows nothing about the sky.
//!
//! Both formats are made from one list of shapes. For PNG, no fonts are searched: characters are
//! drawn from a font in the program, which is the first choice of the SVG.
//!
//! Colours differ in lightness, so that they can be distinguished in grey print and with any
//! colour vision.

use std::fmt::Write;

use svf_raster::staging::{Staging, stage_file};
use svf_raster::vrt::escape;
use svf_raster::{Op, RasterError};
use tiny_skia::{
    FillRule, FilterQuality, Paint, PathBuilder, Pixmap, PixmapPaint, Stroke, StrokeDash, Transform,
};
use ttf_parser::{Face, OutlineBuilder};

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) [u8; 3]);

/// Lines, text.
pub(super) const INK: Colour = Colour([0x1a, 0x1a, 0x1a]);
/// Axes, grids.
pub(super) const FAINT: Colour = Colour([0x8a, 0x8a, 0x8a]);
/// Ground and obstacles.
pub(super) const GROUND: Colour = Colour([0x6b, 0x62, 0x58]);
/// Sky.
pub(super) const SKY: Colour = Colour([0xdc, 0xea, 0xf7]);
/// What the reader should look at.
pub(super) const MARK: Colour = Colour([0xc2, 0x41, 0x0c]);
/// Unknown; its lightness is between those of sky and vegetation.
pub(super) const UNKNOWN: Colour = Colour([0xb4, 0xb4, 0xb4]);
/// Vegetation.
pub(super) const CROWN: Colour = Colour([0x7f, 0xa3, 0x7f]);
/// Paper.
pub(super) const WHITE: Colour = Colour([0xff, 0xff, 0xff]);

/// How a shape is filled and its outline drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    fill: Option<Colour>,
    /// Colour and width.
    stroke: Option<(Colour, f64)>,
    opacity: f64,
    dash: Option<[f64; 2]>,
}

impl Style {
    /// Filled, without an outline.
    pub(super) fn fill(colour: Colour) -> Self {
        Self { fill: Some(colour), stroke: None, opacity: 1.0, dash: None }
    }

    /// Only an outline, or a line.
    pub(super) fn stroke(colour: Colour, width: f64) -> Self {
        Self { fill: None, stroke: Some((colour, width)), opacity: 1.0, dash: None }
    }

    /// Adds an outline.
    pub(super) fn outlined(self, colour: Colour, width: f64) -> Self {
        Self { stroke: Some((colour, width)), ..self }
    }

    /// Makes it transparent; for shapes that have only a fill or only a stroke.
    pub(super) fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// A dashed line: lengths of dashes and gaps.
    pub(super) fn dashed(self, drawn: f64, left_out: f64) -> Self {
        Self { dash: Some([drawn, left_out]), ..self }
    }
}

/// Alignment of a text at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in pixels, y downwards.
pub(super) struct Drawing {
    size: (f64, f64),
    shapes: Vec<Shape>,
}

enum Shape {
    Text { at: (f64, f64), size: f64, anchor: Anchor, upwards: bool, text: String },
    Path { points: Vec<(f64, f64)>, closed: bool, style: Style },
    Circle { at: (f64, f64), radius: f64, style: Style },
    Image { at: (f64, f64), size: (f64, f64), pixels: Pixmap },
}

/// Width of a figure as PNG.
const PNG_WIDTH: f64 = 1200.0;

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        let mut drawing = Self { size: (width, height), shapes: Vec::new() };
        drawing.rect((0.0, 0.0), (width, height), Style::fill(WHITE));
        drawing
    }

    pub(super) fn text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, text: &str) {
        self.shapes.push(Shape::Text { at, size, anchor, upwards: false, text: text.to_owned() });
    }

    /// Text that is turned upwards, for a vertical axis; `at` is its middle.
    pub(super) fn text_up(&mut self, at: (f64, f64), size: f64, text: &str) {
        let (anchor, text) = (Anchor::Middle, text.to_owned());
        self.shapes.push(Shape::Text { at, size, anchor, upwards: true, text });
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), style: Style) {
        self.shapes.push(Shape::Path { points: vec![from, to], closed: false, style });
    }

    pub(super) fn circle(&mut self, at: (f64, f64), radius: f64, style: Style) {
        self.shapes.push(Shape::Circle { at, radius, style });
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), style: Style) {
        let (right, bottom) = (x + width, y + height);
        self.polygon(&[(x, y), (right, y), (right, bottom), (x, bottom)], style);
    }

    pub(super) fn polygon(&mut self, points: &[(f64, f64)], style: Style) {
        self.shapes.push(Shape::Path { points: points.to_vec(), closed: true, style });
    }

    pub(super) fn polyline(&mut self, points: &[(f64, f64)], style: Style) {
        self.shapes.push(Shape::Path { points: points.to_vec(), closed: false, style });
    }

    /// An image of colours, row by row from the top, stretched to a box.
    pub(super) fn image(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        (width, colours): (usize, &[Colour]),
    ) {
        let rows = colours.len() / width.max(1);
        if let Some(mut pixels) = Pixmap::new(width as u32, rows as u32) {
            for (pixel, Colour([r, g, b])) in pixels.pixels_mut().iter_mut().zip(colours) {
                *pixel = tiny_skia::ColorU8::from_rgba(*r, *g, *b, 255).premultiply();
            }
            self.shapes.push(Shape::Image { at, size, pixels });
        }
    }

    /// The drawing as SVG.
    pub(super) fn svg(&self) -> String {
        let (w, h) = self.size;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \
             xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n"
        );
        for shape in &self.shapes {
            out += &shape.svg();
            out.push('\n');
        }
        out + "</svg>\n"
    }

    /// The drawing as PNG, 1200 pixels wide.
    ///
    /// # Errors
    /// A drawing larger than memory.
    pub(super) fn png(&self) -> Result<Vec<u8>, String> {
        let scale = PNG_WIDTH / self.size.0;
        let height = (self.size.1 * scale).ceil();
        let mut canvas = Pixmap::new(PNG_WIDTH as u32, height as u32)
            .ok_or_else(|| format!("a picture cannot have {height} rows"))?;
        let face = Face::parse(dejavu::sans::regular(), 0).map_err(|error| error.to_string())?;
        let transform = Transform::from_scale(scale as f32, scale as f32);
        for shape in &self.shapes {
            shape.paint(&mut canvas, transform, &face);
        }
        canvas.encode_png().map_err(|error| error.to_string())
    }
}

impl Shape {
    fn svg(&self) -> String {
        match self {
            Shape::Text { at: (x, y), size, anchor, upwards, text } => {
                let place = match upwards {
                    false => format!("x=\"{x:.1}\" y=\"{y:.1}\""),
                    true => format!("transform=\"translate({x:.1} {y:.1}) rotate(-90)\""),
                };
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let (ink, text) = (hex(INK), escape(text));
                format!(
                    "<text {place} font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{ink}\">{text}</text>"
                )
            }
            Shape::Path { points, closed, style } => {
                let mut list = String::new();
                for (x, y) in points {
                    let _ = write!(list, "{x:.2},{y:.2} ");
                }
                let name = if *closed { "polygon" } else { "polyline" };
                format!("<{name} points=\"{}\" {}/>", list.trim_end(), style.svg())
            }
            Shape::Circle { at: (x, y), radius, style } => {
                format!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" {}/>", style.svg())
            }
            Shape::Image { at: (x, y), size: (width, height), pixels } => {
                let png = base64(&pixels.encode_png().unwrap_or_default());
                format!(
                    "<image x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" \
                     preserveAspectRatio=\"none\" image-rendering=\"pixelated\" \
                     xlink:href=\"data:image/png;base64,{png}\"/>"
                )
            }
        }
    }

    fn paint(&self, canvas: &mut Pixmap, transform: Transform, face: &Face<'_>) {
        match self {
            Shape::Text { at, size, anchor, upwards, text } => {
                let (at, size) = ((at.0 as f32, at.1 as f32), *size as f32);
                let turn = if *upwards { -90.0 } else { 0.0 };
                let place =
                    transform.pre_translate(at.0, at.1).pre_concat(Transform::from_rotate(turn));
                let outline = outline(face, text, size, *anchor);
                paint_path(canvas, place, outline, Style::fill(INK));
            }
            Shape::Path { points, closed, style } => {
                let mut path = PathBuilder::new();
                for (i, (x, y)) in points.iter().enumerate() {
                    let (x, y) = (*x as f32, *y as f32);
                    if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
                }
                if *closed {
                    path.close();
                }
                paint_path(canvas, transform, path, *style);
            }
            Shape::Circle { at: (x, y), radius, style } => {
                let mut path = PathBuilder::new();
                path.push_circle(*x as f32, *y as f32, *radius as f32);
                paint_path(canvas, transform, path, *style);
            }
            Shape::Image { at, size, pixels } => {
                let x = size.0 as f32 / pixels.width() as f32;
                let y = size.1 as f32 / pixels.height() as f32;
                let place = transform.pre_translate(at.0 as f32, at.1 as f32).pre_scale(x, y);
                let paint = PixmapPaint { quality: FilterQuality::Nearest, ..Default::default() };
                canvas.draw_pixmap(0, 0, pixels.as_ref(), &paint, place, None);
            }
        }
    }
}

impl Style {
    fn svg(&self) -> String {
        let mut text = format!("fill=\"{}\"", self.fill.map_or("none".into(), hex));
        if let Some((colour, width)) = self.stroke {
            let _ = write!(text, " stroke=\"{}\" stroke-width=\"{width}\"", hex(colour));
        }
        if let Some([drawn, left_out]) = self.dash {
            let _ = write!(text, " stroke-dasharray=\"{drawn} {left_out}\"");
        }
        if self.opacity < 1.0 {
            let _ = write!(text, " opacity=\"{}\"", self.opacity);
        }
        text
    }
}

fn paint_path(canvas: &mut Pixmap, transform: Transform, path: PathBuilder, style: Style) {
    // None for a shape without extent, which is invisible.
    let Some(path) = path.finish() else { return };
    let paint = |Colour([r, g, b]): Colour| {
        let mut paint = Paint::default();
        paint.set_color_rgba8(r, g, b, (style.opacity * 255.0).round() as u8);
        paint
    };
    if let Some(colour) = style.fill {
        canvas.fill_path(&path, &paint(colour), FillRule::Winding, transform, None);
    }
    if let Some((colour, width)) = style.stroke {
        let dash = style.dash.and_then(|d| StrokeDash::new(d.map(|d| d as f32).to_vec(), 0.0));
        let stroke = Stroke { width: width as f32, dash, ..Stroke::default() };
        canvas.stroke_path(&path, &paint(colour), &stroke, transform, None);
    }
}

/// The outlines of the characters of a text at the origin.
fn outline(face: &Face<'_>, text: &str, size: f32, anchor: Anchor) -> PathBuilder {
    let scale = size / f32::from(face.units_per_em());
    let glyphs: Vec<_> =
        text.chars().map(|letter| face.glyph_index(letter).unwrap_or_default()).collect();
    let advance = |glyph| scale * f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
    let width: f32 = glyphs.iter().map(|glyph| advance(*glyph)).sum();
    let x = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -width / 2.0,
        Anchor::End => -width,
    };
    let mut letters = Letters { path: PathBuilder::new(), x, scale };
    for glyph in glyphs {
        face.outline_glyph(glyph, &mut letters);
        letters.x += advance(glyph);
    }
    letters.path
}

/// Characters one after the other, in units of the font, y upwards.
struct Letters {
    path: PathBuilder,
    /// Where the next character begins.
    x: f32,
    scale: f32,
}

impl Letters {
    fn at(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (self.x + self.scale * x, -self.scale * y)
    }
}

impl OutlineBuilder for Letters {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at((x, y));
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at((x, y));
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at((x1, y1)), self.at((x, y)));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at((x1, y1)), self.at((x2, y2)), self.at((x, y)));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

fn hex(Colour([r, g, b]): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Numbers along an axis.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// The values at both ends.
    pub(super) values: (f64, f64),
    /// The pixels at both ends.
    pub(super) pixels: (f64, f64),
}

impl Scale {
    pub(super) fn at(&self, value: f64) -> f64 {
        let ((v0, v1), (p0, p1)) = (self.values, self.pixels);
        p0 + (value - v0) / (v1 - v0) * (p1 - p0)
    }

    /// About `count` round numbers in the range, at least two.
    pub(super) fn ticks(&self, count: f64) -> Vec<f64> {
        let ticks = self.multiples(count);
        // A fifth of the range is rounded to at most half of the range.
        if ticks.len() < 2 { self.multiples(5.0) } else { ticks }
    }

    /// The multiples of a round number in the range.
    fn multiples(&self, count: f64) -> Vec<f64> {
        let (low, high) = (self.values.0.min(self.values.1), self.values.0.max(self.values.1));
        let step = round_step((high - low) / count);
        let first = (low / step - 1e-9).ceil();
        (0..)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|tick| *tick <= high + 1e-9 * step)
            .map(|tick| if tick == 0.0 { 0.0 } else { tick })
            .collect()
    }
}

/// The next larger number of the form 1, 2 or 5 times a power of ten.
pub(super) fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= step * 0.999)
        .unwrap_or(power)
}

/// A number with just enough digits to distinguish it from its neighbours.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let three =
            [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// The path of a figure: its extension is its format.
pub(super) fn path(path: &str) -> Result<String, String> {
    let lower = path.to_ascii_lowercase();
    if lower.ends_with(".svg") || lower.ends_with(".png") {
        Ok(path.to_owned())
    } else {
        Err("a figure must be a .svg or .png file".into())
    }
}

/// Writes a figure in the format of its path, under a temporary name.
pub(super) fn stage(path: &str, drawing: &Drawing) -> Result<Staging, RasterError> {
    if path.to_ascii_lowercase().ends_with(".png") {
        let failed = |reason: String| RasterError::new(Op::Write, path, reason);
        stage_file(path, &drawing.png().map_err(failed)?)
    } else {
        stage_file(path, drawing.svg().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let ticks = |low, high| Scale { values: (low, high), pixels: (0.0, 1.0) }.ticks(5.0);
        assert_eq!(ticks(0.0, 100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-0.7, 1.1), [-0.5, 0.0, 0.5, 1.0]);
        assert_eq!(ticks(412.0, 431.0), [415.0, 420.0, 425.0, 430.0]);
        let few = Scale { values: (101.0, 119.0), pixels: (0.0, 1.0) }.ticks(1.0);
        assert_eq!(few, [105.0, 110.0, 115.0]);
        assert_eq!((short(0.30000000000000004), short(-0.0)), ("0.3".into(), "0".into()));
    }

    #[test]
    fn letters_are_the_known_ones() {
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"M"), "TQ==");
    }

    #[test]
    fn both_formats_show_the_same() {
        let mut d = Drawing::new(600.0, 100.0);
        d.rect((10.0, 10.0), (20.0, 30.0), Style::fill(MARK));
        d.circle((100.0, 50.0), 10.0, Style::fill(SKY).outlined(INK, 2.0));
        d.line((200.0, 0.0), (200.0, 100.0), Style::stroke(GROUND, 4.0).dashed(10.0, 10.0));
        d.rect((300.0, 0.0), (50.0, 50.0), Style::fill(INK).opacity(0.5));
        d.image((400.0, 0.0), (40.0, 20.0), (2, &[WHITE, SKY, MARK, CROWN]));
        d.text((500.0, 90.0), 40.0, Anchor::Middle, "l");
        let picture = Pixmap::decode_png(&d.png().unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (1200, 200));
        // Twice as large as the drawing.
        let at = |x: u32, y: u32| {
            let pixel = picture.pixel(2 * x, 2 * y).unwrap().demultiply();
            Colour([pixel.red(), pixel.green(), pixel.blue()])
        };
        assert_eq!((at(5, 5), at(20, 25), at(31, 25)), (WHITE, MARK, WHITE));
        assert_eq!((at(100, 50), at(110, 50), at(113, 50)), (SKY, INK, WHITE));
        assert_eq!((at(200, 5), at(200, 15), at(200, 25)), (GROUND, WHITE, GROUND));
        assert_eq!(at(320, 20), Colour([0x8c, 0x8c, 0x8c]));
        assert_eq!((at(410, 5), at(430, 5), at(410, 15), at(430, 15)), (WHITE, SKY, MARK, CROWN));
        // On the stem of the letter, and next to it.
        assert_eq!((at(500, 75), at(490, 75), at(510, 75)), (INK, WHITE, WHITE));
        let svg = d.svg();
        for part in [
            "<polygon points=\"10.00,10.00 30.00,10.00 30.00,40.00 10.00,40.00\" fill=\"#c2410c\"/>",
            "r=\"10.00\" fill=\"#dceaf7\" stroke=\"#1a1a1a\" stroke-width=\"2\"/>",
            "stroke-dasharray=\"10 10\"/>",
            "fill=\"#1a1a1a\" opacity=\"0.5\"/>",
            "text-anchor=\"middle\" fill=\"#1a1a1a\">l</text>",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
    }
}
