//! Which people, bodies, places, events, instruments and dates does a sentence name?
//!
//! By rules: gazetteers of known names, heads that make names ("... Agreement", "Ministry of ..."), titles before
//! people, acronyms that the document defines itself, patterns of dates and numbered resolutions. All words are data:
//! `models/places.toml`, `models/names.toml`, `models/entities.toml`, `models/dates.toml`.
//!
//! [`EntityGrammar::find`] yields [`Mention`]s; a model may yield more; [`EntityGrammar::resolve`] makes [`Entity`]s
//! of both, none of which overlap.

mod acronyms;
mod countries;
mod data;
mod dates;
mod extent;
mod gazetteer;
mod names;
mod people;
mod resolve;
mod token;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::Span;
use crate::{Error, Result};
use data::{NameForms, NameList, PatternRule};
use dates::DateGrammar;
use gazetteer::{Gazetteer, Hit, KnownName};
use names::NameGrammar;
use people::PeopleGrammar;
use regex::{Regex, RegexSet};
use token::TokenizedSentence;

/// What kind of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EntityType {
    /// Named people.
    Person,
    /// Nationalities and religious or political groups.
    Norp,
    /// Organisations, ministries, alliances, standing groups of states.
    Org,
    /// Countries, states, provinces, cities.
    Gpe,
    /// Places that are not GPE: regions, seas, straits.
    Loc,
    /// Summits, conferences, wars, exercises.
    Event,
    /// Treaties, declarations, resolutions, laws, plans, programmes.
    Instrument,
    /// Calendar dates and bounded periods.
    Date,
    /// Amounts with a currency.
    Money,
}

impl EntityType {
    /// All types, in the order of the tables.
    pub const ALL: [Self; 9] = [
        Self::Person,
        Self::Norp,
        Self::Org,
        Self::Gpe,
        Self::Loc,
        Self::Event,
        Self::Instrument,
        Self::Date,
        Self::Money,
    ];

    /// The label of the tables: "PERSON", "GPE".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Norp => "NORP",
            Self::Org => "ORG",
            Self::Gpe => "GPE",
            Self::Loc => "LOC",
            Self::Event => "EVENT",
            Self::Instrument => "INSTRUMENT",
            Self::Date => "DATE",
            Self::Money => "MONEY",
        }
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for EntityType {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|entity_type| entity_type.label() == label)
            .ok_or_else(|| Error::data(label, "not an entity type"))
    }
}

/// What found a mention, in the order of trust: of two mentions as long as each other the first kind is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MentionSource {
    /// The money grammar.
    Money,
    /// A definition in the text itself: "International Atomic Energy Agency (IAEA)".
    Acronym,
    /// A list of known names.
    Gazetteer,
    /// The date patterns.
    Date,
    /// A head word, a title or another pattern.
    Pattern,
    /// The network of the engine.
    Model,
}

/// A name found in a sentence, not yet weighed against the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// Bytes of its sentence.
    pub span: Span,
    /// What it names.
    pub entity_type: EntityType,
    /// How sure the finder is, from 0 to 1.
    pub score: f32,
    /// What found it.
    pub source: MentionSource,
}

impl Mention {
    /// The mention that a sum of money is.
    pub fn of_money(span: Span) -> Self {
        Self {
            span,
            entity_type: EntityType::Money,
            score: 1.0,
            source: MentionSource::Money,
        }
    }
}

/// A mention that stayed, with the name it shares with all mentions of the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Bytes of its sentence.
    pub span: Span,
    /// What it names.
    pub entity_type: EntityType,
    /// One name for one thing: "United States" for "US" and "United States of America".
    pub canonical: String,
    /// ISO 3166-1 alpha-3 of a country or a nationality, where it is known; never of a city or a province.
    pub code: Option<String>,
    /// How sure the finder was, from 0 to 1.
    pub score: f32,
    /// What found it.
    pub source: MentionSource,
}

/// A numbered name: "UN Security Council Resolution 2270".
#[derive(Debug)]
struct NumberedName {
    entity_type: EntityType,
    regex: Regex,
    /// The same, for the whole of a text.
    whole: Regex,
    canonical: Option<String>,
}

impl NumberedName {
    fn new(rule: &PatternRule) -> Result<Self> {
        let compile = |source: String| {
            Regex::new(&source).map_err(|error| Error::data("models/entities.toml", error))
        };
        Ok(Self {
            entity_type: rule.entity_type,
            regex: compile(format!(r"(?-u:\b)(?:{})", rule.regex))?,
            whole: compile(format!(r"^(?:{})$", rule.regex))?,
            canonical: rule.canonical.clone(),
        })
    }
}

/// Whose a numbered resolution is, where the words beside it say so.
#[derive(Debug)]
struct OtherBody {
    before: Regex,
    after: Regex,
    united_nations: Regex,
}

