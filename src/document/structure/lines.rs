//! A text as lines, whatever ends them and whatever blanks surround them.

use crate::document::Span;

/// A line that holds something.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextLine {
    /// Where its words stand, without the blanks at either end.
    pub span: Span,
    /// The number of empty lines before it; a form feed counts as one.
    pub gap: usize,
    /// Characters from its first to its last.
    pub width: usize,
    /// Blank characters before its first.
    pub indent: usize,
}

/// The lines of `text` that hold something, in order.
pub(super) fn lines(text: &str) -> Vec<TextLine> {
    let mut lines = Vec::new();
    let mut gap = 0;
    let mut start = 0;
    while start < text.len() {
        let (end, next) = line_end(text, start);
        let span = Span::new(start, end).trimmed(text);
        if span.is_empty() {
            gap += 1;
        } else {
            let width = span.of(text).chars().count();
            let indent = text[start..span.start].chars().count();
            lines.push(TextLine {
                span,
                gap,
                width,
                indent,
            });
            gap = 0;
        }
        if text.as_bytes().get(end) == Some(&0x0c) {
            gap += 1;
        }
        start = next;
    }
    lines
}

/// Where the line that begins at `start` ends, and where the next one begins.
fn line_end(text: &str, start: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => return (at, at + 2),
            b'\n' | b'\r' | 0x0b | 0x0c => return (at, at + 1),
            // U+0085 (next line), U+2028 and U+2029 (line and paragraph separator).
            0xc2 if bytes.get(at + 1) == Some(&0x85) => return (at, at + 2),
            0xe2 if bytes.get(at + 1) == Some(&0x80)
                && matches!(bytes.get(at + 2), Some(0xa8 | 0xa9)) =>
            {
                return (at, at + 3);
            }
            _ => at += 1,
        }
    }
    (text.len(), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_break_counts_once() {
        let text = "\u{feff}One\r\nTwo\rThree\u{85}Four\u{2028}Five\u{2029}Six\x0cSeven\n \u{200b}\n\u{3000}Eight\u{a0}";
        let read: Vec<_> = lines(text)
            .iter()
            .map(|line| (line.span.of(text), line.gap))
            .collect();
        assert_eq!(
            read,
            [
                ("One", 0),
                ("Two", 0),
                ("Three", 0),
                ("Four", 0),
                ("Five", 0),
                ("Six", 0),
                ("Seven", 1),
                ("Eight", 1)
            ]
        );
    }
}
