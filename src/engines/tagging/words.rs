//! Text to what the network reads: words, the pieces they are made of, and how they are written.

use std::ops::Range;

use tokenizers::{Encoding, Tokenizer};

use crate::analysis::entities::Entity;
use crate::document::Span;

use super::{Tag, position};

/// Longer texts are cut into pieces at white space before they are split into words: white space ends a word anyway,
/// and the memory of the tokenizer is some hundred bytes for every byte of text.
const STRETCH: usize = 1 << 13;

/// A word or a punctuation mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engines) struct Word {
    /// Bytes of its sentence.
    pub span: Span,
    /// Its word pieces, by place in [`Words::pieces`]; never empty.
    pub pieces: Range<usize>,
    /// How it is written; what the network gets in place of BERT's token type, as its vocabulary has no capitals.
    pub casing: Casing,
    /// What the rules say of it, by place among the tags.
    pub rule_tag: usize,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines) enum Casing {
    /// No capital: "peace", "2030".
    Lower = 0,
    /// One capital, the first letter: "Seoul".
    Capitalised = 1,
    /// Capitals only, two or more: "NATO".
    Upper = 2,
    /// Anything else: "McKinley", "SDGs".
    Mixed = 3,
}

impl Casing {
    fn of(word: &str) -> Self {
        let (mut capitals, mut small, mut first_is_capital) = (0, 0, false);
        for c in word.chars() {
            if c.is_uppercase() {
                first_is_capital |= capitals + small == 0;
                capitals += 1;
            } else if c.is_lowercase() {
                small += 1;
            }
        }
        match (capitals, small) {
            (0, _) => Self::Lower,
            (1, _) if first_is_capital => Self::Capitalised,
            (_, 0) => Self::Upper,
            _ => Self::Mixed,
        }
    }
}

/// The words of one sentence.
#[derive(Debug, Default)]
pub(in crate::engines) struct Words {
    /// In the order of the text, without overlaps.
    pub words: Vec<Word>,
    /// The vocabulary's ids of all pieces, word by word.
    pub pieces: Vec<i32>,
}

impl Words {
    /// Splits a sentence into words at white space and around every punctuation mark.
    ///
    /// # Errors
    /// When the tokenizer fails; `tokenizer.json` names the normaliser, splitter and vocabulary.
    pub fn split(text: &str, tokenizer: &Tokenizer) -> tokenizers::Result<Self> {
        let mut split = Self::default();
        for stretch in stretches(text) {
            split.add(text, stretch, tokenizer)?;
        }
        Ok(split)
    }

    fn add(&mut self, text: &str, stretch: Span, tokenizer: &Tokenizer) -> tokenizers::Result<()> {
        let line = stretch.of(text);
        let encoding = tokenizer.encode(line, false)?;
        let (ids, offsets) = (encoding.get_ids(), encoding.get_offsets());
        let numbers: Vec<usize> = (0..ids.len()).collect();
        for pieces in numbers.chunk_by(|a, b| !begins_word(line, &encoding, *a, *b)) {
            let pieces = pieces[0]..pieces[0] + pieces.len();
            let (Some(ids), Some([(start, _), ..]), Some([.., (_, end)])) = (
                ids.get(pieces.clone()),
                offsets.get(pieces.clone()),
                offsets.get(pieces),
            ) else {
                continue;
            };
            // Some tokenizers count the space before a word in.
            let word = Span::new(*start, *end).of(line);
            let start = start + word.len() - word.trim_start().len();
            let span = Span::new(start, start + word.trim().len()).shifted(stretch.start);
            // What the tokenizer puts elsewhere than on whole characters in order cannot be shown to anyone.
            let after_last = self
                .words
                .last()
                .is_none_or(|last| last.span.end <= span.start);
            if span.of(text).is_empty() || !after_last {
                continue;
            }
            let first = self.pieces.len();
            self.pieces.extend(ids.iter().map(|id| *id as i32));
            self.words.push(Word {
                span,
                pieces: first..self.pieces.len(),
                casing: Casing::of(span.of(text)),
                rule_tag: 0,
            });
        }
        Ok(())
    }

    /// Notes what the rules found: the first word that an entity touches begins it, the others are inside.
    pub fn mark(&mut self, entities: &[Entity], tags: &[Tag]) {
        for entity in entities {
            let touched = self.touched(entity.span);
            let mut tag = Tag::Begin(entity.entity_type);
            for word in self.words.get_mut(touched).into_iter().flatten() {
                word.rule_tag = position(tags, tag);
                tag = Tag::Inside(entity.entity_type);
            }
        }
    }

    /// The words that share at least one byte with `span`.
    pub fn touched(&self, span: Span) -> Range<usize> {
        let first = self
            .words
            .partition_point(|word| word.span.end <= span.start);
        let after = self
            .words
            .partition_point(|word| word.span.start < span.end);
        first..after.max(first)
    }
}

/// Whether a new word begins at piece `after`, which follows `before`: where the tokenizer says so, and around punctuation,
/// at which not every tokenizer splits.
fn begins_word(line: &str, encoding: &Encoding, before: usize, after: usize) -> bool {
    let (words, offsets) = (encoding.get_word_ids(), encoding.get_offsets());
    if words.get(before) != words.get(after) {
        return true;
    }
    let (Some(before), Some(after)) = (offsets.get(before), offsets.get(after)) else {
        return false;
    };
    let last = Span::new(before.0, before.1).of(line).chars().next_back();
    let first = Span::new(after.0, after.1).of(line).chars().next();
    // One sign may be several pieces.
    before.1 <= after.0 && (last.is_some_and(is_punctuation) || first.is_some_and(is_punctuation))
}

/// Punctuation and, of ASCII, every sign, as BERT has it; of the rest, what statements are written with.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '«' | '»')
}

/// A text cut at white space into stretches of some [`STRETCH`] bytes; a longer word is left whole.
fn stretches(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let least = rest.ceil_char_boundary(STRETCH);
        let length = rest
            .get(least..)
            .and_then(|after| after.find(char::is_whitespace))
            .map_or(rest.len(), |at| least + at);
        let stretch = Span::new(start, start + length);
        start = stretch.end;
        Some(stretch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casing_goes_by_letters_alone() {
        for (word, casing) in [
            ("peace", Casing::Lower),
            ("2030", Casing::Lower),
            ("平和", Casing::Lower),
            ("Seoul", Casing::Capitalised),
            ("A", Casing::Capitalised),
            ("3D", Casing::Capitalised),
            ("NATO", Casing::Upper),
            ("SDGs", Casing::Mixed),
            ("iPhone", Casing::Mixed),
            ("Élysée", Casing::Capitalised),
        ] {
            assert_eq!(Casing::of(word), casing, "{word}");
        }
    }

    #[test]
    fn stretches_are_cut_at_white_space_and_cover_the_text() {
        let prose = "sécurité ".repeat(5000);
        let unbroken = "平".repeat(10_000);
        for text in [prose.as_str(), &unbroken, "", "short"] {
            let spans: Vec<Span> = stretches(text).collect();
            let joined: String = spans.iter().map(|span| span.of(text)).collect();
            assert_eq!(joined, text);
            assert!(
                spans
                    .iter()
                    .skip(1)
                    .all(|span| span.of(text).starts_with(' '))
            );
        }
        assert_eq!(stretches(&unbroken).count(), 1);
        assert!(stretches(&prose).count() > 3);
    }
}
