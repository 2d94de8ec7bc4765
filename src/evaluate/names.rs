//! How many of the names are found that training has shown, and how many of the others?

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::gold::GoldSentence;
use crate::analysis::entities::EntityType;
use crate::document::Span;

/// How many annotated names were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Recall {
    /// How many are annotated.
    pub gold: usize,
    /// How many of them were found: type and both ends.
    pub found: usize,
    /// The share that was found, from 0 to 1; none where none is annotated.
    pub recall: Option<f64>,
}

impl Recall {
    fn add(&mut self, is_found: bool) {
        self.gold += 1;
        self.found += usize::from(is_found);
        self.recall = Some(self.found as f64 / self.gold as f64);
    }
}

/// Recall of the names of one type. A name is *seen* when its words are a name of the same type in the training
/// sentences, whatever the case and the white space.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameRecall {
    /// The entity type; `all` for all of them.
    pub label: String,
    /// Of the names that training has shown.
    pub seen: Recall,
    /// Of the others.
    pub unseen: Recall,
}

/// A row of the table: type, then number and recall of seen and of unseen names.
impl fmt::Display for NameRecall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |of: Recall| {
            of.recall
                .map_or("-".into(), |recall| format!("{recall:.3}"))
        };
        let Self {
            label,
            seen,
            unseen,
        } = self;
        write!(
            f,
            "{label:<12}{:>10}{:>8}{:>8}{:>8}",
            seen.gold,
            share(*seen),
            unseen.gold,
            share(*unseen)
        )
    }
}

/// The names of training, and how many of the annotated names were found.
pub(super) struct NamesInTraining {
    known: HashSet<(EntityType, String)>,
    of_type: BTreeMap<EntityType, [Recall; 2]>,
    of_all: [Recall; 2],
}

impl NamesInTraining {
    pub fn new(training: &[GoldSentence]) -> Self {
        let names = training.iter().flat_map(|sentence| {
            let of = |(span, entity_type): &(Span, EntityType)| {
                (*entity_type, normal(span.of(&sentence.text)))
            };
            sentence.entities.iter().map(of)
        });
        Self {
            known: names.collect(),
            of_type: BTreeMap::new(),
            of_all: Default::default(),
        }
    }

    /// Counts the names of an annotated sentence, given the entities `found` in it. Dates and sums are no names.
    pub fn add(&mut self, sentence: &GoldSentence, found: &[(Span, EntityType)]) {
        for entity in &sentence.entities {
            let (span, entity_type) = *entity;
            if matches!(entity_type, EntityType::Date | EntityType::Money) {
                continue;
            }
            let name = (entity_type, normal(span.of(&sentence.text)));
            let is_found = found.contains(entity);
            let of_type = self.of_type.entry(entity_type).or_default();
            for [seen, unseen] in [of_type, &mut self.of_all] {
                if self.known.contains(&name) {
                    seen.add(is_found);
                } else {
                    unseen.add(is_found);
                }
            }
        }
    }

    /// Recall per type that is annotated, and last of all.
    pub fn recall(&self) -> Vec<NameRecall> {
        let of_type = self.of_type.iter();
        let rows = of_type.map(|(entity_type, recall)| (entity_type.label(), recall));
        rows.chain([("all", &self.of_all)])
            .map(|(label, [seen, unseen])| NameRecall {
                label: label.into(),
                seen: *seen,
                unseen: *unseen,
            })
            .collect()
    }
}

/// The words of a name, in lower case, with one space between.
fn normal(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::gold::gold_line;
    use super::*;
    use crate::analysis::themes::Taxonomy;

    #[test]
    fn names_of_training_are_seen_whatever_their_case() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let line = |text: &str| gold_line(&format!("a.1\tNONE\t{text}"), &taxonomy).unwrap();
        let training = [
            line("[[GPE|NORWAY]] thanked the [[ORG|Nordic  Council]] on [[DATE|3 May 2021]]."),
            line("[[PERSON|Jordan]] spoke."),
        ];
        let gold = line(
            "[[GPE|Norway]], [[GPE|Jordan]] and the [[ORG|Nordic Council]] met in [[GPE|Tromsø]] on [[DATE|3 May 2021]].",
        );
        // Norway and the council are found, Jordan as a person, Tromsø not at all.
        let mut found = vec![gold.entities[0], gold.entities[2]];
        found.push((gold.entities[1].0, EntityType::Person));
        let mut names = NamesInTraining::new(&training);
        names.add(&gold, &found);
        let rows = names.recall();
        let shown: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let shown: Vec<Vec<&str>> = shown
            .iter()
            .map(|row| row.split_whitespace().collect())
            .collect();
        assert_eq!(
            shown,
            [
                ["ORG", "1", "1.000", "0", "-"],
                ["GPE", "1", "1.000", "2", "0.000"],
                ["all", "2", "1.000", "2", "0.000"],
            ]
        );
        assert_eq!(rows[1].unseen.recall, Some(0.0));
    }
}
