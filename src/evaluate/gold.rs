//! Annotated files: one sentence per line, with its themes and its marked entities.

use std::cmp::Reverse;
use std::path::Path;

use crate::analysis::entities::EntityType;
use crate::analysis::themes::Taxonomy;
use crate::document::Span;
use crate::error::{Error, Result};

/// The label of a sentence without theme in an annotated file.
const NO_THEME_CODE: &str = "NONE";

/// One annotated sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSentence {
    /// The document's id, a dot, and the number of the sentence.
    pub id: String,
    /// The words, without marks.
    pub text: String,
    /// The lists of themes that are right, one at least: positions in the taxonomy, the main theme first; an empty list
    /// is no theme.
    pub alternatives: Vec<Vec<usize>>,
    /// Its entities: byte spans in `text`.
    pub entities: Vec<(Span, EntityType)>,
}

impl GoldSentence {
    /// The document's part of the id: what stands before the last dot.
    pub fn document(&self) -> &str {
        self.id
            .rsplit_once('.')
            .map_or(self.id.as_str(), |(document, _)| document)
    }

    /// The first of the alternatives.
    pub fn themes(&self) -> &[usize] {
        self.alternatives.first().map_or(&[], Vec::as_slice)
    }

    /// The alternative that agrees best with the themes `read`: most of them right, then fewest wrong (read but not in
    /// it, or in it but not read), then the first.
    pub fn nearest(&self, read: &[usize]) -> &[usize] {
        let agreement = |themes: &&Vec<usize>| {
            let right = themes.iter().filter(|theme| read.contains(theme)).count();
            (Reverse(right), themes.len() + read.len() - 2 * right)
        };
        let nearest = self.alternatives.iter().min_by_key(agreement);
        nearest.map_or(&[], Vec::as_slice)
    }

    /// Whether `theme` is the main theme of one of the alternatives; none for no theme.
    pub fn is_main(&self, theme: Option<&usize>) -> bool {
        self.alternatives
            .iter()
            .any(|themes| themes.first() == theme)
    }
}

/// Reads an annotated file, one sentence per line: `id<TAB>themes<TAB>text with [[TYPE|marked]] entities`.
///
/// `themes` are codes with commas between, the main one first, or `NONE`. `SEC,ECO/SEC` means that either list is right.
///
/// # Errors
/// When the file cannot be read, or a line is malformed; the message has the line's number.
pub fn read_gold(path: &Path, taxonomy: &Taxonomy) -> Result<Vec<GoldSentence>> {
    let text = crate::open::named_text(path)?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            gold_line(line, taxonomy).map_err(|reason| Error::Gold {
                path: path.into(),
                line: number + 1,
                reason,
            })
        })
        .collect()
}

pub(super) fn gold_line(line: &str, taxonomy: &Taxonomy) -> Result<GoldSentence, String> {
    let mut fields = line.splitn(3, '\t');
    let (Some(id), Some(themes), Some(marked)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err("three columns with tabs between are wanted".into());
    };
    let (text, entities) = unmark(marked)?;
    Ok(GoldSentence {
        id: id.into(),
        text,
        alternatives: alternatives(themes, taxonomy)?,
        entities,
    })
}

/// The lists of a column such as `SEC,ECO/SEC`.
fn alternatives(column: &str, taxonomy: &Taxonomy) -> Result<Vec<Vec<usize>>, String> {
    let mut lists = Vec::new();
    for list in column.split('/') {
        let themes = theme_list(list, taxonomy)?;
        if lists.contains(&themes) {
            return Err(format!("`{}` is given twice in `{column}`", list.trim()));
        }
        lists.push(themes);
    }
    Ok(lists)
}

fn theme_list(list: &str, taxonomy: &Taxonomy) -> Result<Vec<usize>, String> {
    if list.trim() == NO_THEME_CODE {
        return Ok(Vec::new());
    }
    let mut themes = Vec::new();
    for code in list.split(',').map(str::trim) {
        if code.is_empty() {
            return Err("a theme is missing; a sentence without theme has `NONE`".into());
        }
        if code == NO_THEME_CODE {
            return Err(format!("`NONE` goes with no other theme: `{list}`"));
        }
        let mut known = taxonomy.themes().iter();
        let theme = known
            .position(|theme| theme.code == code)
            .ok_or_else(|| format!("the taxonomy has no theme with the code `{code}`"))?;
        if themes.contains(&theme) {
            return Err(format!("`{code}` is given twice in `{list}`"));
        }
        themes.push(theme);
    }
    Ok(themes)
}

