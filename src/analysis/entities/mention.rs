//! The nouns: a mention is what a finder yields, an entity is what becomes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::Span;
use crate::{Error, Result};

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

/// What found a mention, the most trusted first: of two mentions of the same length, the more trusted is kept.
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
    /// The engine's model.
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
    /// The mention of a sum of money.
    pub fn of_money(span: Span) -> Self {
        Self {
            span,
            entity_type: EntityType::Money,
            score: 1.0,
            source: MentionSource::Money,
        }
    }

    /// A mention found by a head word, a title or another pattern.
    pub(super) fn by_pattern(span: Span, entity_type: EntityType, score: f32) -> Self {
        Self {
            span,
            entity_type,
            score,
            source: MentionSource::Pattern,
        }
    }
}

/// A mention that was kept, with the name it shares with all mentions of the same thing.
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

/// Of mentions that overlap, keeps the longest; of equally long ones that of the more trusted source, then the surer.
/// The result is in the order of the text.
pub(super) fn without_overlaps(mut mentions: Vec<Mention>) -> Vec<Mention> {
    mentions.sort_by(|a, b| {
        let money = |mention: &Mention| mention.source != MentionSource::Money;
        money(a)
            .cmp(&money(b))
            .then(b.span.len().cmp(&a.span.len()))
            .then(a.source.cmp(&b.source))
            .then(b.score.total_cmp(&a.score))
            .then(a.span.cmp(&b.span))
            .then(a.entity_type.cmp(&b.entity_type))
    });
    let mut kept: BTreeMap<usize, Mention> = BTreeMap::new();
    for mention in mentions {
        let before = kept.range(..mention.span.end).next_back();
        if !mention.span.is_empty()
            && before.is_none_or(|(_, other)| other.span.end <= mention.span.start)
        {
            kept.insert(mention.span.start, mention);
        }
    }
    kept.into_values().collect()
}

/// Adds mentions to others that do not overlap, and removes those that then do.
pub(super) fn add_without_overlaps(mentions: &mut Vec<Mention>, mut found: Vec<Mention>) {
    if !found.is_empty() {
        mentions.append(&mut found);
        *mentions = without_overlaps(std::mem::take(mentions));
    }
}
