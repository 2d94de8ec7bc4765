//! Where the network and the rules differ: the one place that says whose name is kept.
//!
//! The network is told what the rules find, and learned when to believe them. What only the rules find, the network
//! has seen and left out: adding all of it again costs as much precision as it gains recall. So only that is added of
//! which the rules are certain.

use std::ops::Range;

use super::decode::TaggedName;
use super::words::Words;
use crate::analysis::entities::{Entity, EntityGrammar, EntityType, Mention, MentionSource};
use crate::document::Span;

/// The probability from which the network is believed against the rules, where both see a name but not the same one.
const SURE: f32 = 0.85;

/// The score of a name that only the rules see.
const RULES_ALONE: f32 = 0.75;

/// The mentions of a sentence, in order, none of which overlap.
///
/// 1. A name on whose words and type network and rules agree is kept, with the rules' word for what found it.
/// 2. A name that overlaps one of the rules, but has other words or another type, is kept from [`SURE`]; not where the
///    rules have precedence (see [`EntityGrammar::has_precedence`]).
/// 3. Any other name of the network is kept from `threshold`.
/// 4. A name that only the rules see is kept where they are certain (see [`EntityGrammar::is_certain`]).
///
/// What cannot be a name (see [`is_sound`]) is never kept. Sums are left to the money grammar.
pub(in crate::engines) fn join(
    text: &str,
    words: &Words,
    names: &[TaggedName],
    threshold: f32,
    rules: &[Entity],
    grammar: &EntityGrammar,
) -> Vec<Mention> {
    let mut kept: Vec<Mention> = names
        .iter()
        .filter(|name| name.entity_type != EntityType::Money)
        .flat_map(|name| {
            let marked =
                span_of(text, words, name).map(|span| grammar.marked(text, span, name.entity_type));
            let spans = marked.unwrap_or_default().into_iter();
            spans
                .filter(|span| !is_small(text, *span, name.entity_type))
                .filter_map(move |span| judged(text, span, name, threshold, rules))
        })
        .collect();
    for (at, rule) in rules.iter().enumerate() {
        let overlapping = overlapping(&kept, rule.span);
        let stays = match kept.get(overlapping.clone()).unwrap_or_default() {
            [] => grammar.is_certain(text, rules, at),
            [same] if same.span == rule.span => false,
            others => {
                grammar.has_precedence(text, rule)
                    && (others.iter().all(|other| rule.span.contains(other.span))
                        || others.iter().any(|other| covers_two(other, rules, at)))
            }
        };
        if stays {
            let mention = Mention {
                span: rule.span,
                entity_type: rule.entity_type,
                score: RULES_ALONE,
                source: rule.source,
            };
            kept.splice(overlapping, [mention]);
        }
    }
    kept
}

/// The mentions of a sentence by a network that knows nothing of the rules, nor of our guide.
#[cfg(feature = "rust-bert")]
pub(in crate::engines) fn by_network(
    text: &str,
    words: &Words,
    names: &[TaggedName],
    threshold: f32,
) -> Vec<Mention> {
    names
        .iter()
        .filter(|name| name.entity_type != EntityType::Money)
        .filter_map(|name| judged(text, span_of(text, words, name)?, name, threshold, &[]))
        .collect()
}

/// The place of the mentions that overlap a span, of mentions in order.
fn overlapping(mentions: &[Mention], span: Span) -> Range<usize> {
    let first = mentions.partition_point(|mention| mention.span.end <= span.start);
    let end = mentions.partition_point(|mention| mention.span.start < span.end);
    first..end.max(first)
}

/// Whether a name of the network is two that the rules tell apart: "resolutions 678 (1990) and 687 (1991)".
fn covers_two(name: &Mention, rules: &[Entity], at: usize) -> bool {
    let is_second = |other: Option<&Entity>| {
        other.is_some_and(|other| {
            other.entity_type == name.entity_type && name.span.contains(other.span)
        })
    };
    is_second(rules.get(at))
        && (is_second(rules.get(at + 1)) || at > 0 && is_second(rules.get(at - 1)))
}

/// The bytes of a name.
fn span_of(text: &str, words: &Words, name: &TaggedName) -> Option<Span> {
    let first = words.words.get(name.words.start)?;
    let last = words.words.get(name.words.end.checked_sub(1)?)?;
    Some(trimmed(text, Span::new(first.span.start, last.span.end)))
}

/// Whether the words have neither a capital nor a number, though the text writes capitals: no name is written so.
fn is_small(text: &str, span: Span, entity_type: EntityType) -> bool {
    let is_mark = |c: char| c.is_uppercase() || c.is_numeric();
    entity_type != EntityType::Date
        && !span.of(text).contains(is_mark)
        && text.contains(char::is_uppercase)
}

/// A name of the network as a mention, if it is sure enough for what the rules say of its words.
fn judged(
    text: &str,
    span: Span,
    name: &TaggedName,
    threshold: f32,
    rules: &[Entity],
) -> Option<Mention> {
    // Both are in order: only the few rules that touch the name are looked at.
    let from = rules.partition_point(|rule| rule.span.end <= span.start);
    let rules = rules.get(from..).unwrap_or_default();
    let mut touching = rules.iter().take_while(|rule| rule.span.start < span.end);
    let (source, least) = match touching.next() {
        None => (MentionSource::Model, threshold),
        Some(rule) if rule.span == span && rule.entity_type == name.entity_type => {
            (rule.source, 0.0)
        }
        Some(_) => (MentionSource::Model, threshold.max(SURE)),
    };
    (name.probability >= least && is_sound(span.of(text))).then_some(Mention {
        span,
        entity_type: name.entity_type,
        score: name.probability,
        source,
    })
}

