//! Lines of pages become paragraphs: wraps and hyphens are undone, footnotes are set apart.

use std::collections::HashSet;

use super::glyphs::{MARK_END, MARK_START, Page, PageLine};
use crate::document::escape_marks;

/// First parts of words whose hyphen is part of the word.
const PREFIXES: [&str; 24] = [
    "non", "self", "co", "anti", "post", "multi", "counter", "well", "high", "low", "long",
    "short", "mid", "cross", "socio", "vice", "so", "all", "one", "two", "three", "large", "small",
    "follow",
];

/// Words that no paragraph ends with.
const SMALL_WORDS: [&str; 13] = [
    "the", "of", "and", "or", "in", "to", "for", "with", "on", "by", "a", "an", "The",
];

/// The text of a document and where each page begins in it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PagedText {
    pub text: String,
    /// Byte offsets from which a page's words stand, in order.
    pub pages: Vec<(usize, u32)>,
}

/// What most of the text looks like.
struct Habit {
    size: f64,
    leading: f64,
}

/// A paragraph as its lines, each with the number of its page.
struct WrappedParagraph<'a> {
    lines: Vec<(&'a PageLine, u32)>,
}

/// A footnote: its mark, its words, its page.
struct Note {
    mark: String,
    text: String,
    page: u32,
}

/// The pages as one text: one line per paragraph, an empty line between them, headings and footnotes marked as in
/// Markdown.
pub(super) fn paged_text(pages: &[Page]) -> PagedText {
    let habit = Habit::of(pages);
    let mut notes: Vec<Note> = Vec::new();
    let mut body: Vec<(&PageLine, u32)> = Vec::new();
    for page in pages {
        let (above, foot) = split_notes(page, &habit);
        body.extend(above.iter().map(|line| (line, page.number)));
        add_notes(foot, page.number, &mut notes);
    }
    let words = vocabulary(&body);
    let mut paragraphs: Vec<WrappedParagraph<'_>> = Vec::new();
    for (at, &(line, page)) in body.iter().enumerate() {
        let goes_on = at > 0
            && paragraphs
                .last()
                .is_some_and(|open| !habit.breaks(open, &body, at));
        match paragraphs.last_mut().filter(|_| goes_on) {
            Some(open) => open.lines.push((line, page)),
            None => paragraphs.push(WrappedParagraph {
                lines: vec![(line, page)],
            }),
        }
    }
    let marks: HashSet<String> = notes.iter().map(|note| note.mark.clone()).collect();
    let mut text = PagedText::default();
    let mut notes = notes.into_iter().peekable();
    for paragraph in &paragraphs {
        // A page's notes come after the paragraph in which the page ends.
        let begins = paragraph.lines.first().map_or(0, |(_, page)| *page);
        while let Some(note) = notes.next_if(|note| note.page < begins) {
            text.add_note(&note);
        }
        text.add(paragraph, &habit, &words, &marks);
    }
    for note in notes {
        text.add_note(&note);
    }
    text
}

impl Habit {
    fn of(pages: &[Page]) -> Self {
        let mut sizes: Vec<(f64, usize)> = Vec::new();
        let mut steps: Vec<f64> = Vec::new();
        for page in pages {
            for line in &page.lines {
                sizes.push((line.size, line.text.len()));
            }
            for pair in page.lines.windows(2) {
                let step = pair[1].y - pair[0].y;
                if step > 0.5 * pair[0].size && step < 4.0 * pair[0].size {
                    steps.push(step);
                }
            }
        }
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: usize = sizes.iter().map(|(_, letters)| letters).sum();
        let mut sum = 0;
        let size = sizes
            .iter()
            .find(|(_, letters)| {
                sum += letters;
                sum * 2 >= total
            })
            .map_or(10.0, |(size, _)| *size);
        steps.sort_by(f64::total_cmp);
        // Most steps are within paragraphs: the lower part of the middle is the safer guess.
        let leading = steps.get(steps.len() * 2 / 5).copied();
        Self {
            size,
            leading: leading.unwrap_or(1.2 * size),
        }
    }

