//! What a line shows by its first characters: a mark of Markdown, a bullet, a number, a publisher's phrase.
//!
//! The readers of web pages, PDF and Word write the headings, list items, footnotes and rows that they know as Markdown,
//! which is read back here. Handing these blocks over beside the text was tried for Word and given up. No guess could go,
//! since plain text, Markdown and whatever a format leaves unsaid need them all, and the code grew by 94 lines. Formats also
//! say too little: in 15 web pages and two Word documents (1898 blocks) all 270 marked headings, 42 footnotes and 82 rows
//! were read back as they were written, and no plain paragraph was taken for a mark; but 44 of 558 numbered items and 132
//! of 876 plain paragraphs looked like headings and nearly all were, and the trial turned 43 of those items into list
//! items. What could go wrong, a plain paragraph that begins as a mark does, the readers escape ([`escape_marks`]).

use regex::{Regex, RegexSet};

use super::lines::TextLine;
use super::words::{StructureData, compile, longest_first, pattern_set};
use crate::Result;
use crate::document::Span;
use crate::text::is_blank;

/// Lines longer than this are prose: no pattern of furniture is tried on them.
const LONGEST_FURNITURE: usize = 240;

/// What a line is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Words that say nothing of their part in the document.
    Text,
    /// A heading by its mark.
    Heading,
    /// The first line of an item of a list: a bullet, "(a)", "iv)".
    Item,
    /// The first line of a numbered paragraph: "12. We welcome ...".
    Numbered,
    /// The first line of a footnote.
    Footnote,
    /// A publisher's phrase or the furniture of a page.
    Boilerplate,
    /// A line drawn across the page, or a mark that holds no words.
    Rule,
}

/// A line with its shape; the span of a line marked up leaves the marks out.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShapedLine {
    pub line: TextLine,
    pub shape: Shape,
    /// The part of the line that is read.
    pub span: Span,
}

/// The patterns of line shapes.
#[derive(Debug)]
pub(super) struct Shapes {
    boilerplate: RegexSet,
    footnote: RegexSet,
    note_mark: Regex,
    bare_note: Regex,
    rule: Regex,
    bullet: Regex,
    lettered: Regex,
    numbered: Regex,
    clause: Regex,
}

impl Shapes {
    pub fn new(rules: &StructureData) -> Result<Self> {
        let openings = longest_first(rules.clause.openings.iter());
        Ok(Self {
            boilerplate: pattern_set(&rules.boilerplate, true)?,
            footnote: pattern_set(&rules.footnote, true)?,
            note_mark: compile(
                r"^(?:\[\^[^\]\s]{1,20}\]:|\[(?:\d{1,3}|[a-z*])\]\s*\S|[¹²³⁰⁴-⁹]{1,3}\s*\p{L}|\*{1,3}/\s|[†‡§]\s)",
            )?,
            bare_note: compile(r"^(?:\d{1,3}|\*{1,3}|\(\d{1,2}\))\.?\s+(.*)$")?,
            rule: compile(
                r"^(?:[*•·]|(?:[-_=~*─—–•.·]\s?){3,}|\|?[\s:|+-]*-{3}[\s:|+-]*\|?|`{3,}\w*|~{3,}\w*)$",
            )?,
            bullet: compile(r"^(?:[-*–—+]\s|[•▪●◦‣⁃■□◆►▸➢➤✓✔·]|o\s+[A-Z])")?,
            lettered: compile(
                r"^(?:\((?:[a-zA-Z]{1,2}|[ivxlIVXL]{1,6}|\d{1,3})\)|(?:[a-zA-Z]|[ivxlIVXL]{1,6}|\d{1,3})\.?\)|(?:[a-z]|[ivxl]{1,5})\.)\s",
            )?,
            numbered: compile(
                r"^(?:\d{1,3}(?:\.\d{1,3}){1,3}\.?|\d{1,3}\.|§+\s?\d+\.?)(?:\s|\u{200b})",
            )?,
            clause: compile(&format!(r"(?i)^(?:[_*]*)(?:{openings})\b"))?,
        })
    }

    /// The lines with their shapes, in order, rules included.
    pub fn read(&self, text: &str, lines: &[TextLine], markdown: bool) -> Vec<ShapedLine> {
        let mut shaped: Vec<ShapedLine> = Vec::with_capacity(lines.len());
        let front_matter = if markdown {
            front_matter_len(text, lines)
        } else {
            0
        };
        for (at, &line) in lines.iter().enumerate() {
            let mut read = ShapedLine {
                line,
                shape: Shape::Text,
                span: line.span,
            };
            let is_escaped = markdown && is_escaped(line.span.of(text));
            if is_escaped {
                read.span = Span::new(line.span.start + 1, line.span.end).trimmed(text);
            }
            let words = read.span.of(text);
            if at < front_matter {
                read.shape = if words == "---" {
                    Shape::Rule
                } else {
                    Shape::Boilerplate
                };
            } else if self.is_rule(words) {
                let underlined = shaped.last_mut().filter(|above| {
                    markdown
                        && !is_escaped
                        && line.gap == 0
                        && above.shape == Shape::Text
                        && is_underline(words)
                });
                if let Some(above) = underlined {
                    above.shape = Shape::Heading;
                }
                read.shape = Shape::Rule;
            } else {
                if markdown && !is_escaped {
                    read.span = without_marks(text, line.span);
                    if read.span.is_empty() {
                        read.shape = Shape::Rule;
                    }
                }
                if read.shape == Shape::Text {
                    let marked = if is_escaped { "" } else { words };
                    read.shape = self.shape(read.span.of(text), marked);
                }
            }
            shaped.push(read);
        }
        shaped
    }