/// All that is needed to find names, compiled once from `models/*.toml`.
#[derive(Debug)]
pub struct EntityGrammar {
    gazetteer: Gazetteer,
    names: NameGrammar,
    people: PeopleGrammar,
    dates: DateGrammar,
    numbered: Vec<NumberedName>,
    numbered_set: RegexSet,
    list_item: Regex,
    plural_item: Regex,
    context: Vec<data::ContextRule>,
    namesakes: countries::Namesakes,
    other_body: OtherBody,
    /// Keys of prefixes that turn a name into another word.
    prefixes: Vec<u64>,
}

/// What one sentence holds while its document is read.
struct SentenceDraft<'a> {
    sentence: TokenizedSentence<'a>,
    hits: Vec<Hit>,
    mentions: Vec<Mention>,
}

impl EntityGrammar {
    /// The grammar that is compiled into the program.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when one of the compiled-in files does not hold what it should.
    pub fn embedded() -> Result<Self> {
        let rules = data::rules()?;
        let dates = data::dates()?;
        let calendar = dates.calendar();
        let compile = |source: &str| {
            Regex::new(source).map_err(|error| Error::data("models/entities.toml", error))
        };
        Ok(Self {
            gazetteer: gazetteer_of(&data::places()?, &data::names()?, &rules.words.weak),
            names: NameGrammar::new(&rules, &calendar),
            people: PeopleGrammar::new(&rules, &calendar),
            dates: DateGrammar::new(&dates)?,
            numbered: rules
                .pattern
                .iter()
                .map(NumberedName::new)
                .collect::<Result<_>>()?,
            numbered_set: RegexSet::new(rules.pattern.iter().map(|rule| rule.regex.as_str()))
                .map_err(|error| Error::data("models/entities.toml", error))?,
            plural_item: compile(&format!("^(?:{})", rules.list.plural))?,
            list_item: compile(&format!("^(?:{})", rules.list.regex))?,
            context: rules.context,
            namesakes: countries::Namesakes::new(&rules.namesake)?,
            other_body: OtherBody {
                before: compile(&format!("(?:{})$", rules.body.before))?,
                after: compile(&format!("^(?:{})", rules.body.after))?,
                united_nations: compile(&rules.body.united_nations)?,
            },
            prefixes: rules
                .words
                .prefixes
                .iter()
                .map(|word| token::key(word))
                .collect(),
        })
    }

    /// The names in the sentences of one document, overlapping ones removed.
    ///
    /// One document at a time, so that what one sentence tells ("Republic of Korea (ROK)", "President Joe Biden")
    /// helps to read the others ("ROK", "Biden").
    pub fn find(&self, sentences: &[&str]) -> Vec<Vec<Mention>> {
        let mut drafts: Vec<SentenceDraft<'_>> =
            sentences.iter().map(|text| self.draft(text)).collect();
        let seen_lower = names::lower_case_words(drafts.iter().map(|draft| &draft.sentence));
        let mut told = Gazetteer::default();
        let mut no_names = HashSet::new();
        for draft in &mut drafts {
            if !draft.sentence.is_title {
                self.names.find(
                    &draft.sentence,
                    &draft.hits,
                    &self.gazetteer,
                    &mut draft.mentions,
                );
            }
            self.people.find(
                &draft.sentence,
                &draft.hits,
                &self.gazetteer,
                &mut draft.mentions,
            );
            draft.mentions = resolve::without_overlaps(std::mem::take(&mut draft.mentions));
            acronyms::complete(
                &draft.sentence,
                &self.names,
                &mut draft.mentions,
                &mut no_names,
            );
            self.people.tell(
                &draft.sentence,
                &draft.mentions,
                &seen_lower,
                &self.gazetteer,
                &mut told,
            );
            self.names.tell(&draft.sentence, &draft.mentions, &mut told);
            acronyms::tell(&draft.sentence, &draft.mentions, &mut told);
        }
        let bodies = resolve::sole_bodies(
            drafts
                .iter()
                .map(|draft| (draft.sentence.text, draft.mentions.as_slice())),
            |surface| self.gazetteer.get(surface, EntityType::Org),
        );
        drafts
            .into_iter()
            .map(|mut draft| {
                self.names
                    .find_short(&draft.sentence, &bodies, &mut draft.mentions);
                for hit in told.find(&draft.sentence) {
                    if let Some(name) = told.name(hit) {
                        draft.mentions.push(Mention {
                            span: draft.sentence.span(hit.first, hit.last),
                            entity_type: name.entity_type,
                            score: 0.85,
                            source: MentionSource::Pattern,
                        });
                    }
                }
                if !draft.sentence.is_title {
                    draft.mentions = resolve::without_overlaps(draft.mentions);
                    acronyms::guess(&draft.sentence, &self.names, &no_names, &mut draft.mentions);
                }
                resolve::without_overlaps(draft.mentions)
            })
            .collect()
    }

