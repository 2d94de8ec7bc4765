//! Short forms that a document defines itself: "International Atomic Energy Agency (IAEA)", "ROK (Republic of Korea)".
//!
//! The match of letters to words follows A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying
//! abbreviation definitions in biomedical text", Pacific Symposium on Biocomputing 2003, held to the first letters of
//! words, which is how names are shortened.

use std::collections::HashSet;

use super::gazetteer::{Gazetteer, KnownName};
use super::mention::{EntityType, Mention, MentionSource, add_without_overlaps};
use super::roles::WordRoles;
use super::token::{self, Token, TokenShape, TokenizedSentence};
use crate::document::Span;

/// A name and its short form, both spans of one sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    pub long: Span,
    pub short: Span,
}

/// Marks both sides of each definition in a sentence, with the type that either side is known by.
pub(super) fn complete(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    mentions: &mut Vec<Mention>,
    no_names: &mut HashSet<u64>,
) {
    let acronym = |span, entity_type| Mention {
        span,
        entity_type,
        score: 0.9,
        source: MentionSource::Acronym,
    };
    let mut found = Vec::new();
    for definition in by_letters(sentence, roles) {
        let known = |span: Span| {
            ending_at(mentions, span.end)
                .filter(|mention| mention.span == span)
                .map(|mention| mention.entity_type)
        };
        let entity_type = known(definition.long)
            .or_else(|| head_type(sentence, roles, definition.long))
            .or_else(|| known(definition.short));
        match entity_type {
            Some(entity_type)
                if sentence.is_capitalised(sentence.token_at(definition.long.start)) =>
            {
                if !matches!(entity_type, EntityType::Date | EntityType::Money) {
                    found.push(acronym(definition.long, entity_type));
                    found.push(acronym(definition.short, entity_type));
                }
            }
            // "small modular reactors (SMRs)" names nothing, nor does SMRs further on.
            _ => {
                no_names.insert(token::key(definition.short.of(sentence.text)));
            }
        }
    }
    add_without_overlaps(mentions, found);
    // A bracketed short form takes the type of the name before it.
    let found = by_place(sentence, mentions)
        .into_iter()
        .filter_map(|definition| {
            let entity_type = ending_at(mentions, definition.long.end)?.entity_type;
            let has_short_forms = !matches!(
                entity_type,
                EntityType::Date | EntityType::Money | EntityType::Norp | EntityType::Person
            );
            has_short_forms.then(|| acronym(definition.short, entity_type))
        })
        .collect();
    add_without_overlaps(mentions, found);
}

/// Tells the rest of the document the short forms that a sentence defines.
pub(super) fn tell(sentence: &TokenizedSentence<'_>, mentions: &[Mention], told: &mut Gazetteer) {
    for definition in by_place(sentence, mentions) {
        let Some(long) = ending_at(mentions, definition.long.end) else {
            continue;
        };
        let name = KnownName::new(long.entity_type, definition.long.of(sentence.text));
        told.add(name, [definition.short.of(sentence.text)]);
    }
}

/// Marks unexplained capitals as bodies, which they usually are.
pub(super) fn guess(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    no_names: &HashSet<u64>,
    mentions: &mut Vec<Mention>,
) {
    let mut found = Vec::new();
    for (at, token) in sentence.tokens.iter().enumerate() {
        let word = sentence.word(at);
        let plausible = token.shape == TokenShape::Acronym
            && (3..=8).contains(&word.len())
            && word.chars().all(|c| c.is_ascii_alphabetic())
            && !roles.is_not_acronym(token.key)
            && !roles.is_function(token.key)
            && !no_names.contains(&token.key);
        let is_joined = token.glued && at > 0 && sentence.word(at - 1) == "-"
            || sentence.word(at + 1) == "-"
                && sentence.is_glued(at + 2)
                && sentence.shape(at + 2) == Some(TokenShape::Number);
        let is_acronym = |index| sentence.shape(index) == Some(TokenShape::Acronym);
        let is_lone = !is_acronym(at.wrapping_sub(1)) && !is_acronym(at + 1);
        if plausible && !is_joined && is_lone && !covers(mentions, token.span) {
            found.push(Mention::by_pattern(token.span, EntityType::Org, 0.4));
        }
    }
    mentions.append(&mut found);
}

/// Definitions whose long side is a mention that ends right before the bracket.
pub(super) fn by_place(sentence: &TokenizedSentence<'_>, mentions: &[Mention]) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for (open, short) in bracketed(sentence) {
        let Some(before) = open.checked_sub(1).and_then(|i| sentence.tokens.get(i)) else {
            continue;
        };
        let Some(long) = ending_at(mentions, before.span.end).map(|mention| mention.span) else {
            continue;
        };
        if is_short_for(short.of(sentence.text), long.of(sentence.text)) {
            definitions.push(Definition { long, short });
        }
    }
    definitions
}

/// The mention that ends at a byte, of mentions in the order of the text that do not overlap.
fn ending_at(mentions: &[Mention], end: usize) -> Option<&Mention> {
    let index = mentions.partition_point(|mention| mention.span.end < end);
    mentions
        .get(index)
        .filter(|mention| mention.span.end == end)
}