    fn is_rule(&self, words: &str) -> bool {
        words.len() <= LONGEST_FURNITURE
            && !words.starts_with(char::is_alphanumeric)
            && self.rule.is_match(words)
    }

    fn shape(&self, words: &str, marked: &str) -> Shape {
        let short = words.len() <= LONGEST_FURNITURE;
        if short && self.boilerplate.is_match(words) {
            return Shape::Boilerplate;
        }
        if heading_mark(marked) > 0 {
            return Shape::Heading;
        }
        let first = words.chars().next().unwrap_or_default();
        if !first.is_ascii_alphanumeric() && self.note_mark.is_match(words) {
            return Shape::Footnote;
        }
        if first.is_ascii_digit() || matches!(first, '*' | '(' | '§') {
            let note = short.then(|| self.bare_note.captures(words)).flatten();
            let note = note.and_then(|found| found.get(1));
            // A stop after the number makes a paragraph of it, unless a note's own words follow.
            if note.is_some_and(|note| self.footnote.is_match(note.as_str())) {
                return Shape::Footnote;
            }
            if self.numbered.is_match(words) {
                return Shape::Numbered;
            }
        }
        let bulleted = (!first.is_alphanumeric() || first == 'o') && self.bullet.is_match(words);
        if bulleted || (has_mark(words) && self.lettered.is_match(words)) {
            return Shape::Item;
        }
        Shape::Text
    }

    /// Whether a line begins as a clause of a preamble or of an operative part does: "Recalling ...".
    pub fn opens_clause(&self, words: &str) -> bool {
        words.starts_with(|c: char| c.is_uppercase() || matches!(c, '*' | '_'))
            && self.clause.is_match(words)
    }
}

/// Whether a bracket or a stop stands where the mark of an item would end.
fn has_mark(words: &str) -> bool {
    words.bytes().take(9).any(|b| matches!(b, b')' | b'.'))
}

/// The lines of YAML between "---" and "---" at the very beginning. Before an empty line "---" is a rule.
fn front_matter_len(text: &str, lines: &[TextLine]) -> usize {
    match lines {
        [first, second, ..] if first.span.of(text) == "---" && second.gap == 0 => {}
        _ => return 0,
    }
    let end = lines
        .iter()
        .skip(1)
        .take(60)
        .position(|line| line.span.of(text) == "---");
    end.map_or(0, |at| at + 2)
}

/// A block of plain text as Markdown: with a backslash before what would be read as a mark.
pub(crate) fn escape_marks(block: &str) -> String {
    let escaped = |(at, line): (usize, &str)| {
        let bare = line.trim_start_matches('\\');
        let is_marked = is_marked(bare) || (at > 0 && is_underline(bare));
        if is_marked { "\\" } else { "" }.to_owned() + line
    };
    let lines: Vec<String> = block.lines().enumerate().map(escaped).collect();
    lines.join("\n")
}

/// What [`escape_marks`] was given.
pub(crate) fn unescape_marks(block: &str) -> String {
    let lines = block.lines();
    let lines: Vec<&str> = lines
        .map(|line| &line[usize::from(is_escaped(line))..])
        .collect();
    lines.join("\n")
}

fn is_escaped(line: &str) -> bool {
    let bare = line.trim_start_matches('\\');
    bare.len() < line.len() && (is_marked(bare) || is_underline(bare))
}

/// Whether a line with words begins as a quotation or a heading does.
fn is_marked(line: &str) -> bool {
    let words = line.trim_start_matches(is_blank);
    let is_marked = words.starts_with('>') || heading_mark(words) > 0;
    is_marked && words.contains(char::is_alphanumeric)
}

/// How many `#` mark a line as a heading.
fn heading_mark(words: &str) -> usize {
    let marks = words.len() - words.trim_start_matches('#').len();
    let is_mark = marks <= 6 && words[marks..].starts_with([' ', '\t']);
    if is_mark { marks } else { 0 }
}

/// Whether a line makes a heading of the line above it.
fn is_underline(line: &str) -> bool {
    line.len() > 2 && line.bytes().all(|b| matches!(b, b'=' | b'-'))
}

/// The span without the marks of Markdown that stand around a whole line: `#`, `>`, `**`.
fn without_marks(text: &str, span: Span) -> Span {
    let mut span = span;
    let words = span.of(text);
    let quoted = words.trim_start_matches(['>', ' ']);
    if words.starts_with('>') {
        span.start = span.end - quoted.len();
    }
    let words = span.of(text);
    let marks = heading_mark(words);
    if marks > 0 {
        span.start += marks;
        let rest = span.of(text);
        span.end -= rest.len() - rest.trim_end_matches('#').trim_end().len();
        span = span.trimmed(text);
    }
    for mark in ["***", "**", "__"] {
        let inside = span
            .of(text)
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark));
        if let Some(inside) = inside.filter(|inside| !inside.is_empty() && !inside.contains(mark)) {
            let start = span.start + mark.len();
            span = Span::new(start, start + inside.len()).trimmed(text);
        }
    }
    span
}
