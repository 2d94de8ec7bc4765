//! Lines become blocks: hard-wrapped lines are joined, everything else stands by itself.

use super::shapes::{Shape, ShapedLine, Shapes};
use crate::document::{AbbreviationClass, Abbreviations, Block, Kind, Span};
use crate::text::is_blank;

/// A block whose kind may still change.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub span: Span,
    pub kind: Kind,
    pub shape: Shape,
    /// Empty lines before it.
    pub gap: usize,
    /// Whether it goes on with the paragraph of the block before it.
    pub continues: bool,
}

impl Draft {
    /// The words up to `end`, as a dateline, and what remains.
    pub fn split_at(&self, text: &str, end: usize) -> (Self, Option<Self>) {
        let before = Self {
            span: Span::new(self.span.start, end).trimmed(text),
            kind: Kind::Dateline,
            ..self.clone()
        };
        let span = Span::new(end, self.span.end).trimmed(text);
        let after = Self {
            span,
            kind: Kind::Sentence,
            shape: Shape::Text,
            gap: 0,
            continues: true,
        };
        (before, (!span.is_empty()).then_some(after))
    }
}

/// How the lines of a document are wrapped.
#[derive(Debug)]
struct Wrapping<'a> {
    /// The width that the lines of a document were filled to, in characters; none when every line is a paragraph.
    width: Option<f64>,
    /// The same for the lines that stand together with each line, where the document has no such habit.
    widths: Vec<Option<f64>>,
    abbreviations: &'a Abbreviations,
    /// Whether empty lines stand between the lines of one paragraph, too.
    double_spaced: bool,
}

/// Groups lines into blocks.
pub(super) fn assemble(
    text: &str,
    lines: &[ShapedLine],
    shapes: &Shapes,
    abbreviations: &Abbreviations,
) -> Vec<Draft> {
    let wrapping = Wrapping::of(text, lines, abbreviations);
    let loose = loose_lists(text, lines);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut last: Option<&ShapedLine> = None;
    for (at, line) in lines.iter().enumerate() {
        if line.shape == Shape::Rule {
            last = None;
            continue;
        }
        let width = wrapping.width_at(lines, at);
        let shape = match (last, drafts.last()) {
            (Some(above), Some(draft))
                if !is_next_item(text, draft, line)
                    && wrapping.is_wrapped_mark(text, above, line, width) =>
            {
                Shape::Text
            }
            _ => line.shape,
        };
        if let (Some(above), Some(draft)) = (last, drafts.last_mut()) {
            let joins = shape == Shape::Text
                && !matches!(draft.shape, Shape::Heading | Shape::Boilerplate)
                && wrapping.joins(text, above, line, loose[at], width, shapes);
            if joins {
                draft.span.end = line.span.end;
                last = Some(line);
                continue;
            }
        }
        let kind = match shape {
            Shape::Text | Shape::Numbered | Shape::Rule => Kind::Sentence,
            Shape::Heading => Kind::Heading,
            Shape::Item => Kind::ListItem,
            Shape::Footnote => Kind::Footnote,
            Shape::Boilerplate => Kind::Boilerplate,
        };
        drafts.push(Draft {
            span: line.span,
            kind,
            shape,
            gap: line.line.gap,
            continues: false,
        });
        last = Some(line);
    }
    drafts
}

/// The drafts as blocks, with paragraph numbers and sections.
pub(super) fn finish(drafts: &[Draft], title: Option<Span>) -> Vec<Block> {
    let mut paragraph = 0;
    let mut section = None;
    drafts
        .iter()
        .map(|draft| {
            paragraph += u32::from(!draft.continues);
            let block = Block {
                span: draft.span,
                kind: draft.kind,
                paragraph,
                section,
                language: None,
            };
            if draft.kind == Kind::Heading && Some(draft.span) != title {
                section = Some(draft.span);
                return Block {
                    section: None,
                    ..block
                };
            }
            block
        })
        .collect()
}