    /// Whether the line at `at` begins a new paragraph after `open`.
    fn breaks(&self, open: &WrappedParagraph<'_>, body: &[(&PageLine, u32)], at: usize) -> bool {
        let Some(&(above, page)) = open.lines.last() else {
            return true;
        };
        let (line, next_page) = body[at];
        if (above.size - line.size).abs() > 0.12 * self.size {
            return true;
        }
        let step = line.y - above.y;
        let same_place = page == next_page && step > 0.0;
        if same_place && step > 1.35 * self.leading.max(line.size) {
            return true;
        }
        let before = above.text.as_str();
        let after = line.text.as_str();
        let small = after.starts_with(|c: char| c.is_lowercase());
        let full = is_full(body, at);
        if !same_place {
            // A new page or column: the paragraph goes on where the sentence does.
            return ends(before) || (!small && !full) || is_item(after);
        }
        if is_item(after) && (!full || ends(before) || before.ends_with([';', ':', ','])) {
            return true;
        }
        let first = open.lines.len() == 1;
        if line.left > above.left + 0.8 * self.size {
            // The lines under a bullet or a number hang.
            let hangs = first && is_item(before) && full;
            let centred = (line.left + line.right - above.left - above.right).abs() < self.size;
            return !(hangs || (small && full) || (centred && small));
        }
        if full {
            return false;
        }
        let clause = before.ends_with([',', ';', ':']);
        (clause || !small) && !ends_small(before)
    }
}

/// Whether the next word would not have fitted on the line before `at`.
fn is_full(body: &[(&PageLine, u32)], at: usize) -> bool {
    let above = body[at - 1].0;
    let margin = body[at.saturating_sub(8)..(at + 8).min(body.len())]
        .iter()
        .filter(|(line, _)| line.left < above.right && (line.size - above.size).abs() < 1.5)
        .map(|(line, _)| line.right)
        .fold(above.right, f64::max);
    let letters = above.text.chars().count().max(1) as f64;
    let width = (above.right - above.left) / letters;
    let word = body[at].0.text.split(' ').next().unwrap_or_default();
    let needed = (word.chars().count().min(40) + 1) as f64 * width;
    above.right + 1.1 * needed >= margin - 0.5 * width
}

fn ends(text: &str) -> bool {
    let marked = text.trim_end_matches(|c: char| c == MARK_END || c.is_ascii_digit());
    let text = if text.ends_with(MARK_END) {
        marked.trim_end_matches(MARK_START)
    } else {
        text
    };
    text.trim_end_matches(['"', '”', '’', ')', ']', '\''])
        .ends_with(['.', '!', '?', ';', ':'])
}

fn ends_small(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    SMALL_WORDS.contains(&last)
}

/// Whether a line begins with a bullet, "(a)", "1." or "iv)".
fn is_item(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    if text.starts_with(['•', '▪', '●', '◦', '‣', '■', '–', '—', '➢', '✓']) {
        return true;
    }
    let inner = word.trim_matches(['(', ')', '.', '[', ']']);
    let marked = word.len() > inner.len() && (word.ends_with(['.', ')', ']']));
    let short = inner.len() <= 4 && !inner.is_empty();
    let roman = inner.bytes().all(|b| b"ivxlIVXL".contains(&b));
    let number = inner.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // "2015." may end a wrapped sentence; no paragraph has that number.
    let letter = inner.len() <= 2 && inner.bytes().all(|b| b.is_ascii_alphabetic());
    marked && short && (roman || letter || (number && inner.len() <= 3 || inner.contains('.')))
}