/// Whether one of the mentions shares a byte with the span.
fn covers(mentions: &[Mention], span: Span) -> bool {
    let index = mentions.partition_point(|mention| mention.span.end <= span.start);
    mentions
        .get(index)
        .is_some_and(|mention| mention.span.overlaps(span))
}

/// The short forms in brackets, each with the index of its opening bracket.
fn bracketed<'a>(sentence: &'a TokenizedSentence<'_>) -> impl Iterator<Item = (usize, Span)> + 'a {
    sentence
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.shape == TokenShape::Mark)
        .filter_map(|(open, _)| {
            if sentence.word(open) != "(" {
                return None;
            }
            let mut first = open + 1;
            while matches!(sentence.word(first), "“" | "\"" | "‘" | "'" | "the") {
                first += 1;
            }
            let mut last = first;
            let closes = |at| matches!(sentence.word(at), ")" | "”" | "\"" | "’" | "'" | "," | ";");
            while last < first + 4 && sentence.is_glued(last + 1) && !closes(last + 1) {
                last += 1;
            }
            let span = sentence.span(first, last);
            let word = span.of(sentence.text);
            let capitals = word.chars().filter(|c| c.is_uppercase()).count();
            (closes(last + 1)
                && capitals >= 2
                && word.len() <= 14
                && !word.contains(char::is_whitespace)
                && word.starts_with(char::is_alphanumeric))
            .then_some((open, span))
        })
}

/// Whether the letters of `short` come, in order, in the words of `long`, the first at its start.
fn is_short_for(short: &str, long: &str) -> bool {
    let mut letters = short
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .peekable();
    if short.len() >= long.len() {
        return false;
    }
    let mut long_letters = long.chars().flat_map(char::to_lowercase);
    let mut total = 0_usize;
    let mut missed = 0_usize;
    let text: Vec<char> = long_letters.by_ref().collect();
    let mut at = 0;
    while let Some(letter) = letters.next() {
        total += 1;
        match text
            .get(at..)
            .and_then(|rest| rest.iter().position(|&c| c == letter))
        {
            Some(found) => at += found + 1,
            None if letter == 's' && letters.peek().is_none() => {}
            None => missed += 1,
        }
    }
    // A short form may have one more letter, for its country or body: "UNSCR".
    total >= 2 && missed * 4 <= total
}

/// Definitions whose letters are the first letters of the words beside the bracket.
fn by_letters(sentence: &TokenizedSentence<'_>, roles: &WordRoles) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for (open, short) in bracketed(sentence) {
        let letters: Vec<char> = short
            .of(sentence.text)
            .chars()
            .filter(|c| c.is_alphabetic())
            .flat_map(char::to_lowercase)
            .collect();
        if letters.len() < 3 {
            continue;
        }
        if let Some(first) = words_before(sentence, open, &letters, roles) {
            // "the Agency's (IAEA) mandate"
            let ends = sentence.tokens.get(first..open).unwrap_or_default();
            let last = ends
                .iter()
                .rposition(|token| token.shape != TokenShape::Mark)
                .unwrap_or(0);
            definitions.push(Definition {
                long: sentence.span(first, first + last),
                short,
            });
        }
    }
    definitions
}

/// The first of the words before token `open` whose first letters are `letters`; small words may be skipped.
fn words_before(
    sentence: &TokenizedSentence<'_>,
    open: usize,
    letters: &[char],
    roles: &WordRoles,
) -> Option<usize> {
    let mut left = letters.len();
    let mut at = open;
    for _ in 0..letters.len() * 3 {
        at = at.checked_sub(1)?;
        let token = sentence.tokens.get(at)?;
        if token.shape == TokenShape::Mark {
            if matches!(
                sentence.word(at),
                "-" | "–" | "," | "&" | "’" | "'" | "/" | "’s" | "'s"
            ) {
                continue;
            }
            return None;
        }
        let initial = sentence
            .word(at)
            .chars()
            .next()
            .and_then(|c| c.to_lowercase().next())?;
        let wanted = *letters.get(left.checked_sub(1)?)?;
        let is_small = roles.is_function(token.key) && token.shape == TokenShape::Lower;
        // A small word lends its letter only when it must: "ROK" is "Republic of Korea".
        if initial == wanted {
            left -= 1;
            if left == 0 {
                return Some(at);
            }
        } else if !is_small {
            return None;
        }
    }
    None
}

/// The type of the last head word of a span.
fn head_type(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    span: Span,
) -> Option<EntityType> {
    let tokens = sentence.tokens_of(span);
    // "Ministry of Unification": what stands before "of" heads the name.
    let stop = tokens
        .iter()
        .position(|token| token.shape == TokenShape::Lower)
        .unwrap_or(tokens.len());
    let heads = |part: &[Token]| {
        part.iter()
            .rev()
            .find_map(|token| roles.head_type(token.key))
    };
    heads(tokens.get(tokens.len().saturating_sub(1)..)?)
        .or_else(|| heads(tokens.get(..stop)?))
        .or_else(|| heads(tokens))
}
