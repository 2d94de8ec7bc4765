//! What stands where on the pages of a PDF: glyphs become lines.

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

/// More characters are refused: no statement has as many, but a small file can claim to.
const MOST_GLYPHS: usize = 10_000_000;

/// A footnote's mark in running text stands between these two until it is known whether the note exists.
pub(super) const MARK_START: char = '\u{2}';
/// Ends what [`MARK_START`] begins.
pub(super) const MARK_END: char = '\u{3}';

/// A line of one page, in points from its top left corner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageLine {
    pub text: String,
    /// Where it begins.
    pub left: f64,
    /// Where it ends.
    pub right: f64,
    /// Its base line, from the top.
    pub y: f64,
    /// The size of most of its letters.
    pub size: f64,
}

/// A page with its lines, in the order in which the file draws them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Page {
    pub number: u32,
    pub height: f64,
    pub lines: Vec<PageLine>,
}

/// A character as drawn.
#[derive(Debug, Clone)]
struct Glyph {
    text: String,
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    /// The direction in which it is written; (1, 0) is from left to right.
    along: (f64, f64),
}

/// Collects the glyphs that `pdf-extract` finds, page by page.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub pages: Vec<Page>,
    glyphs: Vec<Glyph>,
    lower: (f64, f64),
    upper: (f64, f64),
    seen: usize,
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        page_num: u32,
        media_box: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.glyphs.clear();
        self.lower = (media_box.llx, media_box.lly);
        self.upper = (media_box.urx, media_box.ury);
        self.pages.push(Page {
            number: page_num,
            height: (media_box.ury - media_box.lly).abs(),
            lines: Vec::new(),
        });
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        let (lower, upper) = (self.lower, self.upper);
        let glyphs = std::mem::take(&mut self.glyphs);
        if let Some(page) = self.pages.last_mut() {
            let (glyphs, height) = upright(glyphs, lower, upper);
            page.height = height;
            page.lines = lines(&glyphs);
        }
        Ok(())
    }

    fn output_character(
        &mut self,
        trm: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        char: &str,
    ) -> Result<(), OutputError> {
        self.seen += 1;
        if self.seen > MOST_GLYPHS {
            let error = std::io::Error::other("too many characters");
            return Err(OutputError::from(error));
        }
        let length = trm.m11.hypot(trm.m12);
        let height = trm.m21.hypot(trm.m22);
        let size = (length * height).sqrt() * font_size.abs();
        if !(size.is_finite() && size > 0.0 && trm.m31.is_finite() && trm.m32.is_finite()) {
            return Ok(());
        }
        self.glyphs.push(Glyph {
            text: char.chars().filter_map(readable).collect(),
            x: trm.m31,
            y: trm.m32,
            width: width * length * font_size.abs(),
            size,
            along: (trm.m11 / length, trm.m12 / length),
        });
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// A character as text: bullets of symbol fonts are bullets, ligatures and hyphens their plain forms.
fn readable(c: char) -> Option<char> {
    match c {
        '\u{F0B7}' | '\u{F0A7}' | '\u{F0D8}' | '\u{F076}' => Some('•'),
        '\u{AD}' | '\u{2010}' | '\u{2011}' => Some('-'),
        '\u{A0}' | '\t' | '\n' | '\r' => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// The glyphs that are written in the page's main direction, in coordinates from the top left corner, and the
/// page's height. What is written across it is a stamp or a watermark.
fn upright(glyphs: Vec<Glyph>, lower: (f64, f64), upper: (f64, f64)) -> (Vec<Glyph>, f64) {
    let direction = |glyph: &Glyph| match glyph.along {
        (x, y) if x > 0.98 && y.abs() < 0.2 => Some(0),
        (x, y) if y > 0.98 && x.abs() < 0.2 => Some(1),
        (x, y) if x < -0.98 && y.abs() < 0.2 => Some(2),
        (x, y) if y < -0.98 && x.abs() < 0.2 => Some(3),
        _ => None,
    };
    let mut counts = [0_usize; 4];
    for glyph in &glyphs {
        if let Some(at) = direction(glyph) {
            counts[at] += 1;
        }
    }
    let main = (0..4).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    let (width, height) = (upper.0 - lower.0, upper.1 - lower.1);
    let turned = if main % 2 == 0 { height } else { width };
    let placed = glyphs
        .into_iter()
        .filter(|glyph| direction(glyph) == Some(main))
        .map(|glyph| {
            let (x, y) = (glyph.x - lower.0, glyph.y - lower.1);
            let (x, y) = match main {
                0 => (x, height - y),
                1 => (y, x),
                2 => (width - x, y),
                _ => (height - y, width - x),
            };
            Glyph { x, y, ..glyph }
        })
        .collect();
    (placed, turned.abs())
}

/// A line to which glyphs are still added.
struct OpenLine {
    line: PageLine,
    /// Letters, and the sum of their sizes.
    letters: f64,
    sizes: f64,
    /// Whether the last glyph was a superscript figure.
    raised: bool,
}

impl OpenLine {
    fn new(glyph: &Glyph) -> Self {
        Self {
            line: PageLine {
                text: String::new(),
                left: glyph.x,
                right: glyph.x,
                y: glyph.y,
                size: glyph.size,
            },
            letters: 0.0,
            sizes: 0.0,
            raised: false,
        }
    }

    /// Whether `glyph` stands on this line, after what is there.
    fn takes(&self, glyph: &Glyph) -> bool {
        let size = self.line.size.max(glyph.size);
        let rise = self.line.y - glyph.y;
        let small = glyph.size < 0.85 * self.line.size;
        let level = rise.abs() < 0.2 * size || (small && (-0.3..0.75).contains(&(rise / size)));
        // After a superscript the text goes on at its old size.
        level && glyph.x > self.line.right - 0.5 * size
    }

    fn add(&mut self, glyph: &Glyph, gap: f64) {
        let rise = self.line.y - glyph.y;
        let digit = glyph.text.chars().all(|c| c.is_ascii_digit() || c == '*');
        let raised = digit
            && !glyph.text.is_empty()
            && glyph.size < 0.85 * self.line.size
            && rise > 0.15 * self.line.size;
        let space = glyph.text.chars().all(char::is_whitespace);
        if self.raised && !raised && !space {
            self.line.text.push(MARK_END);
            self.raised = false;
        }
        let distance = glyph.x - self.line.right;
        let wide = distance > gap * glyph.size.min(self.line.size);
        if wide && !raised && !space && !self.line.text.ends_with(' ') {
            self.push_space();
        }
        if raised && !self.raised {
            // "Development, 1" has its mark at the comma.
            let kept = self.line.text.trim_end().len();
            if kept > 0 {
                self.line.text.truncate(kept);
            }
            self.line.text.push(MARK_START);
            self.raised = true;
        }
        if space {
            if std::mem::take(&mut self.raised) {
                self.line.text.push(MARK_END);
            }
            if !self.line.text.is_empty() && !self.line.text.ends_with(' ') {
                self.push_space();
            }
        } else {
            self.line.text.push_str(&glyph.text);
            if !raised {
                self.letters += 1.0;
                self.sizes += glyph.size;
            }
            self.line.right = self.line.right.max(glyph.x + glyph.width.max(0.0));
        }
    }

    fn push_space(&mut self) {
        if !self.line.text.is_empty() {
            self.line.text.push(' ');
        }
    }

    fn finish(mut self) -> Option<PageLine> {
        if self.raised {
            self.line.text.push(MARK_END);
        }
        let kept = self.line.text.trim_end().len();
        self.line.text.truncate(kept);
        if self.letters > 0.0 {
            self.line.size = self.sizes / self.letters;
        }
        (!self.line.text.is_empty()).then_some(self.line)
    }
}

/// The width from which a gap is a space, as a share of the letters' size. Where the file writes its spaces, a narrow
/// gap is only loose setting.
fn space_width(glyphs: &[Glyph]) -> f64 {
    let spaces = glyphs.iter().filter(|g| g.text == " ").count();
    if spaces * 12 > glyphs.len() {
        0.28
    } else {
        0.14
    }
}

fn lines(glyphs: &[Glyph]) -> Vec<PageLine> {
    let gap = space_width(glyphs);
    let mut lines: Vec<PageLine> = Vec::new();
    let mut draft: Option<OpenLine> = None;
    for glyph in glyphs {
        if glyph.text.is_empty() {
            continue;
        }
        let blank = glyph.text.chars().all(char::is_whitespace);
        match &mut draft {
            Some(open) if open.takes(glyph) => open.add(glyph, gap),
            // A blank that stands elsewhere says nothing.
            Some(_) | None if blank => {}
            _ => {
                lines.extend(draft.take().and_then(OpenLine::finish));
                let mut new = OpenLine::new(glyph);
                new.add(glyph, gap);
                draft = Some(new);
            }
        }
    }
    lines.extend(draft.and_then(OpenLine::finish));
    joined(lines)
}

/// Joins pieces that stand side by side, and keeps once what is drawn twice to look bold.
fn joined(pieces: Vec<PageLine>) -> Vec<PageLine> {
    let mut lines: Vec<PageLine> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Some(last) = lines.last_mut() else {
            lines.push(piece);
            continue;
        };
        let size = last.size.max(piece.size);
        let level = (last.y - piece.y).abs() < 0.25 * size;
        if level && last.text == piece.text && (last.left - piece.left).abs() < 0.2 * size {
            continue;
        }
        if opens_note(last, &piece) {
            last.text = format!("{MARK_START}{}{MARK_END} {}", last.text, piece.text);
            (last.right, last.y, last.size) = (piece.right, piece.y, piece.size);
        } else if level && piece.left > last.right - 0.3 * size {
            if piece.left > last.right + 0.14 * size {
                last.text.push(' ');
            }
            last.text.push_str(&piece.text);
            last.right = piece.right;
        } else {
            lines.push(piece);
        }
    }
    lines
}

/// Whether `mark` is the superscript that a footnote begins with, and `piece` the note.
fn opens_note(mark: &PageLine, piece: &PageLine) -> bool {
    let figures =
        mark.text.len() <= 3 && mark.text.bytes().all(|b| b.is_ascii_digit() || b == b'*');
    let rise = piece.y - mark.y;
    let gap = piece.left - mark.right;
    figures
        && mark.size < 0.85 * piece.size
        && (0.1 * piece.size..0.75 * piece.size).contains(&rise)
        && (-0.3 * piece.size..2.0 * piece.size).contains(&gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str, x: f64, y: f64, size: f64) -> Vec<Glyph> {
        text.chars()
            .enumerate()
            .map(|(at, c)| Glyph {
                text: c.to_string(),
                x: x + at as f64 * size * 0.5,
                y,
                width: size * 0.5,
                size,
                along: (1.0, 0.0),
            })
            .collect()
    }

    fn texts(glyphs: &[Glyph]) -> Vec<String> {
        lines(glyphs).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn gaps_are_spaces_and_new_base_lines_are_lines() {
        let mut page = glyphs("Apia", 10.0, 50.0, 10.0);
        page.extend(glyphs("agreed", 34.0, 50.0, 10.0));
        page.extend(glyphs("today", 10.0, 62.0, 10.0));
        assert_eq!(texts(&page), ["Apia agreed", "today"]);
    }

    #[test]
    fn a_raised_figure_is_a_mark_and_bold_by_double_drawing_is_one_line() {
        let mut page = glyphs("Agenda,", 10.0, 50.0, 10.0);
        page.extend(glyphs("1", 45.0, 46.0, 6.0));
        page.extend(glyphs("and", 52.0, 50.0, 10.0));
        assert_eq!(texts(&page), ["Agenda,\u{2}1\u{3} and"]);
        let mut bold = glyphs("Annex", 10.0, 50.0, 10.0);
        bold.extend(glyphs("Annex", 10.3, 50.0, 10.0));
        assert_eq!(texts(&bold), ["Annex"]);
    }

    #[test]
    fn what_is_written_across_the_page_is_left_out() {
        let mut page = glyphs("The Council met.", 10.0, 50.0, 10.0);
        let stamp = glyphs("DRAFT", 100.0, 400.0, 40.0)
            .into_iter()
            .map(|glyph| Glyph {
                along: (0.7, 0.7),
                ..glyph
            });
        page.extend(stamp);
        let (kept, _) = upright(page, (0.0, 0.0), (600.0, 800.0));
        assert_eq!(texts(&kept), ["The Council met."]);
    }
}
