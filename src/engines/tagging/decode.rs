//! From one score per word and tag to names: the likeliest sequence of tags that is allowed (Viterbi, 1967).

use std::ops::Range;

use super::Tag;
use crate::analysis::entities::EntityType;

/// A name as a range of words.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engines) struct TaggedName {
    /// Its words.
    pub words: Range<usize>,
    /// What it names.
    pub entity_type: EntityType,
    /// The probability of its least certain word, 0 to 1.
    pub probability: f32,
}

/// Makes probabilities of the logits of every word, in place: `logits` holds one row of `tags` values per word.
pub(in crate::engines) fn softmax(logits: &mut [f32], tags: usize) {
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

/// What it costs to go from one tag to the next, in log-probability.
#[derive(Debug)]
pub(in crate::engines) struct Transitions {
    tags: Vec<Tag>,
    /// One row per tag, one column per tag before it; infinite where it is not allowed.
    costs: Vec<f32>,
}

impl Transitions {
    /// A word inside a name follows only a word of a name of the same type. That a name begins right after another one
    /// of its type costs `adjacent`: there is nearly always one name, not two.
    pub fn new(tags: &[Tag], adjacent: f32) -> Self {
        Self::with_costs(tags, adjacent, f32::INFINITY)
    }

    /// For labels of others, some of which have no mark for the first word of a name, or only for the second of two
    /// names in a row: a word inside a name may also begin one.
    #[cfg(feature = "rust-bert")]
    pub fn lenient(tags: &[Tag]) -> Self {
        Self::with_costs(tags, 0.0, 0.0)
    }

    fn with_costs(tags: &[Tag], adjacent: f32, headless: f32) -> Self {
        let cost = |tag: Tag, before: Tag| match (tag, before) {
            (Tag::Begin(new), Tag::Begin(old) | Tag::Inside(old)) if new == old => adjacent,
            (Tag::Outside | Tag::Begin(_), _) => 0.0,
            (Tag::Inside(new), Tag::Begin(old) | Tag::Inside(old)) if new == old => 0.0,
            (Tag::Inside(_), _) => headless,
        };
        let costs = tags
            .iter()
            .flat_map(|tag| tags.iter().map(|before| cost(*tag, *before)));
        Self {
            costs: costs.collect(),
            tags: tags.to_vec(),
        }
    }

    /// The names of a sentence, in order, from the probabilities of the tags: one row of values per word.
    ///
    /// Among the sequences of tags that are allowed, the likeliest is taken; of equals, that whose tags come first.
    pub fn names(&self, probabilities: &[f32]) -> Vec<TaggedName> {
        let path = self.best_path(probabilities);
        let rows = probabilities.chunks_exact(self.tags.len().max(1));
        let mut names: Vec<TaggedName> = Vec::new();
        for (word, (tag, row)) in path.iter().zip(rows).enumerate() {
            let probability = row.get(*tag).copied().unwrap_or(0.0);
            match (self.tags.get(*tag), names.last_mut()) {
                (Some(Tag::Inside(inside)), Some(name))
                    if name.entity_type == *inside && name.words.end == word =>
                {
                    name.words.end = word + 1;
                    name.probability = name.probability.min(probability);
                }
                (Some(Tag::Begin(entity_type) | Tag::Inside(entity_type)), _) => {
                    names.push(TaggedName {
                        words: word..word + 1,
                        entity_type: *entity_type,
                        probability,
                    })
                }
                _ => {}
            }
        }
        names
    }

    /// The place of one tag per word.
    fn best_path(&self, probabilities: &[f32]) -> Vec<usize> {
        let count = self.tags.len().max(1);
        // Before the first word nothing is inside a name.
        let mut scores: Vec<f32> = vec![f32::NEG_INFINITY; count];
        scores[0] = 0.0;
        let mut came_from = Vec::with_capacity(probabilities.len());
        for row in probabilities.chunks_exact(count) {
            let mut next = Vec::with_capacity(count);
            for (costs, probability) in self.costs.chunks_exact(count).zip(row) {
                let (before, score) =
                    first_best(scores.iter().zip(costs).map(|(s, cost)| s - cost));
                came_from.push(before);
                // Never zero: a product of zeros would make all sequences equal.
                next.push(score + probability.max(f32::MIN_POSITIVE).ln());
            }
            // Over a hundred thousand words the sums would lose their last digits: only differences count.
            let (_, most) = first_best(next.iter().copied());
            scores = next.iter().map(|score| score - most).collect();
        }
        let (mut last, _) = first_best(scores.into_iter());
        let mut path: Vec<usize> = came_from
            .chunks_exact(count)
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
}

/// The largest score and its place, the first of equals; place 0 when there is none.
fn first_best(scores: impl Iterator<Item = f32>) -> (usize, f32) {
    scores
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (place, score)| {
            if score > best.1 { (place, score) } else { best }
        })
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
        let names = Transitions::new(&TAGS, 1.0).names(&logits);
        names
            .into_iter()
            .map(|name| (name.words, name.entity_type))
            .collect()
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
        let found = Transitions::new(&TAGS, 1.0).names(&probabilities);
        assert_eq!(found.len(), 1);
        assert!((found[0].probability - 0.7).abs() < 1e-6);
    }

    #[test]
    fn two_names_side_by_side_stay_two() {
        let two = found(vec![0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0]);
        assert_eq!(two, [(0..1, Gpe), (1..2, Gpe)]);
        assert_eq!(found(vec![]), []);
    }

    #[test]
    fn a_second_beginning_that_is_hardly_likelier_is_one_name() {
        let one = found(vec![0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 5.0, 4.5]);
        assert_eq!(one, [(0..2, Gpe)]);
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
