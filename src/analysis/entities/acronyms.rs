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

/// How many words may stand between a name and its short form, "hereinafter referred to as the" among them.
const MOST_JOINTS: usize = 8;

/// Words that say that a short form follows.
const CONNECTING: [&str; 3] = ["hereinafter", "hereafter", "henceforth"];

/// A name and its short form, both spans of one sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    pub long: Span,
    pub short: Span,
}

/// Whether a sentence may define a short form: a quick look before a thorough one.
pub(super) fn may_define(text: &str) -> bool {
    text.contains('(') || CONNECTING.iter().any(|word| text.contains(word))
}

/// Marks both sides of each definition in a sentence, with the type that either side is known by.
pub(super) fn complete(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    lists: &Gazetteer,
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
    let found = by_place(sentence, mentions, lists)
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
pub(super) fn tell(
    sentence: &TokenizedSentence<'_>,
    mentions: &[Mention],
    lists: &Gazetteer,
    told: &mut Gazetteer,
) {
    for definition in by_place(sentence, mentions, lists) {
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
            && word.chars().all(|c| c.is_ascii_uppercase())
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

/// Definitions whose long side is a mention: it ends right before the short form, or fills the bracket after it.
pub(super) fn by_place(
    sentence: &TokenizedSentence<'_>,
    mentions: &[Mention],
    lists: &Gazetteer,
) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for place in short_forms(sentence) {
        let Some(long) = ending_at(mentions, place.long_end(sentence)).map(|mention| mention.span)
        else {
            continue;
        };
        let (short, name) = (place.short.of(sentence.text), long.of(sentence.text));
        let fits = match place.long_first {
            Some(first) => sentence.span(first, first).start == long.start,
            None => true,
        };
        if fits && is_short_for(short, name) && !is_short_for_end(short, name, lists) {
            let short = place.short;
            definitions.push(Definition { long, short });
        }
    }
    definitions
}

/// Whether a short form is that of the last part of a name, not of the whole: "Charter of the United Nations (UN)". Its
/// initials tell, or the lists.
fn is_short_for_end(short: &str, long: &str, lists: &Gazetteer) -> bool {
    let has_initials = |words: &[&str]| {
        let initials = |of: fn(&char) -> bool| -> String {
            let first = words.iter().filter_map(|word| word.chars().next());
            first.filter(of).collect()
        };
        initials(|c| c.is_uppercase()) == short || initials(|_| true).eq_ignore_ascii_case(short)
    };
    let known = |words: &str| {
        let types = [EntityType::Org, EntityType::Gpe, EntityType::Instrument];
        let mut known = types
            .into_iter()
            .filter_map(|of_type| lists.get(words, of_type));
        known.next().map(|name| &name.canonical)
    };
    let words: Vec<&str> = long.split_whitespace().collect();
    let is_small = |word: &str| word.starts_with(char::is_lowercase);
    let mut ends = (1..words.len()).filter(|&at| is_small(words[at - 1]) && !is_small(words[at]));
    let name = known(short);
    !has_initials(&words)
        && known(long).is_none_or(|whole| name != Some(whole))
        && ends.any(|at| {
            has_initials(&words[at..]) || name.is_some() && known(&words[at..].join(" ")) == name
        })
}

/// Makes one mention of a name with its short form inside: "Competitiveness and Resilience (CoRe) Partnership".
pub(super) fn close_brackets(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    lists: &Gazetteer,
    mentions: &mut Vec<Mention>,
) {
    let mut found = Vec::new();
    for definition in by_place(sentence, mentions, lists) {
        let after = sentence.token_at(definition.short.end) + 1;
        if sentence.word(after - 1) != ")" || sentence.is_glued(after) {
            continue;
        }
        let head = mentions.iter().find(|mention| {
            // "(ITSI) Fund for Peace": a name of its own, were it not for what stands before it.
            mention.span.start == sentence.span(after, after).start
        });
        let long = ending_at(mentions, definition.long.end);
        let last = head.map_or(after, |head| sentence.token_at(head.span.end) - 1);
        let entity_type = (after..=last)
            .rev()
            .find_map(|token| roles.head_type(sentence.key(token)));
        let goes_on = sentence.is_capitalised(after)
            || long.is_some_and(|long| long.entity_type == EntityType::Instrument)
                && roles.of(sentence.key(after)).ends_bracket;
        if let Some(entity_type) = entity_type.filter(|_| goes_on) {
            let end = sentence.span(last, last).end;
            let span = Span::new(definition.long.start, end);
            found.push(Mention {
                span,
                entity_type,
                score: long.map_or(0.7, |long| long.score),
                source: MentionSource::Acronym,
            });
        }
    }
    add_without_overlaps(mentions, found);
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

/// A short form, and where the name that it stands for is.
struct ShortForm {
    short: Span,
    /// The token after the last of the name.
    long_stop: usize,
    /// The first token of the name, where it fills a bracket.
    long_first: Option<usize>,
}

impl ShortForm {
    /// The byte at which the name ends.
    fn long_end(&self, sentence: &TokenizedSentence<'_>) -> usize {
        let last = self.long_stop.checked_sub(1);
        last.map_or(0, |last| sentence.span(last, last).end)
    }
}

/// The short forms that a sentence may define: "... Agency (IAEA)", "... Commission, hereinafter JBC", "ROK (Republic of
/// Korea)".
fn short_forms(sentence: &TokenizedSentence<'_>) -> Vec<ShortForm> {
    let mut forms = Vec::new();
    if !may_define(sentence.text) {
        return forms;
    }
    for at in 0..sentence.tokens.len() {
        match sentence.word(at) {
            "(" => {
                forms.extend(short_after(sentence, at, at + 1));
                forms.extend(short_before(sentence, at));
            }
            word if CONNECTING.contains(&word) && sentence.word(at.wrapping_sub(1)) != "(" => {
                let comma = usize::from(sentence.word(at.wrapping_sub(1)) == ",");
                forms.extend(short_after(sentence, at - comma, at));
            }
            _ => {}
        }
    }
    forms
}

/// The short form that stands at a token, quotes and words like "hereinafter referred to as the" aside; the name ends
/// before `long_stop`.
fn short_after(sentence: &TokenizedSentence<'_>, long_stop: usize, at: usize) -> Option<ShortForm> {
    let mut first = at;
    let is_joint = |word: &str| {
        const JOINTS: [&str; 11] = [
            "“",
            "\"",
            "‘",
            "'",
            "the",
            "referred",
            "to",
            "as",
            "called",
            "known",
            "abbreviated",
        ];
        JOINTS.contains(&word) || CONNECTING.contains(&word)
    };
    while first < at + MOST_JOINTS && is_joint(sentence.word(first)) {
        first += 1;
    }
    let mut last = first;
    let closes = |at| {
        at >= sentence.tokens.len()
            || matches!(
                sentence.word(at),
                ")" | "”" | "\"" | "’" | "'" | "," | ";" | "."
            )
    };
    while last < first + 4 && sentence.is_glued(last + 1) && !closes(last + 1) {
        last += 1;
    }
    let is_bracket = sentence.word(long_stop) == "(";
    let closed = closes(last + 1) || !is_bracket && !sentence.is_glued(last + 1);
    let short = sentence.span(first, last);
    (closed && is_short(short.of(sentence.text))).then_some(ShortForm {
        short,
        long_stop,
        long_first: None,
    })
}

/// The short form right before an opening bracket that holds words.
fn short_before(sentence: &TokenizedSentence<'_>, open: usize) -> Option<ShortForm> {
    let before = open.checked_sub(1)?;
    let short = sentence.span(before, before);
    let close = (open + 3..open + 14).find(|&at| sentence.word(at) == ")")?;
    let is_defined = sentence.shape(before) == Some(TokenShape::Acronym)
        && sentence.is_capitalised(open + 1)
        && is_short(short.of(sentence.text));
    is_defined.then_some(ShortForm {
        short,
        long_stop: close,
        long_first: Some(open + 1),
    })
}

fn is_short(word: &str) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    capitals >= 2
        && word.len() <= 14
        && !word.contains(char::is_whitespace)
        && word.starts_with(char::is_alphanumeric)
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

/// Definitions whose letters are the first letters of the words of a name.
fn by_letters(sentence: &TokenizedSentence<'_>, roles: &WordRoles) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for place in short_forms(sentence) {
        let letters: Vec<char> = place
            .short
            .of(sentence.text)
            .chars()
            .filter(|c| c.is_alphabetic())
            .flat_map(char::to_lowercase)
            .collect();
        if letters.len() < 3 {
            continue;
        }
        if let Some(first) = words_before(sentence, place.long_stop, &letters, roles)
            && place.long_first.is_none_or(|wanted| wanted == first)
        {
            // "the Agency's (IAEA) mandate"
            let ends = sentence
                .tokens
                .get(first..place.long_stop)
                .unwrap_or_default();
            let last = ends
                .iter()
                .rposition(|token| token.shape != TokenShape::Mark)
                .unwrap_or(0);
            definitions.push(Definition {
                long: sentence.span(first, first + last),
                short: place.short,
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
