//! A text becomes a head and blocks: what a reader sees at a glance.

use regex::RegexSet;
use serde::Deserialize;

use super::blocks;
use super::dateline::{DatelineReader, PlaceWords, Signature};
use super::dates::{DateReader, DateWords};
use super::headings::{self, HeadingWords};
use super::lines::lines;
use super::shapes::Shapes;
use super::{Block, DateSource, Head, Kind};
use crate::{Error, Result};

const FILE: &str = "models/structure.toml";

/// `models/structure.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub dates: DateWords,
    pub place: PlaceWords,
    pub heading: HeadingWords,
    pub clause: Openings,
    pub boilerplate: Vec<Pattern>,
    pub footnote: Vec<Pattern>,
    pub signature: Vec<Pattern>,
    pub signatory: Vec<Pattern>,
    pub date_line: Vec<Pattern>,
}

/// Words that clauses of a preamble or an operative part begin with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Openings {
    pub openings: Vec<String>,
}

/// A pattern of a whole line, with lines that it matches and lines that it does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pattern {
    pattern: String,
    #[cfg_attr(not(test), allow(dead_code))]
    examples: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code))]
    not: Vec<String>,
}

impl Rules {
    /// The rules compiled into the program.
    pub fn embedded() -> Result<Self> {
        toml::from_str(include_str!("../../models/structure.toml"))
            .map_err(|error| Error::data(FILE, error))
    }
}

/// The patterns as one set; each must match a whole line, or only its beginning when `whole` is false.
pub(super) fn pattern_set(patterns: &[Pattern], whole: bool) -> Result<RegexSet> {
    let end = if whole { "$" } else { "" };
    RegexSet::new(
        patterns
            .iter()
            .map(|p| format!("(?i)^(?:{}){end}", p.pattern)),
    )
    .map_err(|error| Error::data(FILE, error))
}

/// What a document shows before its sentences are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// Title, date, place and source.
    pub head: Head,
    /// The blocks in order. Together they hold every visible character, save Markdown marks and rules.
    pub blocks: Vec<Block>,
}

/// The rules that find titles, datelines, paragraphs, headings, lists, footnotes and boilerplate.
#[derive(Debug)]
pub struct StructureRules {
    shapes: Shapes,
    headings: HeadingWords,
    datelines: DatelineReader,
    dates: DateReader,
}

impl StructureRules {
    /// The rules of `models/structure.toml`.
    ///
    /// # Errors
    ///
    /// When the data compiled in cannot be read.
    pub fn embedded() -> Result<Self> {
        let rules = Rules::embedded()?;
        Ok(Self {
            shapes: Shapes::new(&rules)?,
            datelines: DatelineReader::new(&rules)?,
            dates: DateReader::new(&rules.dates)?,
            headings: rules.heading,
        })
    }

    /// The reader of dates that these rules use.
    pub const fn dates(&self) -> &DateReader {
        &self.dates
    }

    /// The head and the blocks of `text`.
    ///
    /// `markdown` says whether marks such as `#` and `>` are syntax; `file_stem` is the file's name without its
    /// extension, the last place where a date is looked for. Spans are byte spans of `text`.
    pub fn read(&self, text: &str, markdown: bool, file_stem: &str) -> Structure {
        let lines = self.shapes.read(text, &lines(text), markdown);
        let mut drafts = blocks::assemble(text, &lines, &self.shapes);
        headings::mark(text, &mut drafts, &self.headings);
        let mut head = Head::default();
        let title = drafts
            .iter()
            .position(|draft| matches!(draft.kind, Kind::Heading | Kind::Sentence | Kind::ListItem))
            .filter(|&at| drafts[at].kind == Kind::Heading);
        head.title = title.map(|at| drafts[at].span);

        let mut dated = Vec::new();
        if let Some((at, end, line)) = self.datelines.opening(text, &drafts, &self.dates) {
            let (before, after) = drafts[at].split_at(text, end);
            drafts.splice(at..=at, std::iter::once(before).chain(after));
            dated.push((DateSource::Dateline, line.date));
            head.place = line.place;
            head.source = line.source;
        }
        if let Some(Signature { date, place }) =
            self.datelines.signature(text, &mut drafts, &self.dates)
        {
            dated.push((DateSource::Signature, date));
            head.place = head.place.or(place);
        }
        if let Some(line) = self.datelines.date_line(text, &mut drafts, &self.dates) {
            dated.push((DateSource::DateLine, line.date));
            head.place = head.place.or(line.place);
        }
        let in_title = head
            .title
            .and_then(|title| self.dates.first(title.of(text)));
        dated.push((DateSource::Title, in_title.map(|(_, date)| date)));
        // File names join their words with underscores, which would hide the edges of a date.
        let in_name = self.dates.first(&file_stem.replace('_', " "));
        dated.push((DateSource::FileName, in_name.map(|(_, date)| date)));
        head.date = dated
            .into_iter()
            .find_map(|(source, date)| Some((date?, source)));

        Structure {
            blocks: blocks::finish(&drafts, head.title),
            head,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_matches_its_examples_and_nothing_it_should_not() {
        let rules = Rules::embedded().unwrap();
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