    /// What a sentence tells by itself: known names, dates and numbered names.
    fn draft<'a>(&self, text: &'a str) -> SentenceDraft<'a> {
        let sentence = TokenizedSentence::new(text);
        let mut hits = self.gazetteer.find(&sentence);
        hits.retain(|hit| {
            let prefix = hit
                .first
                .checked_sub(2)
                .and_then(|i| sentence.tokens.get(i));
            let is_glued = sentence
                .tokens
                .get(hit.first)
                .is_some_and(|token| token.glued);
            !(is_glued && prefix.is_some_and(|token| self.prefixes.contains(&token.key)))
        });
        let mut mentions = Vec::new();
        self.drop_people(&sentence, &mut hits, &mut mentions);
        for hit in &hits {
            if let Some(name) = self.gazetteer.name(*hit) {
                mentions.push(Mention {
                    span: sentence.span(hit.first, hit.last),
                    entity_type: name.entity_type,
                    score: 0.95,
                    source: MentionSource::Gazetteer,
                });
            }
        }
        mentions.extend(self.dates.find(&sentence).into_iter().map(|span| Mention {
            span,
            entity_type: EntityType::Date,
            score: 0.9,
            source: MentionSource::Date,
        }));
        self.find_numbered(text, &mut mentions);
        SentenceDraft {
            sentence,
            hits,
            mentions,
        }
    }

    fn find_numbered(&self, text: &str, mentions: &mut Vec<Mention>) {
        // One pass tells which patterns are worth a pass of their own.
        let present = self.numbered_set.matches(text);
        for numbered in present.iter().filter_map(|index| self.numbered.get(index)) {
            for found in numbered.regex.find_iter(text) {
                let ends_word = !text
                    .get(found.end()..)
                    .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
                if !ends_word {
                    continue;
                }
                let mut push = |span| {
                    mentions.push(Mention {
                        span,
                        entity_type: numbered.entity_type,
                        score: 0.9,
                        source: MentionSource::Pattern,
                    });
                };
                push(Span::new(found.start(), found.end()));
                if numbered.entity_type != EntityType::Instrument {
                    continue;
                }
                let is_plural = ["esolutions ", "UNSCRs "]
                    .iter()
                    .any(|word| found.as_str().contains(word));
                let item = if is_plural {
                    &self.plural_item
                } else {
                    &self.list_item
                };
                let mut at = found.end();
                while let Some(caught) = text.get(at..).and_then(|rest| item.captures(rest)) {
                    let (Some(whole), Some(number)) = (caught.get(0), caught.name("item")) else {
                        break;
                    };
                    push(Span::new(at + number.start(), at + number.end()));
                    at += whole.end();
                }
            }
        }
    }

    /// The canonical name of a numbered name.
    fn numbered_canonical(&self, text: &str, entity_type: EntityType) -> Option<String> {
        self.numbered
            .iter()
            .filter(|numbered| numbered.entity_type == entity_type)
            .find_map(|numbered| {
                let caught = numbered.whole.captures(text)?;
                let mut canonical = String::new();
                caught.expand(numbered.canonical.as_deref()?, &mut canonical);
                Some(canonical)
            })
    }
}

/// The names of countries by their ISO 3166-1 alpha-3 codes.
///
/// # Errors
/// [`Error::Data`] when the compiled-in file does not hold what it should.
pub fn country_names() -> Result<BTreeMap<String, String>> {
    let countries = data::places()?.country.into_iter();
    Ok(countries
        .map(|country| (country.code, country.name))
        .collect())
}

fn gazetteer_of(places: &data::Places, names: &data::Names, weak: &[String]) -> Gazetteer {
    let mut gazetteer = Gazetteer::default();
    let mut add = |entity_type, canonical: &str, forms: &[String], code: Option<&str>| {
        // A form is weak by itself: "Holland" does not make "Netherlands" doubtful.
        let (doubtful, sure): (Vec<&str>, Vec<&str>) = std::iter::once(canonical)
            .chain(forms.iter().map(String::as_str))
            .partition(|form| weak.iter().any(|word| word == form));
        for (is_weak, forms) in [(false, sure), (true, doubtful)] {
            if forms.is_empty() {
                continue;
            }
            let name = KnownName {
                entity_type,
                canonical: canonical.to_string(),
                code: code.map(str::to_string),
                is_weak,
            };
            gazetteer.add(name, forms);
        }
    };
    for country in &places.country {
        add(
            EntityType::Gpe,
            &country.name,
            &country.names,
            Some(&country.code),
        );
        if let Some(demonym) = country.demonyms.first() {
            add(
                EntityType::Norp,
                demonym,
                &country.demonyms,
                Some(&country.code),
            );
        }
    }
    let lists: [(EntityType, &NameList); 8] = [
        (EntityType::Gpe, &places.state),
        (EntityType::Gpe, &places.city),
        (EntityType::Loc, &places.region),
        (EntityType::Norp, &places.group),
        (EntityType::Org, &names.org),
        (EntityType::Instrument, &names.instrument),
        (EntityType::Event, &names.event),
        (EntityType::Person, &names.person),
    ];
    for (entity_type, list) in lists {
        for forms in list.names.iter().map(NameForms::all) {
            if let Some(canonical) = forms.first() {
                add(entity_type, canonical, forms, None);
            }
        }
    }
    gazetteer
}

#[cfg(test)]
mod tests;
