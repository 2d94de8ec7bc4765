//! Which short lines without a stop are headings, and which are names, closings or sentences that lost their stop.

use super::blocks::{Draft, ends_sentence, ends_with_small_word, is_capitals};

use super::shapes::Shape;
use super::words::HeadingWords;
use crate::document::Kind;
use crate::text::is_blank;

/// The longest heading, in bytes; a title may be twice as long.
const LONGEST: usize = 200;

/// Marks the drafts that are headings, in a document that has something to stand under them.
pub(super) fn mark(text: &str, drafts: &mut [Draft], words: &HeadingWords) {
    let likely: Vec<bool> = drafts
        .iter()
        .map(|draft| words.is_heading(draft, draft.span.of(text)))
        .collect();
    // Nothing after the last prose can be a heading: names, places, a closing word.
    let last = drafts.iter().zip(&likely).rposition(|(draft, likely)| {
        !likely && matches!(draft.kind, Kind::Sentence | Kind::ListItem)
    });
    let Some(last) = last else { return };
    let opening = drafts
        .iter()
        .position(|draft| draft.kind != Kind::Boilerplate)
        .unwrap_or_default();
    for at in 0..last {
        let draft = &drafts[at];
        let is_title =
            at == opening && draft.shape == Shape::Text && words.is_title(draft.span.of(text));
        let stands_alone = match draft.shape {
            Shape::Numbered => {
                let is_listed = |at: usize| drafts[at].shape == Shape::Numbered && likely[at];
                !is_listed(at + 1) && (at == 0 || !is_listed(at - 1))
            }
            _ => at < 12 || is_capitals(draft.span.of(text)) || !in_run(drafts, &likely, at),
        };
        if is_title || (likely[at] && stands_alone) {
            drafts[at].kind = Kind::Heading;
        }
    }
}

/// Whether a draft is one of three or more such lines with no empty line between them: names, an address, verse.
fn in_run(drafts: &[Draft], likely: &[bool], at: usize) -> bool {
    let joined = |at: usize| drafts[at].gap == 0 && likely[at] && at > 0 && likely[at - 1];
    let after = (at + 1..drafts.len())
        .take(3)
        .take_while(|&at| joined(at))
        .count();
    let before = (at.saturating_sub(1)..=at)
        .rev()
        .take_while(|&at| joined(at))
        .count();
    before + after >= 2
}

impl HeadingWords {
    /// Whether the first block of a document is its title although it is long.
    fn is_title(&self, line: &str) -> bool {
        let asks = line.ends_with('?')
            && line.len() < LONGEST
            && !line[..line.len() - 1].contains(['.', '?', '!']);
        // Old communiques end a title in capitals with a stop.
        let stopped = ends_sentence(line) && !is_capitals(line);
        line.len() <= 2 * LONGEST
            && begins_large(line)
            && (asks || !(stopped || line.ends_with([':', ';', ','])))
            && !self.opens_sentence(line)
            && !holds_end(line)
    }

    /// Whether a line could be a heading, whatever stands around it.
    fn is_heading(&self, draft: &Draft, line: &str) -> bool {
        if !matches!(draft.shape, Shape::Text | Shape::Numbered) || line.len() > LONGEST {
            return false;
        }
        // A row of a table is not a heading.
        if line.starts_with('|') {
            return false;
        }
        let line = line.trim_end_matches(['*', '_']);
        let said = line.trim_end_matches([')', ']', ':', ' ']);
        let stopped = (ends_sentence(line) || ends_sentence(said)) && !self.is_numbered_label(line);
        let broken = ends_with_small_word(said) && !is_capitals(said);
        if line.ends_with([';', ',', '–', '—', '-']) || broken || stopped {
            return false;
        }
        // What remains after the number is judged: "III. Security", "4.2 Trade".
        let title = line.trim_start_matches(|c: char| {
            c.is_ascii_digit()
                || matches!(c, '.' | '*' | '_' | '"' | '“' | '‘' | '\'' | '§' | '(')
                || is_blank(c)
        });
        if title.is_empty() || !begins_large(title) || self.opens_sentence(title) {
            return false;
        }
        let count = title
            .split(is_blank)
            .filter(|word| !word.is_empty())
            .count();
        if is_capitals(title) {
            return count <= 30;
        }
        let large = title.split(is_blank).filter(|word| word.len() > 3);
        let (total, small) = large.fold((0, 0), |(total, small), word| {
            (
                total + 1,
                small + usize::from(word.starts_with(char::is_lowercase)),
            )
        });
        let title_case = total > 0 && small * 4 <= total;
        // "Key outcomes:" is a heading, "2. Demands that all parties:" and "The leaders spoke about:" open a list.
        if line.ends_with(':') {
            let label = draft.shape == Shape::Text && count <= 4 && !title.starts_with("The ");
            return (label || title_case && count <= 8) && !self.has_verb(title);
        }
        match count {
            0..=4 => !self.has_plain_verb(title),
            _ if title_case => count <= 22,
            5..=9 => !self.has_verb(title),
            10..=14 => !self.has_verb(title) && draft.shape == Shape::Text,
            _ => false,
        }
    }

    fn is_numbered_label(&self, line: &str) -> bool {
        let mut parts = line.split(is_blank);
        let label = parts.next().unwrap_or_default().to_lowercase();
        self.labels.contains(&label) && parts.count() <= 2
    }

    fn opens_sentence(&self, line: &str) -> bool {
        let start: String = line.chars().take(40).flat_map(char::to_lowercase).collect();
        self.not_openings.iter().any(|opening| {
            start.strip_prefix(opening.as_str()).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .starts_with(|c: char| is_blank(c) || matches!(c, ',' | '\'' | '’' | '!'))
            })
        })
    }

    fn has_verb(&self, line: &str) -> bool {
        line.split(|c: char| !c.is_alphanumeric())
            .any(|word| self.verbs.contains(word))
    }

    /// In three or four words only the small verbs make a sentence: "Trade is growing".
    fn has_plain_verb(&self, line: &str) -> bool {
        line.split(is_blank).any(|word| {
            matches!(
                word,
                "is" | "are" | "was" | "were" | "will" | "has" | "have"
            )
        })
    }
}

/// Whether a sentence ends inside a line: a stop after a word that is too long for an abbreviation.
fn holds_end(line: &str) -> bool {
    line.match_indices(". ").any(|(at, _)| {
        let word = line[..at].rsplit(is_blank).next().unwrap_or_default();
        word.len() > 4 && word.bytes().skip(1).all(|b| b.is_ascii_lowercase())
    })
}

/// Whether the first letter or figure is not a small letter.
fn begins_large(line: &str) -> bool {
    line.chars()
        .find(|c| c.is_alphanumeric())
        .is_some_and(|c| !c.is_lowercase())
}
