//! Statements to sides: one per document, or one per value of a key that documents share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::statements::{MoneyCells, Statement};
use super::statistics::Clusters;
use super::statistics::words::{self, WordCounts};
use crate::analysis::money::Qualifier;
use crate::error::{Error, Result};
use crate::text::{counted, did_you_mean, grouped, shown};

/// The key by which statements are grouped by the path of the command line that they came by.
pub const BY_ARGUMENT: &str = "argument";

/// Sides of at least so many documents are judged by drawing documents rather than paragraphs.
const MANY_DOCUMENTS: usize = 10;

/// One side of a comparison.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub name: String,
    /// The date, where its documents have one between them.
    pub date: Option<String>,
    pub statements: Vec<&'a Statement>,
}

/// The sides, and what the user should know of how they came to be.
pub(super) type Sides<'a> = (Vec<Side<'a>>, Vec<String>);

/// One side per document, in order. Ids that several documents have are told apart by the path that was given.
pub(super) fn by_document<'a>(statements: &'a [Statement], arguments: &[PathBuf]) -> Sides<'a> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for statement in statements {
        *uses.entry(&statement.document.doc_id).or_default() += 1;
    }
    let name = |statement: &Statement| {
        let id = &statement.document.doc_id;
        match arguments.get(statement.argument) {
            Some(path) if uses.get(id.as_str()).is_some_and(|uses| *uses > 1) => {
                format!("{}:{id}", path.display())
            }
            _ => id.clone(),
        }
    };
    let sides = statements
        .iter()
        .map(|statement| Side {
            name: name(statement),
            date: statement.document.date.clone(),
            statements: vec![statement],
        })
        .collect();
    (sides, Vec::new())
}

/// One side per value of `key`, in the order of the values; of the arguments, in their order.
///
/// # Errors
/// When no statement has the key.
pub(super) fn by_key<'a>(
    statements: &'a [Statement],
    key: &str,
    arguments: &[PathBuf],
) -> Result<Sides<'a>> {
    if key == BY_ARGUMENT {
        let sides = arguments.iter().enumerate().map(|(place, path)| Side {
            name: shown(path),
            date: None,
            statements: statements.iter().filter(|s| s.argument == place).collect(),
        });
        return Ok((
            sides.filter(|side| !side.statements.is_empty()).collect(),
            Vec::new(),
        ));
    }
    let mut groups: BTreeMap<String, Vec<&Statement>> = BTreeMap::new();
    let mut without = Vec::new();
    for statement in statements {
        match statement.value(key) {
            Some(value) => groups.entry(value).or_default().push(statement),
            None => without.push(statement.document.doc_id.as_str()),
        }
    }
    if groups.is_empty() {
        let mut known = BTreeSet::from(["year", "place", "language", BY_ARGUMENT]);
        let metadata = statements
            .iter()
            .filter_map(|s| s.document.metadata.as_ref());
        known.extend(metadata.flat_map(BTreeMap::keys).map(String::as_str));
        let known: Vec<&str> = known.into_iter().collect();
        return Err(Error::Settings {
            file: format!("--by {key}"),
            reason: format!("no statement has the key `{key}`"),
            hint: did_you_mean(key, &known),
        });
    }
    let notes = match without.len() {
        0 => Vec::new(),
        count => vec![format!(
            "{} without `{key}`, left out: {}",
            counted(count, "statement"),
            without.join(", ")
        )],
    };
    let is_year = key == "year";
    let sides = groups.into_iter().map(|(name, statements)| Side {
        date: is_year.then(|| name.clone()),
        name,
        statements,
    });
    Ok((sides.collect(), notes))
}

/// Whether documents rather than paragraphs are drawn at random.
pub(super) fn draws_documents(sides: &[Side<'_>]) -> bool {
    sides
        .iter()
        .all(|side| side.statements.len() >= MANY_DOCUMENTS)
}

/// The weighed sentences of statements, in paragraphs or in documents.
pub(super) fn clusters(
    statements: &[&Statement],
    themes: &[String],
    by_document: bool,
) -> Clusters {
    let mut clusters = Clusters::new(themes.len());
    for statement in statements {
        let mut paragraph = None;
        for sentence in statement.sentences.iter().filter(|s| s.kind.is_weighed()) {
            if paragraph.is_none() || (!by_document && paragraph != Some(sentence.paragraph)) {
                clusters.begin();
            }
            paragraph = Some(sentence.paragraph);
            let ids = sentence.themes.as_deref().unwrap_or_default().split(';');
            let places: Vec<usize> = ids
                .filter_map(|id| themes.iter().position(|theme| theme == id))
                .collect();
            clusters.add(&places);
        }
    }
    clusters
}

/// The words of the weighed sentences.
pub(super) fn word_counts(statements: &[&Statement]) -> WordCounts {
    let mut counts = WordCounts::new();
    let sentences = statements.iter().flat_map(|statement| &statement.sentences);
    for sentence in sentences.filter(|sentence| sentence.kind.is_weighed()) {
        words::count(&sentence.text, &mut counts);
    }
    counts
}

/// What a statement names: kind, item and the code of a country.
pub(super) type NamedItem = (&'static str, String, Option<String>);

/// How often, and in which sentence first.
pub(super) type NamedItems = BTreeMap<NamedItem, (usize, String)>;

/// Countries, instruments and sums. `countries` gives the name of a code.
pub(super) fn mentions(
    statements: &[&Statement],
    countries: &BTreeMap<String, String>,
) -> NamedItems {
    let mut mentions = NamedItems::new();
    let mut add = |item: NamedItem, sent_id: &str| {
        let entry = mentions.entry(item);
        entry.or_insert_with(|| (0, sent_id.to_owned())).0 += 1;
    };
    for entity in statements.iter().flat_map(|statement| &statement.entities) {
        match (entity.entity_type.as_str(), &entity.code) {
            ("GPE" | "NORP", Some(code)) => {
                let name = countries.get(code).unwrap_or(&entity.canonical).clone();
                add(("country", name, Some(code.clone())), &entity.sent_id);
            }
            ("INSTRUMENT", _) => {
                add(
                    ("instrument", entity.canonical.clone(), None),
                    &entity.sent_id,
                );
            }
            _ => {}
        }
    }
    for sum in statements.iter().flat_map(|statement| &statement.money) {
        if let Some(name) = sum_name(sum) {
            add(("sum", name, None), &sum.sent_id);
        }
    }
    mentions
}

/// "up to USD 60,000,000 over 5y"; none for a sum that says another one again or has no figure.
fn sum_name(sum: &MoneyCells) -> Option<String> {
    if sum.equivalent_of.is_some() {
        return None;
    }
    let figure = match (sum.amount, sum.amount_min, sum.amount_max) {
        (Some(amount), ..) => grouped(amount),
        (None, Some(min), Some(max)) => format!("{} to {}", grouped(min), grouped(max)),
        _ => return None,
    };
    let qualifier = match sum.qualifier {
        Qualifier::Exact | Qualifier::Range => String::new(),
        other => serde_json::to_value(other)
            .ok()
            .and_then(|name| name.as_str().map(|name| name.replace('_', " ") + " "))
            .unwrap_or_default(),
    };
    let period = sum.period.as_ref().map(|period| {
        format!(
            " {}",
            period.trim_start_matches("span:").replace(['_', ':'], " ")
        )
    });
    Some(format!(
        "{qualifier}{} {figure}{}",
        sum.currency.as_deref()?,
        period.unwrap_or_default()
    ))
}
