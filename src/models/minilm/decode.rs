//! From a score a word and tag to names: the likeliest sequence of tags that is allowed (Viterbi, 1967).

use std::ops::Range;

use super::labels::Tag;
use crate::analysis::entities::EntityType;

/// A name as a range of words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    /// Its words.
    pub words: Range<usize>,
    /// What it names.
    pub entity_type: EntityType,
    /// The probability of its least certain word, 0 to 1.
    pub probability: f32,
}

/// Makes probabilities of the logits of every word, in place: `logits` holds one row of `tags` values a word.
pub(super) fn softmax(logits: &mut [f32], tags: usize) {
    for row in logits.chunks_exact_mut(tags.max(1)) {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for value in row.iter_mut() {
            *value = (*value - most).exp();
        }
        let sum: f32 = row.iter().sum();
        for value in row {
            *value /= sum;
        }
    }
}

/// The names of a sentence, in order, from the probabilities of the tags: one row of `tags.len()` values a word.
///
/// A word inside a name follows only a word of a name of the same type. Among the sequences that are allowed, that of
/// the largest product is taken; of equals, that whose tags come first.
pub(super) fn names(probabilities: &[f32], tags: &[Tag]) -> Vec<Name> {
    let path = best_path(probabilities, tags);
    let mut names: Vec<Name> = Vec::new();
    for (word, (tag, row)) in path.iter().zip(probabilities.chunks_exact(tags.len())).enumerate() {
        let probability = row.get(*tag).copied().unwrap_or(0.0);
        match (tags.get(*tag), names.last_mut()) {
            (Some(Tag::Begin(entity_type)), _) => names.push(Name {
                words: word..word + 1,
                entity_type: *entity_type,
                probability,
            }),
            (Some(Tag::Inside(_)), Some(name)) => {
                name.words.end = word + 1;
                name.probability = name.probability.min(probability);
            }
            _ => {}
        }
    }
    names
}

/// The place of one tag a word.
fn best_path(probabilities: &[f32], tags: &[Tag]) -> Vec<usize> {
    let count = tags.len();
    // For every tag, the tags that may stand before it, as places; any of them before all but an inside.
    let before: Vec<Option<Vec<usize>>> = tags
        .iter()
        .map(|tag| match tag {
            Tag::Outside | Tag::Begin(_) => None,
            Tag::Inside(entity_type) => Some(
                (0..count)
                    .filter(|&other| {
                        [Tag::Begin(*entity_type), Tag::Inside(*entity_type)].contains(&tags[other])
                    })
                    .collect(),
            ),
        })
        .collect();
    let mut scores = vec![0.0f32; count];
    let mut came_from = Vec::with_capacity(probabilities.len());
    for (word, row) in probabilities.chunks_exact(count.max(1)).enumerate() {
        let best_of = |places: &mut dyn Iterator<Item = usize>| {
            places.fold((0, f32::NEG_INFINITY), |best, place| {
                if scores[place] > best.1 { (place, scores[place]) } else { best }
            })
        };
        let best = best_of(&mut (0..count));
        let next: Vec<(usize, f32)> = before
            .iter()
            .zip(row)
            .map(|(allowed, probability)| {
                // Never zero: a product of zeros would make all sequences equal.
                let own = probability.max(f32::MIN_POSITIVE).ln();
                match allowed {
                    None => (best.0, best.1 + own),
                    Some(_) if word == 0 => (0, f32::NEG_INFINITY),
                    Some(places) => {
                        let (place, score) = best_of(&mut places.iter().copied());
                        (place, score + own)
                    }
                }
            })
            .collect();
        came_from.extend(next.iter().map(|(place, _)| *place));
        // Over a hundred thousand words the sums would lose their last digits: only differences count.
        let most = next.iter().map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max);
        scores = next.iter().map(|(_, score)| score - most).collect();
    }
    let mut last = (0..count)
        .fold((0, f32::NEG_INFINITY), |best, place| {
            if scores[place] > best.1 { (place, scores[place]) } else { best }
        })
        .0;
    let mut path: Vec<usize> = came_from
        .chunks_exact(count.max(1))
        .rev()
        .map(|row| {
            let tag = last;
            last = row[tag];
            tag
        })
        .collect();
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use EntityType::{Gpe, Org};

    const TAGS: [Tag; 5] = [
        Tag::Outside,
        Tag::Begin(Org),
        Tag::Inside(Org),
        Tag::Begin(Gpe),
        Tag::Inside(Gpe),
    ];

    fn found(mut logits: Vec<f32>) -> Vec<(Range<usize>, EntityType)> {
        softmax(&mut logits, TAGS.len());
        let names = names(&logits, &TAGS);
        names.into_iter().map(|name| (name.words, name.entity_type)).collect()
    }

    #[test]
    fn an_inside_that_nothing_begins_is_repaired() {
        // The likeliest tags, word by word: inside ORG, inside ORG, outside.
        let repaired = found(vec![
            0.0, 3.0, 4.0, 0.0, 0.0, //
            0.0, 0.0, 5.0, 0.0, 0.0, //
            9.0, 0.0, 0.0, 0.0, 0.0,
        ]);
        assert_eq!(repaired, [(0..2, Org)]);
    }

    #[test]
    fn a_name_does_not_change_its_type_midway() {
        let steady = found(vec![
            0.0, 5.0, 0.0, 4.0, 0.0, //
            0.0, 0.0, 3.0, 0.0, 3.5,
        ]);
        assert_eq!(steady, [(0..2, Org)]);
    }

    #[test]
    fn the_least_certain_word_gives_the_probability() {
        let probabilities = [0.1, 0.9, 0.0, 0.0, 0.0, 0.3, 0.0, 0.7, 0.0, 0.0];
        let found = names(&probabilities, &TAGS);
        assert_eq!(found.len(), 1);
        assert!((found[0].probability - 0.7).abs() < 1e-6);
    }

    #[test]
    fn two_names_side_by_side_stay_two() {
        let two = found(vec![0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0]);
        assert_eq!(two, [(0..1, Gpe), (1..2, Gpe)]);
        assert_eq!(found(vec![]), []);
    }

    proptest! {
        #[test]
        fn names_are_in_order_whatever_the_network_says(
            logits in prop::collection::vec(prop::num::f32::ANY, 0..200)
        ) {
            let words = logits.len() / TAGS.len();
            let names = found(logits);
            let mut end = 0;
            for (range, _) in names {
                prop_assert!(end <= range.start && range.start < range.end && range.end <= words);
                end = range.end;
            }
        }
    }
}
