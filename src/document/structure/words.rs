//! `models/structure.toml` as it is written, and its patterns compiled.

use std::collections::HashSet;

use regex::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use crate::{Error, Result};

const FILE: &str = "models/structure.toml";

/// `models/structure.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StructureData {
    pub dates: DateWords,
    pub place: PlaceWords,
    pub heading: HeadingWords,
    pub clause: Openings,
    pub boilerplate: Vec<LinePattern>,
    pub footnote: Vec<LinePattern>,
    pub signature: Vec<LinePattern>,
    pub signatory: Vec<LinePattern>,
    pub date_line: Vec<LinePattern>,
}

/// Words that clauses of a preamble or an operative part begin with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Openings {
    pub openings: Vec<String>,
}

/// The words that dates are made of, as `models/structure.toml` lists them.
#[derive(Debug, Deserialize)]
pub(super) struct DateWords {
    /// Twelve months; each its full name, then its abbreviations.
    pub months: Vec<Vec<String>>,
    /// The months of calendars that may stand beside a date.
    pub foreign_months: Vec<String>,
    /// Patterns of the days of the week.
    pub weekdays: Vec<String>,
    /// Patterns of the thirty-one days written out, in order.
    pub ordinals: Vec<String>,
}

/// The parts of place names, as `models/structure.toml` lists them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceWords {
    pub capitals: HashSet<String>,
    pub small: HashSet<String>,
    pub not: HashSet<String>,
}

/// The words that tell a heading from a sentence, as `models/structure.toml` lists them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadingWords {
    pub not_openings: Vec<String>,
    pub verbs: HashSet<String>,
    pub labels: Vec<String>,
}

/// A pattern of a whole line, with lines that it matches and lines that it does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinePattern {
    pub pattern: String,
    #[cfg_attr(not(test), allow(dead_code))]
    pub examples: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code))]
    pub not: Vec<String>,
}

impl StructureData {
    /// The rules compiled into the program.
    pub fn embedded() -> Result<Self> {
        toml::from_str(include_str!("../../../models/structure.toml"))
            .map_err(|error| Error::data(FILE, error))
    }
}

/// The patterns as one set; each must match a whole line, or only its beginning when `whole` is false.
pub(super) fn pattern_set(patterns: &[LinePattern], whole: bool) -> Result<RegexSet> {
    let end = if whole { "$" } else { "" };
    // The fast engine of the regex crate gives up at Unicode word edges in texts with curly quotes; ASCII edges do here.
    let patterns = patterns
        .iter()
        .map(|p| p.pattern.replace(r"\b", r"(?-u:\b)"));
    RegexSetBuilder::new(patterns.map(|pattern| format!("(?i)^(?:{pattern}){end}")))
        .dfa_size_limit(16 << 20)
        .build()
        .map_err(|error| Error::data(FILE, error))
}

/// The words as one alternation, longer ones before those that begin them.
pub(super) fn longest_first<'w>(words: impl Iterator<Item = &'w String>) -> String {
    let mut words: Vec<&str> = words.map(String::as_str).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.join("|")
}

/// A regular expression out of the embedded data.
pub(super) fn compile(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| Error::data(FILE, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_matches_its_examples_and_nothing_it_should_not() {
        let rules = StructureData::embedded().unwrap();
        let groups = [
            (&rules.boilerplate, true),
            (&rules.footnote, true),
            (&rules.signatory, true),
            (&rules.date_line, true),
            (&rules.signature, false),
        ];
        for (patterns, whole) in groups {
            for pattern in patterns {
                let set = pattern_set(std::slice::from_ref(pattern), whole).unwrap();
                for line in &pattern.examples {
                    assert!(
                        set.is_match(line),
                        "{line:?} should match {}",
                        pattern.pattern
                    );
                }
                for line in &pattern.not {
                    assert!(
                        !set.is_match(line),
                        "{line:?} should not match {}",
                        pattern.pattern
                    );
                }
            }
        }
    }
}