/// The lines of the text and, at the foot of the page, those of the notes.
fn split_notes<'a>(page: &'a Page, habit: &Habit) -> (&'a [PageLine], &'a [PageLine]) {
    let small = |line: &PageLine| line.size < 0.95 * habit.size;
    let tail = page
        .lines
        .iter()
        .rposition(|line| !small(line))
        .map_or(0, |at| at + 1);
    let first = page.lines[tail..]
        .iter()
        .position(|line| note_mark(&line.text).is_some())
        .map(|at| tail + at)
        .filter(|&at| page.lines[at].y > 0.3 * page.height);
    match first {
        Some(at) => page.lines.split_at(at),
        None => (&page.lines, &[]),
    }
}

/// The mark of a footnote and its words: "1 See ...", "* Reissued ...".
fn note_mark(text: &str) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix(MARK_START) {
        let (mark, words) = rest.split_once(MARK_END)?;
        return Some((mark.into(), words.trim_start()));
    }
    let (mark, words) = text.split_once(' ')?;
    let figures = mark.len() <= 3 && mark.bytes().all(|b| b.is_ascii_digit());
    let sign = mark.len() <= 3 && mark.bytes().all(|b| b == b'*');
    let large = words.starts_with(|c: char| c.is_uppercase() || c == '“' || c == '"');
    ((figures || sign) && !mark.is_empty() && large).then(|| (mark.into(), words))
}

fn add_notes(lines: &[PageLine], page: u32, notes: &mut Vec<Note>) {
    let mut begun = false;
    for line in lines {
        match note_mark(&line.text) {
            Some((mark, words)) => {
                begun = true;
                notes.push(Note {
                    mark,
                    text: words.into(),
                    page,
                });
            }
            None => {
                if let Some(note) = notes.last_mut().filter(|_| begun) {
                    join(&mut note.text, &line.text, &HashSet::new());
                }
            }
        }
    }
}