impl<'a> Wrapping<'a> {
    /// Reads the habit of a document from pairs of lines: where most lines break off in mid-sentence, lines are wrapped.
    fn of(text: &str, lines: &[ShapedLine], abbreviations: &'a Abbreviations) -> Self {
        // By the empty lines between the two: none, one.
        let mut pairs = [0_usize; 2];
        let mut broken: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
        for pair in lines.windows(2) {
            let (above, below) = (&pair[0], &pair[1]);
            let gap = below.line.gap;
            let prose = matches!(
                above.shape,
                Shape::Text | Shape::Item | Shape::Numbered | Shape::Footnote
            );
            if gap > 1 || !prose || below.shape != Shape::Text {
                continue;
            }
            pairs[gap] += 1;
            let (before, after) = (above.span.of(text), below.span.of(text));
            let shouted = || above.line.width >= 45 && is_capitals(before) && is_capitals(after);
            if above.line.width <= 130 && !ends_sentence(before) && (continues(after) || shouted())
            {
                broken[gap].push(above.line.width);
            }
        }
        let double_spaced = broken[1].len() >= 5 && broken[1].len() * 4 >= pairs[1];
        let single_spaced = broken[0].len() >= 3 && broken[0].len() * 4 >= pairs[0];
        let mut widths = std::mem::take(&mut broken[0]);
        if double_spaced {
            widths.append(&mut broken[1]);
        }
        widths.sort_unstable();
        let width = widths
            .get(widths.len() * 9 / 10)
            .filter(|_| single_spaced || double_spaced);
        Self {
            width: width.map(|&width| width as f64),
            widths: paragraph_widths(text, lines),
            abbreviations,
            double_spaced,
        }
    }

    /// The width that the line at `at` and the one above it were filled to.
    ///
    /// Parts of a document are wrapped differently, so the widest of the lines near by counts where it is narrower.
    fn width_at(&self, lines: &[ShapedLine], at: usize) -> Option<f64> {
        let width = self.width.or(self.widths[at])?;
        Some(width.min(widest_near(lines, at) as f64))
    }

    /// Whether `line` goes on with the paragraph that `above` is the last line of.
    fn joins(
        &self,
        text: &str,
        above: &ShapedLine,
        line: &ShapedLine,
        loose: bool,
        width: Option<f64>,
        shapes: &Shapes,
    ) -> bool {
        let (before, after) = (above.span.of(text), line.span.of(text));
        // Punctuation, or part of a sum or a number, that the line break cut off: "US$ / 5 million", "No. / 12".
        let is_stray =
            after.starts_with(['.', ',', ';', ':', ')', '?', '!']) && !after.starts_with("..");
        if line.line.gap == 0 && (is_stray || self.is_cut(text, above, line)) {
            return true;
        }
        // The first line is a title, whatever its length.
        if line.line.gap > 0 && above.span.start < 4 {
            return false;
        }
        if line.line.gap > usize::from(self.double_spaced) {
            // A page break in the middle of a sentence.
            let open = !ends_sentence(before) && !before.ends_with([',', ';', ':']);
            return line.line.gap == 1
                && above.line.width >= 60
                && open
                && after.starts_with(char::is_lowercase);
        }
        let full = fill(above, after, width);
        if ends_sentence(before) || before.ends_with(':') {
            let indented = line.line.indent > above.line.indent + 1;
            return full > 0.92 && !indented;
        }
        if continues(after) {
            return (line.line.gap == 0 || full > 0.5) && !loose;
        }
        if after.starts_with('(')
            && self.width.is_some()
            && line.line.gap == 0
            && above.line.width >= 35
        {
            return true;
        }
        if after.starts_with(|c: char| c.is_ascii_digit() || c == '(') {
            return (line.line.gap == 0 && ends_with_small_word(before))
                || full > 0.7
                || (full > 0.5 && is_mostly_small(before))
                || (line.line.gap == 0 && above.line.width >= 60 && width.is_none());
        }
        if is_capitals(before) != is_capitals(after) && (line.line.gap > 0 || full < 0.95) {
            return false;
        }
        if line.line.gap == 0 && ends_with_small_word(before) {
            return true;
        }
        if before.ends_with([',', ';']) && shapes.opens_clause(after) {
            return false;
        }
        if before.ends_with(';') {
            return full > 0.92;
        }
        let wrapped = self.width.is_some() && above.line.width >= 40;
        full > 0.8 || (full > 0.5 && wrapped && is_mostly_small(before))
    }

