//! Where does a sentence end?
//!
//! A stop is judged by the word before it (an abbreviation, an initial, the number of a list item), by what closes
//! after it (quotes, brackets, footnote marks) and by the word that follows. The cases are those that Palmer and
//! Hearst (1997, "Adaptive Multilingual Sentence Boundary Disambiguation") and Read et al. (2012, "Sentence Boundary
//! Detection: A Long Solved Problem?") describe; the rules are our own.

mod enclosures;
mod lists;
mod scan;

use enclosures::enclosures;
use lists::MarkStyle;
use scan::{closers_end, is_label_alone, next_stop, notes_end, stops_end, word_before};

use crate::Result;
use crate::document::{AbbreviationClass, Abbreviations, Block, Kind, Sentence, Span};
use crate::text::is_blank;

/// Addresses are looked at no further than this on either side of a stop, in bytes.
const LONGEST_ADDRESS: usize = 200;

/// Divides blocks into sentences.
#[derive(Debug)]
pub struct SentenceSplitter {
    abbreviations: Abbreviations,
}

/// A stop with everything around it that bears on whether a sentence ends there.
struct Stop<'t> {
    /// The block's text.
    text: &'t str,
    /// Where the sentence that may end here begins.
    from: usize,
    /// The first and one past the last byte of the stops themselves: ".", "?!", ". . .".
    start: usize,
    end: usize,
    /// One past the last byte of closing quotes, brackets and footnote marks.
    closed: usize,
    /// Where the next words begin.
    next: usize,
}

impl SentenceSplitter {
    /// A splitter with the lists of `models/abbreviations.txt`.
    ///
    /// # Errors
    ///
    /// When the data compiled in cannot be read.
    pub fn embedded() -> Result<Self> {
        Ok(Self {
            abbreviations: Abbreviations::embedded()?,
        })
    }

    /// The sentences of all blocks, in order; a sentence never crosses a block and every block has at least one.
    ///
    /// Headings, datelines and boilerplate are not divided. Spans are byte spans of `text`.
    pub fn split(&self, text: &str, blocks: &[Block]) -> Vec<Sentence> {
        let mut sentences = Vec::with_capacity(blocks.len() * 2);
        for block in blocks {
            let words = block.span.of(text);
            let starts = match block.kind {
                Kind::Heading | Kind::Dateline | Kind::Boilerplate => Vec::new(),
                Kind::Sentence | Kind::ListItem | Kind::Footnote => self.starts(words),
            };
            let ends = starts.iter().copied().chain([words.len()]);
            let mut from = 0;
            for to in ends {
                let span = Span::new(from, to).shifted(block.span.start).trimmed(text);
                if !span.is_empty() {
                    sentences.push(Sentence {
                        span,
                        kind: block.kind,
                        paragraph: block.paragraph,
                        section: block.section,
                        language: block.language.clone(),
                    });
                }
                from = to;
            }
        }
        sentences
    }

    /// Where the second and every further sentence of `text` begins.
    fn starts(&self, text: &str) -> Vec<usize> {
        let mut starts = Vec::new();
        if !text.contains(['.', '!', '?', '…', '。', '．', '！', '？', '｡', '؟', '।']) {
            return lists::items(text);
        }
        let enclosed = enclosures(text);
        let mut enclosed = enclosed.iter().copied().peekable();
        let mut from = 0;
        let mut at = 0;
        while let Some(start) = next_stop(text, at) {
            let end = stops_end(text, start);
            at = end;
            while enclosed.next_if(|&(_, close)| close <= start).is_some() {}
            let inside = enclosed
                .peek()
                .is_some_and(|&(open, close)| open < start && end < close);
            let closed = closers_end(text, end);
            if inside && enclosed.peek().is_some_and(|&(_, close)| closed < close) {
                continue;
            }
            let closed = notes_end(text, start, closed);
            let next = text.len() - text[closed..].trim_start_matches(is_blank).len();
            if next == text.len() {
                break;
            }
            at = closed;
            let stop = Stop {
                text,
                from,
                start,
                end,
                closed,
                next,
            };
            if let Some(boundary) = self.boundary(&stop).filter(|&boundary| boundary > from) {
                starts.push(boundary);
                from = boundary;
                at = at.max(boundary);
            }
        }
        with_items(text, starts)
    }

