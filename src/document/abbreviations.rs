//! The words whose full stop does not end a sentence, by class.

use std::collections::{HashMap, HashSet};

use crate::{Error, Result};

const FILE: &str = "models/abbreviations.txt";
/// Longer words are never looked up.
const LONGEST: usize = 16;

/// What the stop after an abbreviation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AbbreviationClass {
    /// "Amb.", "e.g.": never an end.
    Title,
    /// "para.", "No.": an end unless a number follows.
    Number,
    /// "U.S.", "Jan.", "Ltd.": an end when a word that often begins a sentence follows.
    Name,
    /// "etc.", "ibid.": an end before any capital.
    Clause,
    /// "p.m.": an end before a capital, time zones and days aside.
    Time,
}

/// `models/abbreviations.txt`, ready for look-up.
#[derive(Debug, Default)]
pub(crate) struct Abbreviations {
    exact: HashMap<String, AbbreviationClass>,
    any_case: HashMap<String, AbbreviationClass>,
    starters: HashSet<String>,
    weak_starters: HashSet<String>,
    zones: HashSet<String>,
    labels: HashSet<String>,
}

impl Abbreviations {
    /// The lists compiled into the program.
    pub fn embedded() -> Result<Self> {
        Self::parse(include_str!("../../models/abbreviations.txt"))
    }

    fn parse(lists: &str) -> Result<Self> {
        let mut read = Self::default();
        let mut section = "";
        for line in lists.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                section = name;
                continue;
            }
            for word in line.split_whitespace() {
                let class = match section {
                    "title" => AbbreviationClass::Title,
                    "number" => AbbreviationClass::Number,
                    "name" => AbbreviationClass::Name,
                    "clause" => AbbreviationClass::Clause,
                    "time" => AbbreviationClass::Time,
                    "starter" | "weak-starter" | "zone" | "label" => {
                        let list = match section {
                            "starter" => &mut read.starters,
                            "weak-starter" => &mut read.weak_starters,
                            "zone" => &mut read.zones,
                            _ => &mut read.labels,
                        };
                        list.insert(word.to_owned());
                        continue;
                    }
                    _ => return Err(Error::data(FILE, format!("unknown section [{section}]"))),
                };
                if word.chars().any(char::is_uppercase) {
                    read.exact.insert(word.to_owned(), class);
                    read.exact.entry(word.to_uppercase()).or_insert(class);
                } else {
                    read.any_case.insert(word.to_owned(), class);
                }
            }
        }
        Ok(read)
    }

    /// The class of a word that stands before a stop; none for an ordinary word.
    pub fn class(&self, word: &str) -> Option<AbbreviationClass> {
        if word.is_empty() || word.len() > LONGEST {
            return is_dotted(last_part(word)).then_some(AbbreviationClass::Name);
        }
        if let Some(&class) = self.exact.get(word) {
            return Some(class);
        }
        // The "S." of "S. Jaishankar" is not the "s." for section.
        if is_initial(word) {
            return Some(AbbreviationClass::Name);
        }
        if let Some(&class) = self.any_case.get(&word.to_lowercase()) {
            return Some(class);
        }
        (is_dotted(last_part(word)) || is_unspeakable(word)).then_some(AbbreviationClass::Name)
    }

    /// Whether a word often begins a sentence.
    pub fn is_starter(&self, word: &str) -> bool {
        word.len() <= LONGEST
            && self
                .starters
                .contains(&word.to_lowercase().replace('’', "'"))
    }

    /// Whether a starter is also part of names: "Most Favored Nation", "Under Secretary".
    pub fn is_weak_starter(&self, word: &str) -> bool {
        word.len() <= LONGEST && self.weak_starters.contains(&word.to_lowercase())
    }

    /// Whether a word may follow a time of day in the same sentence.
    pub fn is_zone(&self, word: &str) -> bool {
        self.zones.contains(word)
    }

    /// Whether a word stands before a number or letter that names a part: "Annex".
    pub fn is_label(&self, word: &str) -> bool {
        word.len() <= LONGEST && self.labels.contains(&word.to_lowercase())
    }
}

/// "Australia-U.S": what stands after the last hyphen.
fn last_part(word: &str) -> &str {
    word.rsplit('-').next().unwrap_or(word)
}

/// "U.S", "C.G.H": letters one by one, with stops between them.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| {
            let mut letters = part.chars();
            letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
        })
}

/// One capital letter.
fn is_initial(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// "Bldg", "Ngr": a capital and a few consonants are not a word.
fn is_unspeakable(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word[1..].bytes().all(|b| b.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| !b"aeiouy".contains(&b.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let abbreviations = Abbreviations::embedded().unwrap();
        for (word, class) in [
            ("Amb", Some(AbbreviationClass::Title)),
            ("AMB", Some(AbbreviationClass::Title)),
            ("amb", None),
            ("paras", Some(AbbreviationClass::Number)),
            ("Paras", Some(AbbreviationClass::Number)),
            ("U.S", Some(AbbreviationClass::Name)),
            ("us", None),
            ("K.B.E", Some(AbbreviationClass::Name)),
            ("J", Some(AbbreviationClass::Name)),
            ("ASEAN-U.S", Some(AbbreviationClass::Name)),
            ("CAFTA-DR", None),
            ("etc", Some(AbbreviationClass::Clause)),
            ("P.M", Some(AbbreviationClass::Time)),
            ("region", None),
            ("GDP", None),
            ("Act", None),
            ("Bldg", Some(AbbreviationClass::Name)),
            ("Ngr", Some(AbbreviationClass::Name)),
        ] {
            assert_eq!(abbreviations.class(word), class, "{word}");
        }
    }

    #[test]
    fn an_unknown_section_is_an_error() {
        assert!(Abbreviations::parse("[titel]\nMr").is_err());
    }
}