    /// Whether the mark at the start of a line is only there because the line was wrapped before it: "of paragraph 5 /
    /// (a) above".
    fn is_wrapped_mark(
        &self,
        text: &str,
        above: &ShapedLine,
        line: &ShapedLine,
        width: Option<f64>,
    ) -> bool {
        let may_wrap = matches!(line.shape, Shape::Item | Shape::Numbered)
            && line.line.gap <= usize::from(self.double_spaced)
            && !matches!(above.shape, Shape::Boilerplate | Shape::Heading);
        let (before, after) = (above.span.of(text), line.span.of(text));
        if !may_wrap {
            return false;
        }
        if line.line.gap == 0 && self.is_cut(text, above, line) {
            return true;
        }
        let open = !ends_sentence(before)
            && !before.ends_with([':', ';', ','])
            && !before.ends_with(" and")
            && !before.ends_with(" or");
        open && fill(above, after, width) > 0.8
    }

    /// Whether what ends a line cannot stand without what begins the next: "US$ / 5 million", "Mr. / Smith", "No. / 12".
    fn is_cut(&self, text: &str, above: &ShapedLine, line: &ShapedLine) -> bool {
        let (before, after) = (above.span.of(text), line.span.of(text));
        let opening = |c: char| is_blank(c) || matches!(c, '(' | '[' | '“' | '"');
        let short = before.rsplit(opening).next();
        let short = short.and_then(|word| self.abbreviations.class(word.strip_suffix('.')?));
        let next = after.split(is_blank).next().unwrap_or_default();
        let is_lower = next.starts_with(char::is_lowercase);
        let is_figure = next.starts_with(|c: char| c.is_ascii_digit());
        let is_mark = next.ends_with(['.', ')']);
        let is_name = || {
            above.line.width >= 50
                && next.starts_with(char::is_uppercase)
                && !self.abbreviations.is_starter(next)
        };
        cuts_a_figure(before, after)
            || match short {
                Some(AbbreviationClass::Title) => true,
                Some(AbbreviationClass::Number) => is_figure || is_lower,
                Some(AbbreviationClass::Name) => {
                    is_lower || is_figure && !is_mark || !is_figure && is_name()
                }
                Some(_) => is_lower,
                None => false,
            }
    }
}

/// How full a line would have been with the next word: 1 and more when that word did not fit.
fn fill(above: &ShapedLine, after: &str, width: Option<f64>) -> f64 {
    let word = after.split(is_blank).next().unwrap_or_default();
    let word = word.chars().take(40).count();
    width.map_or(0.0, |width| (above.line.width + 1 + word) as f64 / width)
}

/// For every line, the width that the lines between the same two empty lines were filled to: that of the widest, where a
/// line breaks off in mid-sentence, or where no line but the last has room for the next word.
fn paragraph_widths(text: &str, lines: &[ShapedLine]) -> Vec<Option<f64>> {
    let mut widths = Vec::with_capacity(lines.len());
    for paragraph in lines.chunk_by(|_, line| line.line.gap == 0) {
        let widest = paragraph.iter().map(|line| line.line.width).max();
        let width = widest.filter(|width| (50..=130).contains(width));
        let width = width.map(|width| width as f64);
        let is_broken = |pair: &[ShapedLine]| {
            let (before, after) = (pair[0].span.of(text), pair[1].span.of(text));
            pair[0].line.width >= 50
                && pair[0].shape != Shape::Boilerplate
                && pair[1].shape == Shape::Text
                && !ends_sentence(before)
                && continues(after)
        };
        let is_full = |pair: &[ShapedLine]| fill(&pair[0], pair[1].span.of(text), width) > 1.0;
        let mut pairs = paragraph.windows(2);
        let is_wrapped = pairs.clone().any(is_broken) || paragraph.len() > 2 && pairs.all(is_full);
        let width = width.filter(|_| is_wrapped);
        widths.extend(paragraph.iter().map(|_| width));
    }
    widths
}

/// Whether a line begins with the mark after that of the item before it: "(b)" after "(a)".
fn is_next_item(text: &str, item: &Draft, line: &ShapedLine) -> bool {
    let mark = |words: &str| {
        let mark = words.split(is_blank).next().unwrap_or_default();
        mark.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
    };
    let (one, next) = (mark(item.span.of(text)), mark(line.span.of(text)));
    let is_roman = |mark: &str| !mark.is_empty() && mark.bytes().all(|b| b"ivxIVX".contains(&b));
    let follows = match (
        one.parse::<u32>(),
        next.parse::<u32>(),
        one.as_bytes(),
        next.as_bytes(),
    ) {
        (Ok(one), Ok(next), ..) => one + 1 == next,
        (.., [one], [next]) if one.checked_add(1) == Some(*next) => true,
        _ => one.is_empty() && next.is_empty() || is_roman(&one) && is_roman(&next),
    };
    matches!(item.shape, Shape::Item | Shape::Numbered) && item.shape == line.shape && follows
}