    /// Where the next sentence begins, if one ends at this stop.
    fn boundary(&self, stop: &Stop<'_>) -> Option<usize> {
        let text = stop.text;
        let stops = &text[stop.start..stop.end];
        if stops.starts_with(['。', '！', '？', '｡', '؟', '।']) {
            return Some(stop.next);
        }
        if stop.next == stop.closed {
            return self.is_glued_end(stop).then_some(stop.next);
        }
        let dots = stops.bytes().filter(|&b| b == b'.').count();
        if dots > 1 || stops.contains('…') {
            return self.ellipsis(stop, dots);
        }
        let next = Next::of(&text[stop.next..]);
        if next
            .first
            .is_some_and(|c| matches!(c, ',' | ';' | ':' | ')' | ']' | '.' | '!' | '?'))
            || self.is_closing_aside(stop)
        {
            return None;
        }
        if stops.contains(['!', '?']) {
            return (!next.is_lower() || next.is_camel()).then_some(stop.next);
        }
        self.full_stop(stop, &next)
    }

    /// The boundary at a single full stop with white space after it.
    fn full_stop(&self, stop: &Stop<'_>, next: &Next<'_>) -> Option<usize> {
        let text = stop.text;
        let here = Some(stop.next);
        let word = word_before(text, stop.from, stop.start);
        let sentence = lists::after_bullets(&text[stop.from..stop.start]);
        // "12. We welcome", "(a). The", "Q. What": a number alone is not a sentence.
        if is_label_alone(sentence) {
            return None;
        }
        if let Some(item) = self.item_start(stop, word) {
            return Some(item);
        }
        let opened = stop.closed > stop.end;
        // "Amb. (ret.) Kim": one word in brackets is not a sentence.
        if text[stop.end..stop.closed].starts_with(')')
            && text[stop.from..stop.start - word.len()].ends_with('(')
        {
            return None;
        }
        if lists::opens_enclosed_item(&text[stop.next..])
            && self.abbreviations.class(word).is_none()
        {
            return here;
        }
        if next.is_lower() {
            return (!opened && self.is_lower_start(stop, word, next)).then_some(stop.next);
        }
        let upper = next.is_upper();
        let Some(class) = self.abbreviations.class(word) else {
            return here;
        };
        let starter = || {
            self.abbreviations.is_starter(next.word)
                // "the U.S. Most Favored Nation rate", "the U.S. Under Secretary".
                && !(self.abbreviations.is_weak_starter(next.word) && next.second().is_some_and(char::is_uppercase))
        };
        let ends = match class {
            AbbreviationClass::Title => false,
            AbbreviationClass::Number => !self.is_number(&text[stop.next..]),
            AbbreviationClass::Clause => upper,
            AbbreviationClass::Name if next.is_bullet() => true,
            AbbreviationClass::Name => upper && (starter() || self.is_part_label(stop, word)),
            AbbreviationClass::Time => upper && !self.goes_on_after_time(stop, next),
        };
        if ends { here } else { None }
    }

    /// Whether a small letter begins a sentence all the same: "iPhone", the item of a list, a plain slip of the pen.
    fn is_lower_start(&self, stop: &Stop<'_>, word: &str, next: &Next<'_>) -> bool {
        if self
            .abbreviations
            .class(word)
            .is_some_and(|class| class != AbbreviationClass::Clause)
        {
            return false;
        }
        if next.is_camel() {
            return true;
        }
        let rest = &stop.text[stop.next..];
        if let Some(mark) = lists::mark(rest) {
            return lists::next_item(&rest[mark.len..], mark, false).is_some();
        }
        let plain = word.len() > 4 && word.bytes().all(|b| b.is_ascii_lowercase());
        plain
            && next.word.len() > 2
            && self.abbreviations.is_starter(next.word)
            && !matches!(
                next.word,
                "and" | "but" | "for" | "nor" | "yet" | "from" | "with" | "into"
            )
    }

