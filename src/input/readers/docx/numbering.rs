//! The numbers of lists, which a Word document does not hold as text but as rules.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::xml::{attribute, events, local, number};
use crate::input::readers::markdown::roman;

/// Word has nine levels.
const LEVELS: usize = 9;

/// How a level of a list is numbered.
#[derive(Debug, Clone, Default)]
struct Level {
    start: i64,
    /// `decimal`, `lowerLetter`, `bullet` and so on.
    format: String,
    /// `%1.%2` and the like.
    text: String,
}

/// The lists of a document and how far each has counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The rules that a list follows.
    rules: HashMap<String, String>,
    levels: HashMap<String, Vec<Level>>,
    /// The first numbers of lists that differ from those of their rules.
    starts: HashMap<(String, usize), i64>,
    counts: HashMap<String, [Option<i64>; LEVELS]>,
}

impl Numbering {
    /// Reads `word/numbering.xml`.
    pub fn read(xml: &str) -> Result<Self, String> {
        let mut numbering = Self::default();
        let mut rule = String::new();
        let mut list: Option<String> = None;
        let mut level = 0_usize;
        events(xml, |event| {
            let Event::Start(tag) = event else {
                return Ok(());
            };
            let value = || attribute(&tag, "val").unwrap_or_default();
            match local(tag.name().as_ref()) {
                "abstractNum" => {
                    rule = attribute(&tag, "abstractNumId").unwrap_or_default();
                    list = None;
                    numbering
                        .levels
                        .insert(rule.clone(), vec![Level::default(); LEVELS]);
                }
                "num" => list = attribute(&tag, "numId"),
                "abstractNumId" => {
                    if let Some(list) = &list {
                        numbering.rules.insert(list.clone(), value());
                    }
                }
                "lvl" | "lvlOverride" => {
                    level = number(&tag, "ilvl").unwrap_or(0);
                }
                "startOverride" => {
                    if let (Some(list), Ok(start)) = (&list, value().parse()) {
                        numbering.starts.insert((list.clone(), level), start);
                    }
                }
                name if list.is_none() => {
                    let levels = numbering.levels.get_mut(&rule);
                    if let Some(level) = levels.and_then(|levels| levels.get_mut(level)) {
                        match name {
                            "start" => level.start = value().parse().unwrap_or(1),
                            "numFmt" => level.format = value(),
                            "lvlText" => level.text = value(),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(numbering)
    }

    /// The label of the next paragraph of a list: "3.", "(b)", "-" for a bullet. None where the list has none.
    pub fn next(&mut self, list: &str, level: usize) -> Option<String> {
        let rule = self.rules.get(list)?;
        let levels = self.levels.get(rule)?;
        let own = levels.get(level)?;
        // Lists with the same rules share a count, unless one has a start of its own.
        let overridden = self.starts.keys().any(|(of, _)| of == list);
        let counter = if overridden {
            format!("list {list}")
        } else {
            rule.clone()
        };
        let counts = self.counts.entry(counter).or_default();
        let start = |at: usize| {
            let stated = self.starts.get(&(list.to_owned(), at)).copied();
            stated.unwrap_or_else(|| levels.get(at).map_or(1, |level| level.start))
        };
        // `levels` has nine entries, so `level` is one of nine here.
        let count = counts[level].map_or_else(|| start(level), |count| count.saturating_add(1));
        counts[level] = Some(count);
        for deeper in counts.iter_mut().skip(level + 1) {
            *deeper = None;
        }
        match own.format.as_str() {
            "bullet" => return Some("-".into()),
            "none" => return None,
            _ => {}
        }
        let mut label = own.text.clone();
        for (at, of) in levels.iter().enumerate().take(level + 1) {
            let count = counts[at].unwrap_or_else(|| start(at));
            label = label.replace(&format!("%{}", at + 1), &figure(count, &of.format));
        }
        let label = label.trim().to_owned();
        (!label.is_empty()).then_some(label)
    }
}

fn figure(count: i64, format: &str) -> String {
    let letter = |first: u8| {
        let position = u8::try_from(count.saturating_sub(1).rem_euclid(26)).unwrap_or(0);
        let times = usize::try_from(count.saturating_sub(1) / 26 + 1)
            .unwrap_or(1)
            .min(9);
        char::from(first + position).to_string().repeat(times)
    };
    match format {
        "lowerLetter" => letter(b'a'),
        "upperLetter" => letter(b'A'),
        "lowerRoman" => roman(count),
        "upperRoman" => roman(count).to_uppercase(),
        "decimalZero" => format!("{count:02}"),
        _ => count.to_string(),
    }
}