/// All words of the text, by which hyphens at line ends are judged.
fn vocabulary(body: &[(&PageLine, u32)]) -> HashSet<String> {
    body.iter()
        .flat_map(|(line, _)| {
            let words: Vec<&str> = line.text.split(' ').collect();
            let whole = words
                .len()
                .saturating_sub(usize::from(line.text.ends_with('-')));
            words.into_iter().take(whole)
        })
        .map(bare)
        .collect()
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

/// Adds a line to what was before it.
fn join(text: &mut String, line: &str, words: &HashSet<String>) {
    let Some(stem) = text.strip_suffix('-').filter(|stem| {
        stem.ends_with(char::is_alphabetic) && line.starts_with(char::is_alphabetic)
    }) else {
        let dashed = text.ends_with('-') && text.len() > 1 && !text.ends_with(" -");
        if !text.is_empty() && !dashed {
            text.push(' ');
        }
        text.push_str(line);
        return;
    };
    let first = bare(stem.rsplit([' ', '-']).next().unwrap_or_default());
    let second = bare(line.split([' ', '-']).next().unwrap_or_default());
    let known = |word: String| words.contains(&word);
    let two_words = second.len() > 3 && words.contains(&first) && words.contains(&second);
    let kept = line.starts_with(char::is_uppercase)
        || known(format!("{first}-{second}"))
        || (!known(format!("{first}{second}"))
            && (two_words || PREFIXES.contains(&first.as_str())));
    if !kept {
        text.truncate(stem.len());
    }
    text.push_str(line);
}

impl PagedText {
    fn add(
        &mut self,
        paragraph: &WrappedParagraph<'_>,
        habit: &Habit,
        words: &HashSet<String>,
        marks: &HashSet<String>,
    ) {
        self.gap();
        let lines = &paragraph.lines;
        let large = lines.iter().all(|(line, _)| line.size > 1.15 * habit.size);
        let letters: usize = lines.iter().map(|(line, _)| line.text.len()).sum();
        let closed = lines
            .last()
            .is_some_and(|(line, _)| line.text.ends_with(['.', ',', ';']));
        let mut text = String::new();
        let mut pages: Vec<(usize, u32)> = Vec::new();
        for (line, page) in lines {
            let line = resolved(&line.text, marks);
            let before = text.len();
            join(&mut text, line.trim(), words);
            if pages.last().is_none_or(|(_, last)| last != page) {
                pages.push((before.min(text.len()), *page));
            }
        }
        let written = if large && letters <= 200 && !closed {
            format!("# {text}")
        } else {
            escape_marks(&text)
        };
        self.text.push_str(&written);
        let start = self.text.len() - text.len();
        for (at, page) in pages {
            self.turn(start + at, page);
        }
    }

    /// Puts the number of the document before its title.
    pub fn name(&mut self, symbol: &str) {
        let (at, words) = if self.text.starts_with("# ") {
            (2, format!("{symbol}: "))
        } else {
            (0, format!("# {symbol}\n\n"))
        };
        self.text.insert_str(at, &words);
        for (start, _) in self.pages.iter_mut().filter(|(start, _)| *start > 0) {
            *start += words.len();
        }
    }

    fn add_note(&mut self, note: &Note) {
        self.gap();
        self.turn(self.text.len(), note.page);
        self.text.push_str(&format!("[^{}]: ", note.mark));
        self.text.push_str(&resolved(&note.text, &HashSet::new()));
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    fn turn(&mut self, at: usize, page: u32) {
        if self.pages.last().is_none_or(|(_, last)| *last != page) {
            self.pages.push((at, page));
        }
    }
}

/// Superscript figures as marks of notes where there is such a note, else as plain figures.
fn resolved(text: &str, notes: &HashSet<String>) -> String {
    if !text.contains(MARK_START) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for piece in text.split(MARK_START) {
        match piece.split_once(MARK_END) {
            Some((mark, rest)) => {
                if notes.contains(mark) {
                    out.push_str(&format!("[^{mark}]"));
                } else {
                    out.push_str(mark);
                }
                out.push_str(rest);
            }
            None => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, left: f64, y: f64, size: f64) -> PageLine {
        PageLine {
            text: text.into(),
            left,
            right: left + text.chars().count() as f64 * size * 0.5,
            y,
            size,
        }
    }

    fn page(number: u32, lines: Vec<PageLine>) -> Page {
        Page {
            number,
            height: 800.0,
            lines,
        }
    }

    #[test]
    fn wraps_and_hyphens_are_undone_and_pages_known() {
        let pages = [
            page(
                1,
                vec![
                    line("1. The Ministers welcomed the adop-", 86.0, 100.0, 10.0),
                    line("tion of the plan and the non-proli-", 70.0, 112.0, 10.0),
                    line("feration pledge of the region.", 70.0, 124.0, 10.0),
                    line("2. They asked all partners to share", 86.0, 136.0, 10.0),
                ],
            ),
            page(2, vec![line("the results of research.", 70.0, 100.0, 10.0)]),
        ];
        let read = paged_text(&pages);
        assert_eq!(
            read.text,
            "1. The Ministers welcomed the adoption of the plan and the non-proliferation pledge of the region.\n\n2. They asked all partners to share the results of research."
        );
        let second = read.text.find("the results").unwrap() - 1;
        assert_eq!(read.pages, [(0, 1), (second, 2)]);
    }

    #[test]
    fn footnotes_leave_the_text_and_keep_their_marks() {
        let pages = [page(
            1,
            vec![
                line(
                    "They recalled the Agenda,\u{2}1\u{3} which all",
                    70.0,
                    600.0,
                    10.0,
                ),
                line("States had adopted in 2015 by consen-", 70.0, 612.0, 10.0),
                line("sus.", 70.0, 624.0, 10.0),
                line(
                    "\u{2}1\u{3} Resolution 70/1 of the Assembly,",
                    70.0,
                    700.0,
                    8.0,
                ),
                line("annex.", 70.0, 710.0, 8.0),
            ],
        )];
        assert_eq!(
            paged_text(&pages).text,
            "They recalled the Agenda,[^1] which all States had adopted in 2015 by consensus.\n\n[^1]: Resolution 70/1 of the Assembly, annex."
        );
    }
}