    /// Where the next item of a list begins, when the word before the stop is its number: "1. Trade 2. Aid".
    fn item_start(&self, stop: &Stop<'_>, word: &str) -> Option<usize> {
        let closers = &stop.text[stop.end..stop.closed];
        if word.len() > 3 || !matches!(closers, "" | ")") {
            return None;
        }
        let start = stop.start - word.len();
        let this = lists::mark(&stop.text[start..])?;
        let before =
            stop.text[..start].trim_end_matches(|c: char| is_blank(c) || lists::is_bullet(c));
        if before.len() <= stop.from {
            return None;
        }
        // A bullet before the number is clear enough.
        if stop.text[before.len()..start].contains(lists::is_bullet) {
            return Some(before.len());
        }
        // The clauses of a resolution run on: "...; 2. Urges ...; and 3. Decides ...".
        let clause = before
            .strip_suffix(" and")
            .map_or(before, str::trim_end)
            .ends_with([';', ':']);
        if clause && matches!(this.style, MarkStyle::NumberStop | MarkStyle::NumberBoth) {
            return Some(before.len());
        }
        let first = lists::mark(lists::after_bullets(&stop.text[stop.from..]))?;
        if this.style != first.style || !(this.ordinal == first.ordinal + 1 || this.ordinal == 1) {
            return None;
        }
        let previous = word_before(before, stop.from, before.len());
        let is_letter = word.starts_with(|c: char| c.is_ascii_lowercase());
        let names_part = self.abbreviations.is_label(previous)
            || !is_letter
                && (self.abbreviations.is_starter(previous)
                    || self.abbreviations.class(previous).is_some()
                    || self.abbreviations.is_zone(previous)
                    || matches!(previous, "than" | "is" | "was"));
        (!names_part).then_some(before.len())
    }

    /// "Annex B. The", "Chapter V. Members": the letter before the stop is not an initial.
    fn is_part_label(&self, stop: &Stop<'_>, word: &str) -> bool {
        let before = stop.text[..stop.start - word.len()].trim_end_matches(is_blank);
        before.len() > stop.from
            && self
                .abbreviations
                .is_label(word_before(before, stop.from, before.len()))
    }

    /// Whether what follows "p.m." belongs to the same sentence.
    fn goes_on_after_time(&self, stop: &Stop<'_>, next: &Next<'_>) -> bool {
        if self.abbreviations.is_zone(next.word) {
            return true;
        }
        // "6 p.m. New York time", "10 a.m. Canberra time".
        let mut following = next
            .rest
            .split(is_blank)
            .filter(|word| !word.is_empty())
            .take(4);
        if following.any(|word| {
            matches!(
                word.trim_matches(|c: char| !c.is_alphabetic()),
                "time" | "Time"
            )
        }) {
            return true;
        }
        let mut before = stop.text[stop.from..stop.start]
            .split(is_blank)
            .filter(|word| !word.is_empty());
        let opening = before.next().unwrap_or_default().to_lowercase();
        before.count() <= 3
            && matches!(
                opening.as_str(),
                "at" | "by"
                    | "on"
                    | "around"
                    | "about"
                    | "from"
                    | "before"
                    | "after"
                    | "until"
                    | "since"
            )
    }

    /// Whether the words begin with a number, a numeral, a letter or another word that stands before a number.
    fn is_number(&self, words: &str) -> bool {
        let first = words.trim_start_matches(['(', '[', '#', '§', '°', '*', '_']);
        if first.len() < words.len()
            && first.starts_with(char::is_alphanumeric)
            && !words.starts_with(['*', '_'])
        {
            return true;
        }
        if first.starts_with(|c: char| c.is_numeric()) {
            return true;
        }
        let token = first
            .split(|c: char| is_blank(c) || matches!(c, ',' | ';' | ')'))
            .next()
            .unwrap_or_default();
        let word = token.trim_end_matches(|c: char| !c.is_alphanumeric());
        let numeral =
            word.len() < 8 && !word.is_empty() && word.bytes().all(|b| b"IVXLCDM".contains(&b));
        let letter =
            word.len() == 1 && word != "A" && word.starts_with(|c: char| c.is_ascii_uppercase());
        let coded = word.len() < 48 && word.bytes().any(|b| b.is_ascii_digit());
        numeral
            || letter
            || coded
            || (token.ends_with('.')
                && self.abbreviations.class(word) == Some(AbbreviationClass::Number))
    }

    /// Whether a bracket that closes the whole text follows: "... to the people. (Applause.)".
    fn is_closing_aside(&self, stop: &Stop<'_>) -> bool {
        let rest = &stop.text[stop.next..];
        rest.starts_with('(')
            && rest.len() < 120
            && rest.ends_with(')')
            && rest.matches('(').count() == 1
            && !is_label_alone(&rest[..rest.find(is_blank).unwrap_or(rest.len())])
    }

