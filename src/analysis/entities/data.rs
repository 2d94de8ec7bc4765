//! What the TOML files under `models/` hold, and how they are read.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::mention::EntityType;
use crate::{Error, Result};

/// The canonical name alone, or followed by its other forms.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum NameForms {
    One(String),
    Many(Vec<String>),
}

impl NameForms {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameList {
    pub names: Vec<NameForms>,
}

/// `models/places.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Places {
    pub country: Vec<Country>,
    pub city: NameList,
    pub state: NameList,
    pub region: NameList,
    pub group: NameList,
    /// Words of country names, as tables shorten them.
    pub abbreviation: BTreeMap<String, String>,
}

impl Places {
    /// Other ways to write the name of a country: with its words shortened as in tables, with a hyphen between two words,
    /// with "&".
    pub fn also_written(&self, name: &str) -> Vec<String> {
        let words: Vec<&str> = name.split(' ').collect();
        let shortened = words.iter().map(|word| {
            let short = self.abbreviation.get(*word);
            short.map_or(*word, String::as_str)
        });
        let shortened = shortened.collect::<Vec<_>>().join(" ");
        let hyphenated = match words.as_slice() {
            [first, second] => format!("{first}-{second}"),
            _ => name.into(),
        };
        let mut forms = vec![shortened, hyphenated, name.replace(" and ", " & ")];
        forms.retain(|form| form != name);
        forms
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Country {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Vec<String>,
    #[serde(default)]
    pub demonyms: Vec<String>,
}

/// `models/names.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub org: NameList,
    pub instrument: NameList,
    pub event: NameList,
    pub person: NameList,
}

/// `models/entities.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub head: Vec<HeadRule>,
    pub words: WordLists,
    pub people: PeopleLists,
    pub acronyms: AcronymLists,
    pub pattern: Vec<PatternRule>,
    pub list: ListRule,
    pub context: Vec<ContextRule>,
    pub namesake: NamesakeRules,
    pub body: BodyRules,
}

/// Countries whose name is also that of a person, a state or a city.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamesakeRules {
    pub given: Vec<String>,
    pub states: Vec<String>,
    pub before_state: String,
    pub after_state: String,
    pub after_city: String,
}

/// Bodies named beside a numbered resolution.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodyRules {
    pub before: String,
    pub after: String,
    pub united_nations: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadRule {
    #[serde(rename = "type")]
    pub entity_type: EntityType,
    pub words: Vec<String>,
    pub national: Vec<String>,
    pub after: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordLists {
    pub generic: Vec<String>,
    pub function: Vec<String>,
    pub opening: Vec<String>,
    pub short: Vec<String>,
    pub bracket: Vec<String>,
    pub possessive: Vec<String>,
    pub particles: Vec<String>,
    pub portfolios: Vec<String>,
    pub weak: Vec<String>,
    pub prefixes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleLists {
    pub titles: Vec<String>,
    pub with_portfolio: Vec<String>,
    pub suffixes: Vec<String>,
    pub civil: Vec<String>,
    pub given: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcronymLists {
    pub not: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternRule {
    #[serde(rename = "type")]
    pub entity_type: EntityType,
    pub regex: String,
    pub canonical: Option<String>,
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code))]
    pub examples: Vec<String>,
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code))]
    pub not: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRule {
    pub regex: String,
    pub plural: String,
}

/// In a document that names any of `when`, and none of `unless`, `name` stands for `becomes`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextRule {
    pub name: String,
    pub becomes: String,
    pub when: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
}

/// `models/dates.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateRules {
    pub words: BTreeMap<String, Vec<String>>,
    pub pattern: Vec<DatePattern>,
    pub context: DateContext,
    pub outside: DateOutside,
}

impl DateRules {
    /// The names of months, in full and short, without a stop.
    pub fn months(&self) -> Vec<String> {
        let months = self.words.get("month").into_iter().flatten();
        months
            .map(|month| month.trim_end_matches(r"\.?").into())
            .collect()
    }

    /// The names of months and weekdays.
    pub fn calendar(&self) -> Vec<String> {
        let lists = ["long_month", "weekday"]
            .into_iter()
            .filter_map(|list| self.words.get(list));
        lists.flatten().cloned().collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatePattern {
    pub regex: String,
    #[cfg_attr(not(test), allow(dead_code))]
    pub examples: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code))]
    pub not: Vec<String>,
}

/// Words before a date that are not part of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateOutside {
    pub words: Vec<String>,
    pub unless_before: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateContext {
    pub doubtful: Vec<String>,
    pub before: Vec<String>,
    pub not_after: Vec<String>,
    pub counted: Vec<String>,
}

pub(super) fn places() -> Result<Places> {
    read(
        "models/places.toml",
        include_str!("../../../models/places.toml"),
    )
}

pub(super) fn names() -> Result<Names> {
    read(
        "models/names.toml",
        include_str!("../../../models/names.toml"),
    )
}

pub(super) fn rules() -> Result<Rules> {
    read(
        "models/entities.toml",
        include_str!("../../../models/entities.toml"),
    )
}

pub(super) fn dates() -> Result<DateRules> {
    read(
        "models/dates.toml",
        include_str!("../../../models/dates.toml"),
    )
}

fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| Error::data(file, error))
}

/// A pattern of `models/entities.toml`, compiled.
pub(super) fn regex(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| Error::data("models/entities.toml", error))
}

/// The names of countries by their ISO 3166-1 alpha-3 codes.
///
/// # Errors
/// [`Error::Data`] when the compiled-in file does not hold what it should.
pub fn country_names() -> Result<BTreeMap<String, String>> {
    let countries = places()?.country.into_iter();
    Ok(countries
        .map(|country| (country.code, country.name))
        .collect())
}