/// Takes the `[[TYPE|words]]` marks out.
fn unmark(marked: &str) -> Result<(String, Vec<(Span, EntityType)>), String> {
    let mut text = String::with_capacity(marked.len());
    let mut entities = Vec::new();
    let mut rest = marked;
    while let Some(at) = rest.find("[[") {
        let (before, mark) = rest.split_at(at);
        text.push_str(before);
        let inside = mark.get(2..).unwrap_or_default();
        let name_length = inside
            .find(|c: char| !c.is_ascii_uppercase())
            .unwrap_or(inside.len());
        let (name, after_name) = inside.split_at(name_length);
        let Some(words) = after_name.strip_prefix('|').filter(|_| !name.is_empty()) else {
            // Two brackets of the text's own.
            text.push_str("[[");
            rest = inside;
            continue;
        };
        let entity_type: EntityType = name
            .parse()
            .map_err(|_| format!("`{name}` is no entity type"))?;
        let end = words.find("]]").ok_or("a mark is not closed with `]]`")?;
        let (words, after) = words.split_at(end);
        let start = text.len();
        text.push_str(words);
        entities.push((Span::new(start, text.len()), entity_type));
        rest = after.get(2..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok((text, entities))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_spans() {
        let (text, entities) = unmark("[[GPE|Japan]] and the [[ORG|EU]] met [[1]].").unwrap();
        assert_eq!(text, "Japan and the EU met [[1]].");
        assert_eq!(
            entities,
            [
                (Span::new(0, 5), EntityType::Gpe),
                (Span::new(14, 16), EntityType::Org)
            ]
        );
    }

    #[test]
    fn malformed_lines_are_refused() {
        let taxonomy = Taxonomy::embedded().unwrap();
        for (line, part) in [
            ("id only", "three columns"),
            ("a.1\tXXX\ttext", "no theme with the code `XXX`"),
            ("a.1\tSEC/XXX\ttext", "no theme with the code `XXX`"),
            ("a.1\t\ttext", "a theme is missing"),
            ("a.1\tSEC,\ttext", "a theme is missing"),
            ("a.1\tSEC/\ttext", "a theme is missing"),
            ("a.1\tSEC//ECO\ttext", "a theme is missing"),
            ("a.1\tSEC,NONE\ttext", "`NONE` goes with no other theme"),
            ("a.1\tSEC,ECO,SEC\ttext", "`SEC` is given twice"),
            (
                "a.1\tSEC,ECO/TEC/SEC, ECO\ttext",
                "`SEC, ECO` is given twice",
            ),
            ("a.1\tNONE\t[[CITY|Oslo]]", "`CITY` is no entity type"),
            ("a.1\tNONE\t[[GPE|Oslo", "not closed"),
        ] {
            let error = gold_line(line, &taxonomy).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_alternative_that_agrees_best_counts() {
        let taxonomy = Taxonomy::embedded().unwrap();
        // SEC, CLI, TEC, ECO, P2P are 0 to 4.
        for (column, read, nearest) in [
            ("SEC,ECO/SEC", &[0][..], &[0][..]),
            ("SEC,ECO/SEC", &[3, 0], &[0, 3]),
            ("SEC,ECO/SEC", &[], &[0]),
            ("SEC/NONE", &[], &[]),
            ("SEC/NONE", &[2], &[]),
            // One is right, though two are wrong.
            ("NONE/SEC,ECO,TEC", &[0], &[0, 3, 2]),
            ("SEC,TEC/SEC,ECO", &[0], &[0, 2]),
            ("SEC, ECO / SEC", &[0], &[0]),
        ] {
            let gold = gold_line(&format!("a.b.1\t{column}\tWords."), &taxonomy).unwrap();
            assert_eq!(gold.nearest(read), nearest, "{column}, {read:?}");
            assert_eq!(gold.document(), "a.b");
        }
    }

    #[test]
    fn the_main_theme_is_that_of_any_alternative() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let gold = gold_line("a.1\tSEC,ECO/ECO\tWords.", &taxonomy).unwrap();
        assert!(gold.is_main(Some(&0)) && gold.is_main(Some(&3)));
        assert!(!gold.is_main(Some(&1)) && !gold.is_main(None));
        let gold = gold_line("a.1\tSEC/NONE\tWords.", &taxonomy).unwrap();
        assert!(gold.is_main(None));
        assert_eq!(gold.themes(), [0]);
    }
}