    /// Whether a sentence ends although no white space follows the stop: "ended.The".
    fn is_glued_end(&self, stop: &Stop<'_>) -> bool {
        let text = stop.text;
        let next = Next::of(&text[stop.next..]);
        let mut following = next.rest.chars();
        let large = following.next().is_some_and(char::is_uppercase);
        let bracketed = next.first.is_some_and(|c| matches!(c, '(' | '[' | '{'));
        if !large
            || bracketed
            || !following.next().is_some_and(char::is_lowercase)
            || stop.closed - stop.start > 8
        {
            return false;
        }
        let word = word_before(text, stop.from, stop.start);
        let ends_word = word
            .chars()
            .next_back()
            .is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
            || (word.is_empty() && text[..stop.start].ends_with([')', ']', '”', '"']));
        let long = word.is_empty()
            || word.len() > 2
            || self.abbreviations.is_starter(next.word)
            || stop.closed > stop.end
            || word.ends_with(|c: char| c.is_ascii_digit());
        if !ends_word || !long || self.abbreviations.class(word).is_some() {
            return false;
        }
        // An address or the name of a file goes on: "ministry.Trade.example", "www.Ministry", "office@Trade".
        let near = text
            .floor_char_boundary(stop.start.saturating_sub(LONGEST_ADDRESS))
            .max(stop.from);
        let head = text[near..stop.start]
            .rsplit(is_blank)
            .next()
            .unwrap_or_default();
        let far = text.floor_char_boundary(stop.next + LONGEST_ADDRESS);
        let tail = text[stop.next..far]
            .split(is_blank)
            .next()
            .unwrap_or_default();
        let (tail, beyond) = tail
            .find(['.', '!', '?'])
            .map_or((tail, ""), |at| (&tail[..at], &tail[at + 1..]));
        let is_address = |part: &str| {
            part.contains(['@', '/', '\\', '_']) || part.starts_with("www.") || part.contains("://")
        };
        let goes_on = beyond.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
        !is_address(head) && !is_address(tail) && !goes_on
    }

    /// The boundary at three dots or more, or at "…".
    fn ellipsis(&self, stop: &Stop<'_>, dots: usize) -> Option<usize> {
        let text = stop.text;
        let next = Next::of(&text[stop.next..]);
        if !(next.is_upper() || next.is_bullet())
            || next.word == "I"
            || next.word.starts_with("I'")
            || next.word.starts_with("I’")
        {
            return None;
        }
        let spaced = text[stop.start..stop.end].contains(is_blank);
        if text[..stop.start].ends_with(['[', '(']) {
            return None;
        }
        let apart = text[..stop.start].ends_with(is_blank) || stop.start == stop.from;
        if spaced && dots == 4 && !apart && stop.closed == stop.end {
            // The first dot ends the sentence; the other three open the next one.
            let rest = &text[stop.start + 1..];
            return Some(text.len() - rest.trim_start_matches(is_blank).len());
        }
        let ends = if apart && dots < 4 {
            self.abbreviations.is_starter(next.word) && stop.start != stop.from
        } else {
            true
        };
        ends.then_some(stop.next)
    }
}

/// The words after a stop.
struct Next<'t> {
    /// The first character.
    first: Option<char>,
    /// The text from the first letter or figure on.
    rest: &'t str,
    /// The first word, without what stands before and after it.
    word: &'t str,
}

impl<'t> Next<'t> {
    fn of(text: &'t str) -> Self {
        let rest = text.trim_start_matches(|c: char| {
            matches!(
                c,
                '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '{' | '*' | '_' | '¿' | '¡' | '„'
            )
        });
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
            .unwrap_or(rest.len());
        Self {
            first: text.chars().next(),
            rest,
            word: &rest[..end],
        }
    }

    fn letter(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The first character of the second word.
    fn second(&self) -> Option<char> {
        self.rest[self.word.len()..]
            .trim_start_matches(is_blank)
            .chars()
            .next()
    }

    /// "eBay", "iPhone": the small letter is how the name is written.
    fn is_camel(&self) -> bool {
        let mut letters = self.word.chars();
        letters.next().is_some_and(char::is_lowercase)
            && letters.next().is_some_and(char::is_uppercase)
            && letters.next().is_some()
    }

    fn is_lower(&self) -> bool {
        self.letter().is_some_and(char::is_lowercase)
    }

    fn is_upper(&self) -> bool {
        self.letter()
            .is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
    }

    fn is_bullet(&self) -> bool {
        self.letter().is_some_and(lists::is_bullet)
    }
}

/// The starts with those of list items among them.
fn with_items(text: &str, starts: Vec<usize>) -> Vec<usize> {
    let mut all = Vec::with_capacity(starts.len());
    let mut from = 0;
    for to in starts.into_iter().chain([text.len()]) {
        let items = lists::items(&text[from..to]);
        all.extend(items.into_iter().map(|item| from + item));
        if to < text.len() {
            all.push(to);
        }
        from = to;
    }
    all
}

#[cfg(test)]
mod tests;
