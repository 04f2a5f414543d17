//! Pictures as SVG: shapes, text, axes with round numbers, and rasters as embedded
//! PNG. Knows nothing of the sky.
//!
//! Colours are told apart by lightness alone, so that they survive grey printing
//! and any kind of colour vision.

use std::fmt::Write;

/// Lines, text.
pub(super) const INK: &str = "#1a1a1a";
/// Axes, grids.
pub(super) const FAINT: &str = "#8a8a8a";
/// Ground and obstacles.
pub(super) const GROUND: &str = "#6b6258";
/// Sky.
pub(super) const SKY: &str = "#dceaf7";
/// What is to be looked at.
pub(super) const MARK: &str = "#c2410c";
/// Vegetation.
pub(super) const CROWN: &str = "#7fa37f";

/// Where a text stands at its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in pixels, y downwards.
pub(super) struct Drawing {
    size: (f64, f64),
    body: String,
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { size: (width, height), body: String::new() }
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        let (w, h) = self.size;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \
             xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.body
        )
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    pub(super) fn text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.add(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{INK}\">{}</text>",
            at.0,
            at.1,
            escaped(text)
        ));
    }

    /// Text that reads upwards, as beside a vertical axis.
    pub(super) fn text_up(&mut self, at: (f64, f64), size: f64, text: &str) {
        self.add(&format!(
            "<text transform=\"translate({:.1} {:.1}) rotate(-90)\" font-size=\"{size}\" text-anchor=\"middle\" fill=\"{INK}\">{}</text>",
            at.0,
            at.1,
            escaped(text)
        ));
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), style: &str) {
        self.add(&format!(
            "<line x1=\"{:.2}\" y1=\"{:.2}\" x2=\"{:.2}\" y2=\"{:.2}\" {style}/>",
            from.0, from.1, to.0, to.1
        ));
    }

    pub(super) fn circle(&mut self, at: (f64, f64), radius: f64, style: &str) {
        self.add(&format!(
            "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{radius:.2}\" {style}/>",
            at.0, at.1
        ));
    }

    pub(super) fn rect(&mut self, at: (f64, f64), size: (f64, f64), style: &str) {
        self.add(&format!(
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" {style}/>",
            at.0, at.1, size.0, size.1
        ));
    }

    pub(super) fn polygon(&mut self, points: &[(f64, f64)], style: &str) {
        self.add(&format!("<polygon points=\"{}\" {style}/>", list(points)));
    }

    pub(super) fn polyline(&mut self, points: &[(f64, f64)], style: &str) {
        self.add(&format!("<polyline points=\"{}\" fill=\"none\" {style}/>", list(points)));
    }

    /// An image of palette indices, row by row from the top, stretched to a box.
    pub(super) fn image(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        (width, indices): (usize, &[u8]),
        palette: &[[u8; 3]],
    ) {
        let png = png(width, indices, palette);
        self.add(&format!(
            "<image x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" preserveAspectRatio=\"none\" image-rendering=\"pixelated\" xlink:href=\"data:image/png;base64,{}\"/>",
            at.0, at.1, size.0, size.1, base64(&png)
        ));
    }
}

fn list(points: &[(f64, f64)]) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{x:.2},{y:.2} ");
    }
    text.trim_end().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
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

    /// About `count` round numbers in the range.
    pub(super) fn ticks(&self, count: f64) -> Vec<f64> {
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

/// The nearest 1, 2 or 5 times a power of ten that is not less.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= step * 0.999)
        .unwrap_or(power)
}

/// A number as short as it is exact enough beside its neighbours.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A palette image as PNG, not compressed: it is small, and the file is text anyway.
fn png(width: usize, indices: &[u8], palette: &[[u8; 3]]) -> Vec<u8> {
    let width = width.max(1);
    let rows = indices.len() / width;
    let mut raw = Vec::with_capacity(indices.len() + rows);
    for row in indices.chunks_exact(width) {
        raw.push(0);
        raw.extend_from_slice(row);
    }
    let mut deflated = vec![0x78, 0x01];
    let blocks = raw.chunks(0xffff);
    let last = blocks.len().saturating_sub(1);
    for (i, block) in blocks.enumerate() {
        let len = block.len() as u16;
        deflated.push(u8::from(i == last));
        deflated.extend(len.to_le_bytes());
        deflated.extend((!len).to_le_bytes());
        deflated.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in &raw {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    deflated.extend((b << 16 | a).to_be_bytes());
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((rows as u32).to_be_bytes());
    // 8 bits of palette.
    header.extend([8, 3, 0, 0, 0]);
    let colours: Vec<u8> = palette.concat();
    for (kind, data) in
        [(b"IHDR", &header), (b"PLTE", &colours), (b"IDAT", &deflated), (b"IEND", &Vec::new())]
    {
        out.extend((data.len() as u32).to_be_bytes());
        let start = out.len();
        out.extend(kind);
        out.extend(data);
        let crc = crc32(&out[start..]);
        out.extend(crc.to_be_bytes());
    }
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let ticks = |low, high| Scale { values: (low, high), pixels: (0.0, 1.0) }.ticks(5.0);
        assert_eq!(ticks(0.0, 100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-0.7, 1.1), [-0.5, 0.0, 0.5, 1.0]);
        assert_eq!(ticks(412.0, 431.0), [415.0, 420.0, 425.0, 430.0]);
        assert_eq!((short(0.30000000000000004), short(-0.0)), ("0.3".into(), "0".into()));
    }

    #[test]
    fn checksums_and_letters_are_the_known_ones() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"M"), "TQ==");
    }
}
