//! Names of countries that here stand for something else: people, a state of the United States, a pronoun in capitals.

use std::collections::HashSet;

use regex::Regex;

use super::data::NamesakeRules;
use super::gazetteer::Hit;
use super::token::{TokenShape, TokenizedSentence, key};
use super::{EntityGrammar, EntityType, Mention, MentionSource};
use crate::document::Span;
use crate::{Error, Result};

/// What tells a country from its namesakes.
#[derive(Debug)]
pub(super) struct Namesakes {
    /// Keys of countries that are given names too.
    given: HashSet<u64>,
    states: Vec<String>,
    before_state: Regex,
    after_city: Regex,
}

impl Namesakes {
    pub fn new(rules: &NamesakeRules) -> Result<Self> {
        let compile = |source: String| {
            Regex::new(&source).map_err(|error| Error::data("models/entities.toml", error))
        };
        Ok(Self {
            given: rules.given.iter().map(|word| key(word)).collect(),
            states: rules.states.clone(),
            before_state: compile(format!("(?:{})$", rules.before_state))?,
            after_city: compile(format!("^(?:{})", rules.after_city))?,
        })
    }

    /// Whether the name of a country stands for a state or a city: "Atlanta, Georgia", "Lebanon, Ohio".
    pub fn is_state_or_city(&self, text: &str, span: Span) -> bool {
        let name = span.of(text);
        let before = text.get(..span.start).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        self.after_city.is_match(after)
            || self.states.iter().any(|state| state == name) && self.before_state.is_match(before)
    }
}

impl EntityGrammar {
    /// Drops countries that are part of a person's name ("Michael Jordan", "Chad Smith"), and "US" in a sentence of
    /// capitals, where it may be the pronoun.
    pub(super) fn drop_people(
        &self,
        sentence: &TokenizedSentence<'_>,
        hits: &mut Vec<Hit>,
        mentions: &mut Vec<Mention>,
    ) {
        let starts: HashSet<usize> = hits.iter().map(|hit| hit.first).collect();
        let is_shouted = sentence
            .tokens
            .iter()
            .all(|token| !matches!(token.shape, TokenShape::Lower | TokenShape::Capital));
        let is_capital = |at: usize| {
            sentence
                .tokens
                .get(at)
                .is_some_and(|token| token.shape == TokenShape::Capital)
        };
        hits.retain(|hit| {
            let is_country = self
                .gazetteer
                .name(*hit)
                .is_some_and(|name| name.entity_type == EntityType::Gpe && name.code.is_some());
            let Some(token) = sentence.tokens.get(hit.first) else {
                return false;
            };
            if !is_country || hit.first != hit.last {
                return true;
            }
            let next = sentence.tokens.get(hit.first + 1);
            if is_shouted && sentence.word(hit.first) == "US" {
                let is_joined = |mark: &str| matches!(mark, "-" | "–" | "/" | "'s" | "’s");
                return sentence.tokens.len() == 1
                    || token.glued
                    || next.is_some_and(|next| next.glued)
                        && is_joined(sentence.word(hit.first + 1));
            }
            let after_given = hit.first.checked_sub(1).is_some_and(|before| {
                is_capital(before)
                    && sentence
                        .tokens
                        .get(before)
                        .is_some_and(|token| self.people.is_given(token.key))
            });
            if after_given {
                return false;
            }
            let surname = hit.first + 1;
            let is_given = self.namesakes.given.contains(&token.key)
                && !sentence.is_title
                && is_capital(hit.first)
                && is_capital(surname)
                && !starts.contains(&surname)
                && next.is_some_and(|next| !self.people.is_barred(next.key))
                && !sentence
                    .tokens
                    .get(surname + 1)
                    .is_some_and(super::token::Token::is_capitalised);
            if is_given {
                mentions.push(Mention {
                    span: sentence.span(hit.first, surname),
                    entity_type: EntityType::Person,
                    score: 0.7,
                    source: MentionSource::Pattern,
                });
            }
            !is_given
        });
    }
}
