//! From the sentences of a document to the names in them.

use std::collections::HashSet;

use super::acronyms;
use super::countries::Namesakes;
use super::data::{self, ContextRule};
use super::dates::DateGrammar;
use super::gazetteer::{Gazetteer, Hit, SentenceHits};
use super::mention::{EntityType, Mention, MentionSource, without_overlaps};
use super::names;
use super::numbered::NumberedNames;
use super::people::PeopleGrammar;
use super::roles::WordRoles;
use super::token::{TokenShape, TokenizedSentence, keys};
use crate::Result;

/// All that is needed to find names, compiled once from `models/*.toml`.
#[derive(Debug)]
pub struct EntityGrammar {
    pub(super) gazetteer: Gazetteer,
    pub(super) roles: WordRoles,
    pub(super) people: PeopleGrammar,
    pub(super) dates: DateGrammar,
    pub(super) numbered: NumberedNames,
    pub(super) context: Vec<ContextRule>,
    pub(super) namesakes: Namesakes,
    /// Keys of prefixes that turn a name into another word.
    prefixes: HashSet<u64>,
}

/// What is known of one sentence while its document is read.
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
    /// [`Error::Data`](crate::Error::Data) when one of the compiled-in files does not hold what it should.
    pub fn embedded() -> Result<Self> {
        let rules = data::rules()?;
        let dates = data::dates()?;
        let calendar = dates.calendar();
        Ok(Self {
            gazetteer: Gazetteer::new(&data::places()?, &data::names()?, &rules.words.weak),
            roles: WordRoles::new(&rules, &calendar),
            people: PeopleGrammar::new(&rules, &calendar),
            dates: DateGrammar::new(&dates)?,
            numbered: NumberedNames::new(&rules)?,
            namesakes: Namesakes::new(&rules.namesake)?,
            prefixes: keys(&rules.words.prefixes),
            context: rules.context,
        })
    }

    /// The names in the sentences of one document, overlapping ones removed.
    ///
    /// One document at a time, so that what one sentence tells ("Republic of Korea (ROK)", "President Joe Biden")
    /// helps to read the others ("ROK", "Biden").
    pub fn find(&self, sentences: &[&str]) -> Vec<Vec<Mention>> {
        let mut drafts: Vec<SentenceDraft<'_>> =
            sentences.iter().map(|text| self.draft(text)).collect();
        let seen_lower: HashSet<u64> = drafts
            .iter()
            .flat_map(|draft| &draft.sentence.tokens)
            .filter(|token| token.shape == TokenShape::Lower)
            .map(|token| token.key)
            .collect();
        let mut told = Gazetteer::default();
        let mut no_names = HashSet::new();
        for draft in &mut drafts {
            let (sentence, mentions) = (&draft.sentence, &mut draft.mentions);
            let hits = SentenceHits {
                sentence,
                hits: &draft.hits,
                gazetteer: &self.gazetteer,
            };
            if !sentence.is_title {
                names::find(hits, &self.roles, mentions);
            }
            self.people.find(hits, mentions);
            *mentions = without_overlaps(std::mem::take(mentions));
            let lists = &self.gazetteer;
            acronyms::complete(sentence, &self.roles, lists, mentions, &mut no_names);
            self.people
                .tell(sentence, mentions, &seen_lower, &self.gazetteer, &mut told);
            names::tell(sentence, mentions, &mut told);
            acronyms::tell(sentence, mentions, lists, &mut told);
        }
        let of_all = drafts
            .iter()
            .map(|draft| (draft.sentence.text, draft.mentions.as_slice()));
        let bodies = names::sole_bodies(of_all, &self.gazetteer);
        let finish = |draft: SentenceDraft<'_>| {
            let (sentence, mut mentions) = (&draft.sentence, draft.mentions);
            names::find_short(sentence, &self.roles, &bodies, &mut mentions);
            mentions.extend(told.find(sentence).into_iter().filter_map(|hit| {
                let span = sentence.span(hit.first, hit.last);
                Some(Mention::by_pattern(span, told.name(hit)?.entity_type, 0.85))
            }));
            if !sentence.is_title {
                mentions = without_overlaps(mentions);
                acronyms::guess(sentence, &self.roles, &no_names, &mut mentions);
            }
            without_overlaps(mentions)
        };
        drafts.into_iter().map(finish).collect()
    }

    /// What a sentence tells by itself: known names, dates and numbered names.
    fn draft<'a>(&self, text: &'a str) -> SentenceDraft<'a> {
        let sentence = TokenizedSentence::new(text);
        let mut hits = self.gazetteer.find(&sentence);
        hits.retain(|hit| {
            let before = if sentence.is_glued(hit.first) { 2 } else { 1 };
            let prefix = sentence.key(hit.first.wrapping_sub(before));
            !self.prefixes.contains(&prefix)
        });
        let mut mentions = Vec::new();
        self.namesakes.drop_people(
            &sentence,
            &self.gazetteer,
            &self.people,
            &mut hits,
            &mut mentions,
        );
        mentions.extend(hits.iter().filter_map(|hit| {
            Some(Mention {
                span: sentence.span(hit.first, hit.last),
                entity_type: self.gazetteer.name(*hit)?.entity_type,
                score: 0.95,
                source: MentionSource::Gazetteer,
            })
        }));
        mentions.extend(self.dates.find(&sentence).into_iter().map(|span| Mention {
            span,
            entity_type: EntityType::Date,
            score: 0.9,
            source: MentionSource::Date,
        }));
        self.numbered.find(text, &mut mentions);
        SentenceDraft {
            sentence,
            hits,
            mentions,
        }
    }
}