/// Without what annotators leave outside a name: a possessive, and punctuation at either end that is not part of it.
fn trimmed(text: &str, span: Span) -> Span {
    let mut words = span.of(text);
    loop {
        let before = words.len();
        words = words.trim_end_matches(|c: char| c.is_whitespace() || ",;:!?\"'”’".contains(c));
        for possessive in ["'s", "’s"] {
            words = words.strip_suffix(possessive).unwrap_or(words);
        }
        if !ends_abbreviated(words) {
            words = words.trim_end_matches('.');
        }
        if words.len() == before {
            break;
        }
    }
    let end = span.start + words.len();
    let words = words.trim_start_matches(|c: char| c.is_whitespace() || ",.;:\"'“‘".contains(c));
    Span::new(end - words.len(), end)
}

/// Whether words can be a name at all: more than an article or a pointer, with brackets in pairs, not cut at a hyphen.
fn is_sound(words: &str) -> bool {
    const POINTERS: [&str; 7] = ["a", "an", "the", "this", "that", "these", "those"];
    let count = |bracket: char| words.matches(bracket).count();
    !words.is_empty()
        && !POINTERS
            .iter()
            .any(|pointer| words.eq_ignore_ascii_case(pointer))
        && count('(') == count(')')
        && count('[') == count(']')
        && !words.ends_with(['-', '\u{2010}', '\u{2011}'])
}

/// Whether a full stop at the end belongs to the last word: "U.S.", "Lim Jr.", "Acme Corp.".
fn ends_abbreviated(words: &str) -> bool {
    let last = words.rsplit(char::is_whitespace).next().unwrap_or_default();
    last.strip_suffix('.').is_some_and(|stem| {
        stem.contains('.')
            || stem.chars().count() == 1
            || matches!(stem, "Jr" | "Sr" | "Inc" | "Ltd" | "Co" | "Corp")
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::{Casing, Word};
    use super::*;

    /// Words at white space, one piece each.
    fn words(text: &str) -> Words {
        let mut words = Words::default();
        for word in text.split(' ') {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            let piece = words.pieces.len();
            words.pieces.push(0);
            words.words.push(Word {
                span: Span::new(start, start + word.len()),
                pieces: piece..piece + 1,
                casing: Casing::Lower,
                rule_tag: 0,
            });
        }
        words
    }

    fn rule(start: usize, end: usize, entity_type: EntityType) -> Entity {
        Entity {
            span: Span::new(start, end),
            entity_type,
            canonical: String::new(),
            code: None,
            score: 0.9,
            source: MentionSource::Gazetteer,
        }
    }

    fn guess(start: usize, end: usize, entity_type: EntityType) -> Entity {
        Entity {
            source: MentionSource::Pattern,
            ..rule(start, end, entity_type)
        }
    }

    /// What is kept of "Ministers of Finland met" with `Finland` read as GPE at this probability.
    fn kept(probability: f32, rules: &[Entity]) -> Vec<MentionSource> {
        let text = "Ministers of Finland met";
        let name = TaggedName {
            words: 2..3,
            entity_type: EntityType::Gpe,
            probability,
        };
        let grammar = EntityGrammar::embedded().unwrap();
        let joined = join(text, &words(text), &[name], 0.6, rules, &grammar);
        assert!(
            joined
                .iter()
                .all(|mention| mention.span.of(text) == "Finland")
        );
        joined.into_iter().map(|mention| mention.source).collect()
    }

    #[test]
    fn precedence() {
        let (agreeing, other_type, longer) = (
            rule(13, 20, EntityType::Gpe),
            guess(13, 20, EntityType::Org),
            guess(0, 20, EntityType::Gpe),
        );
        assert_eq!(kept(0.3, &[agreeing]), [MentionSource::Gazetteer]);
        assert_eq!(kept(0.7, &[]), [MentionSource::Model]);
        assert_eq!(kept(0.5, &[]), []);
        assert_eq!(kept(0.7, &[other_type]), []);
        assert_eq!(kept(0.7, std::slice::from_ref(&longer)), []);
        assert_eq!(kept(0.9, &[longer]), [MentionSource::Model]);
        assert_eq!(
            kept(0.7, &[guess(0, 9, EntityType::Org)]),
            [MentionSource::Model]
        );
    }

    #[test]
    fn what_the_rules_are_certain_of_stays() {
        let text = "Ministers of Finland met";
        let grammar = EntityGrammar::embedded().unwrap();
        let joined = |rule: Entity| join(text, &words(text), &[], 0.6, &[rule], &grammar);
        let kept = joined(rule(13, 20, EntityType::Gpe));
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].span, Span::new(13, 20));
        assert!(joined(guess(0, 9, EntityType::Org)).is_empty());
    }

    #[test]
    fn fragments_are_no_names() {
        for words in [
            "",
            "The",
            "those",
            "Group of Seven (G7",
            "Forum]",
            "Indo-",
            "Asia\u{2011}",
        ] {
            assert!(!is_sound(words), "{words}");
        }
        assert!(is_sound("The Hague") && is_sound("Treaty of Lisbon (2007)"));
    }

    #[test]
    fn names_are_trimmed_as_annotators_do() {
        for (words, name) in [
            ("Japan's", "Japan"),
            ("Japan’s ", "Japan"),
            ("\"Pacific Step-up\",", "Pacific Step-up"),
            ("Oslo.", "Oslo"),
            ("U.S.", "U.S."),
            ("U.S.'s", "U.S."),
            ("Washington, D.C.,", "Washington, D.C."),
            ("...", ""),
            ("'s", ""),
        ] {
            assert_eq!(
                trimmed(words, Span::new(0, words.len())).of(words),
                name,
                "{words}"
            );
        }
    }
}