/// The width of the widest line among the few before and after one, in characters; at least 30.
fn widest_near(lines: &[ShapedLine], at: usize) -> usize {
    let near = &lines[at.saturating_sub(8)..lines.len().min(at + 8)];
    near.iter()
        .map(|line| line.line.width)
        .max()
        .unwrap_or_default()
        .max(30)
}

/// For every line, whether it stands in a run of short lines without any stop: a list without bullets.
fn loose_lists(text: &str, lines: &[ShapedLine]) -> Vec<bool> {
    let mut loose = vec![false; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        let run = lines[start + 1..]
            .iter()
            .take_while(|line| line.line.gap == 0)
            .count()
            + 1;
        let members = &lines[start..start + run];
        if run >= 3
            && members
                .iter()
                .all(|line| line.line.width < 45 && !ends_sentence(line.span.of(text)))
        {
            loose[start..start + run].fill(true);
        }
        start += run;
    }
    loose
}

/// Whether a line ends as a sentence does, closing quotes and footnote marks aside.
pub(super) fn ends_sentence(words: &str) -> bool {
    let is_closer = |c: char| {
        matches!(
            c,
            '"' | '\'' | '”' | '’' | '»' | ')' | '*' | '_' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹'
        ) || is_blank(c)
    };
    let mut words = words.trim_end_matches(is_closer);
    // "agreed.[3][4]"
    while let Some((before, note)) = words
        .strip_suffix(']')
        .and_then(|inside| inside.rsplit_once('['))
    {
        if note.len() > 6 {
            words = words.trim_end_matches(']');
            break;
        }
        words = before.trim_end_matches(is_closer);
    }
    words.ends_with(['.', '!', '?', '…', '。', '．', '！', '？'])
}

/// Whether a currency sign stands at the end of one line and its figure on the next, or a figure at the end and a
/// multiplier after it.
fn cuts_a_figure(before: &str, after: &str) -> bool {
    let figure = |c: char| c.is_ascii_digit();
    let sign = before.ends_with(|c| matches!(c, '$' | '£' | '¥' | '\u{20a0}'..='\u{20cf}'));
    let word = after.split(is_blank).next().unwrap_or_default();
    let multiplied = before.ends_with(figure)
        && matches!(
            word.trim_end_matches(|c: char| !c.is_alphabetic()),
            "thousand" | "million" | "billion" | "trillion" | "lakh" | "crore"
        );
    (sign && after.starts_with(figure)) || multiplied
}

/// Whether a line begins in the middle of a sentence.
fn continues(words: &str) -> bool {
    let first = words.chars().find(|c| {
        !matches!(
            c,
            '"' | '\'' | '“' | '‘' | '(' | '[' | '*' | '_' | '$' | '€' | '£'
        )
    });
    first.is_some_and(|c| c.is_lowercase() || matches!(c, '&' | '–' | '—' | '-' | '%' | '/'))
}

/// Whether the letters are capitals, save a few that were misread, and there are more than three.
pub(super) fn is_capitals(words: &str) -> bool {
    let (mut letters, mut small) = (0, 0);
    for c in words.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        small += usize::from(c.is_lowercase());
    }
    letters > 3 && small * 10 <= letters
}

/// Whether most of the longer words are in lower case, as in prose and not in headings and names.
fn is_mostly_small(words: &str) -> bool {
    let (mut small, mut large) = (0, 0);
    for word in words.split(is_blank).filter(|word| word.len() > 3) {
        match word.chars().next() {
            Some(c) if c.is_lowercase() => small += 1,
            _ => large += 1,
        }
    }
    small >= 2 && small >= large
}

/// Words that no heading or paragraph ends with.
const SMALL_WORDS: [&str; 20] = [
    "the", "an", "of", "and", "or", "in", "on", "at", "by", "for", "from", "to", "with", "between",
    "as", "that", "which", "its", "their", "our",
];

/// Whether the last word is one that no heading or paragraph ends with.
pub(super) fn ends_with_small_word(words: &str) -> bool {
    let last = words.rsplit(is_blank).next().unwrap_or_default();
    SMALL_WORDS
        .iter()
        .any(|word| last.eq_ignore_ascii_case(word))
}
