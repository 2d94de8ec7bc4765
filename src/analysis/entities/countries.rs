//! Names of countries that here stand for something else: people, a state of the United States, a pronoun in capitals.

use std::collections::HashSet;

use regex::Regex;

use super::data::{NamesakeRules, regex};
use super::gazetteer::{Gazetteer, Hit};
use super::mention::{EntityType, Mention};
use super::people::PeopleGrammar;
use super::token::{TokenShape, TokenizedSentence, keys};
use crate::Result;
use crate::document::Span;

/// What tells a country from its namesakes.
#[derive(Debug)]
pub(super) struct Namesakes {
    /// Keys of countries that are given names too.
    given: HashSet<u64>,
    states: Vec<String>,
    before_state: Regex,
    after_state: Regex,
    after_city: Regex,
}

impl Namesakes {
    pub fn new(rules: &NamesakeRules) -> Result<Self> {
        Ok(Self {
            given: keys(&rules.given),
            states: rules.states.clone(),
            before_state: regex(&format!("(?:{})$", rules.before_state))?,
            after_state: regex(&format!("^(?:{})", rules.after_state))?,
            after_city: regex(&format!("^(?:{})", rules.after_city))?,
        })
    }

    /// Whether the name of a country stands for a state or a city: "Atlanta, Georgia", "Lebanon, Ohio".
    pub fn is_state_or_city(&self, text: &str, span: Span) -> bool {
        let name = span.of(text);
        let before = text.get(..span.start).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        self.after_city.is_match(after)
            || self.states.iter().any(|state| state == name)
                && (self.before_state.is_match(before) || self.after_state.is_match(after))
    }

    /// Drops countries that are part of a person's name ("Michael Jordan", "Chad Smith"), and "US" in a sentence of
    /// capitals, where it may be the pronoun.
    pub fn drop_people(
        &self,
        sentence: &TokenizedSentence<'_>,
        gazetteer: &Gazetteer,
        people: &PeopleGrammar,
        hits: &mut Vec<Hit>,
        mentions: &mut Vec<Mention>,
    ) {
        let starts: HashSet<usize> = hits.iter().map(|hit| hit.first).collect();
        let is_shouted = sentence
            .tokens
            .iter()
            .all(|token| !matches!(token.shape, TokenShape::Lower | TokenShape::Capital));
        let is_capital = |at: usize| sentence.shape(at) == Some(TokenShape::Capital);
        hits.retain(|hit| {
            let is_country = gazetteer
                .name(*hit)
                .is_some_and(|name| name.entity_type == EntityType::Gpe && name.code.is_some());
            if !is_country || hit.first != hit.last {
                return true;
            }
            let (first, surname) = (hit.first, hit.first + 1);
            if is_shouted && sentence.word(first) == "US" {
                let is_joined = matches!(sentence.word(surname), "-" | "–" | "/" | "'s" | "’s");
                return sentence.tokens.len() == 1
                    || sentence.is_glued(first)
                    || sentence.is_glued(surname) && is_joined;
            }
            let before = first.wrapping_sub(1);
            if is_capital(before) && people.is_given(sentence.key(before)) {
                return false;
            }
            let is_given = self.given.contains(&sentence.key(first))
                && !sentence.is_title
                && is_capital(first)
                && is_capital(surname)
                && !starts.contains(&surname)
                && !people.is_barred(sentence.key(surname))
                && !sentence.is_capitalised(surname + 1);
            if is_given {
                let span = sentence.span(first, surname);
                mentions.push(Mention::by_pattern(span, EntityType::Person, 0.7));
            }
            !is_given
        });
    }
}
