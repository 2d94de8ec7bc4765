//! People: after a title or a role, by a given name, and later in the document by surname.

use std::collections::HashSet;

use super::data::Rules;
use super::gazetteer::{Gazetteer, Hit, KnownName};
use super::token::{TokenShape, TokenizedSentence, key};
use super::{EntityType, Mention, MentionSource};

/// Titles, given names and what stands between the parts of a name.
#[derive(Debug)]
pub(super) struct PeopleGrammar {
    titles: Gazetteer,
    with_portfolio: HashSet<String>,
    portfolios: HashSet<u64>,
    particles: HashSet<u64>,
    suffixes: HashSet<u64>,
    given: HashSet<u64>,
    /// Words that are no name of a person: heads, generic words, months.
    barred: HashSet<u64>,
    and: u64,
}

impl PeopleGrammar {
    pub fn new(rules: &Rules, calendar: &[String]) -> Self {
        let keys = |words: &[String]| words.iter().map(|word| key(word)).collect::<HashSet<u64>>();
        let mut titles = Gazetteer::default();
        for title in &rules.people.titles {
            let name = KnownName {
                entity_type: EntityType::Person,
                canonical: title.clone(),
                code: None,
                is_weak: false,
            };
            titles.add(name, [title.as_str()]);
        }
        let mut barred = keys(&rules.words.generic);
        barred.extend(keys(&rules.words.function));
        // Two capitals may be a family name in mixed case: "Xi".
        let long = rules.acronyms.not.iter().filter(|word| word.len() != 2);
        barred.extend(long.map(|word| key(word)));
        for rule in &rules.head {
            barred.extend(keys(&rule.words));
        }
        barred.extend(keys(calendar));
        Self {
            titles,
            with_portfolio: rules.people.with_portfolio.iter().cloned().collect(),
            portfolios: keys(&rules.words.portfolios),
            particles: keys(&rules.words.particles),
            suffixes: keys(&rules.people.suffixes),
            given: keys(&rules.people.given),
            barred,
            and: key("and"),
        }
    }

    pub fn is_given(&self, word: u64) -> bool {
        self.given.contains(&word)
    }

    /// Whether the word is no name of a person.
    pub fn is_barred(&self, word: u64) -> bool {
        self.barred.contains(&word)
    }

    /// Adds the people that a sentence names in full or with a title.
    pub fn find(
        &self,
        sentence: &TokenizedSentence<'_>,
        hits: &[Hit],
        gazetteer: &Gazetteer,
        mentions: &mut Vec<Mention>,
    ) {
        let taken = |token: usize| {
            let index = hits.partition_point(|hit| hit.last < token);
            hits.get(index)
                .filter(|hit| hit.first <= token)
                .and_then(|hit| {
                    let name = gazetteer.name(*hit)?;
                    (name.entity_type != EntityType::Person && !name.is_weak).then_some(hit.last)
                })
        };
        let title_hits = self.titles.find(sentence);
        let title_at = |token: usize| {
            title_hits
                .binary_search_by_key(&token, |hit| hit.first)
                .is_ok()
        };
        let mut push = |first: usize, last: usize, score: f32| {
            mentions.push(Mention {
                span: sentence.span(first, last),
                entity_type: EntityType::Person,
                score,
                source: MentionSource::Pattern,
            });
        };
        let mut titled = Vec::new();
        if !sentence.is_title {
            for &hit in &title_hits {
                if taken(hit.last).is_some_and(|last| last > hit.last) {
                    continue;
                }
                let title = self
                    .titles
                    .name(hit)
                    .map_or("", |name| name.canonical.as_str());
                let mut at = self.past_title(sentence, hit.last, title, &taken);
                let after_portfolio = at > hit.last + 2;
                // "Presidents Biden and Yoon"
                let plural = title.ends_with('s') && title.len() > 4;
                while let Some(last) = self.name_at(sentence, at, &taken, &title_at) {
                    if after_portfolio && last == at {
                        break;
                    }
                    push(at, last, 0.8);
                    titled.push(sentence.span(at, last));
                    if !(plural
                        && sentence.tokens.get(last + 1).is_some_and(|token| {
                            token.key == self.and || sentence.word(last + 1) == ","
                        }))
                    {
                        break;
                    }
                    at = last + 2;
                }
            }
        }
        for (at, token) in sentence.tokens.iter().enumerate() {
            if token.shape != TokenShape::Capital || taken(at).is_some() {
                continue;
            }
            let next_is_initial = is_initial(sentence, at + 1);
            let begins = self.given.contains(&token.key)
                || (next_is_initial && !self.barred.contains(&token.key) && token.span.len() > 2);
            if begins
                && let Some(last) = self.name_at(sentence, at, &taken, &title_at)
                && last > at
                && sentence.tokens.get(last).is_some_and(|token| {
                    token.shape == TokenShape::Capital || self.suffixes.contains(&token.key)
                })
            {
                push(at, last, 0.7);
            }
        }
        // "President Moon" is not the moon.
        mentions.retain(|mention| {
            mention.source != MentionSource::Gazetteer
                || titled.binary_search(&mention.span).is_err()
        });
    }

    /// Tells the rest of the document the surnames of the people that a sentence names.
    pub fn tell(
        &self,
        sentence: &TokenizedSentence<'_>,
        mentions: &[Mention],
        seen_lower: &HashSet<u64>,
        gazetteer: &Gazetteer,
        told: &mut Gazetteer,
    ) {
        for mention in mentions
            .iter()
            .filter(|mention| mention.entity_type == EntityType::Person)
        {
            let full = mention.span.of(sentence.text);
            let first = sentence.token_at(mention.span.start);
            let last = sentence.token_at(mention.span.end).saturating_sub(1);
            let surname = (first..=last).rev().find(|&i| {
                sentence.tokens.get(i).is_some_and(|t| {
                    t.shape == TokenShape::Capital && !self.suffixes.contains(&t.key)
                })
            });
            // Family names come first where the first word is no known given name and three words or a hyphen follow.
            let family_first = sentence.tokens.get(first).filter(|token| {
                last >= first + 2
                    && !self.given.contains(&token.key)
                    && !is_initial(sentence, first + 1)
                    && token.shape == TokenShape::Capital
            });
            let mut add = |form: &str, is_weak: bool| {
                let name = KnownName {
                    entity_type: EntityType::Person,
                    canonical: full.to_string(),
                    code: None,
                    is_weak,
                };
                told.add(name, [form]);
            };
            add(full, false);
            for token in surname
                .and_then(|i| sentence.tokens.get(i))
                .into_iter()
                .chain(family_first)
            {
                let word = token.span.of(sentence.text);
                let known = [
                    EntityType::Gpe,
                    EntityType::Norp,
                    EntityType::Org,
                    EntityType::Loc,
                ]
                .into_iter()
                .any(|entity_type| gazetteer.get(word, entity_type).is_some());
                if !known && !self.barred.contains(&token.key) && word.chars().count() > 1 {
                    add(word, seen_lower.contains(&token.key));
                }
            }
        }
    }

    /// The token after a title, its stop, and "of Foreign Affairs" or "of Japan," if they follow.
    fn past_title(
        &self,
        sentence: &TokenizedSentence<'_>,
        title_end: usize,
        title: &str,
        taken: &impl Fn(usize) -> Option<usize>,
    ) -> usize {
        let mut at = title_end + 1;
        if sentence.word(at) == "." {
            at += 1;
        }
        if !matches!(sentence.word(at), "of" | "for") {
            return at;
        }
        let mut after = at + 1;
        if sentence.word(after) == "the" {
            after += 1;
        }
        if let Some(last) = taken(after) {
            // "President of France Emmanuel Macron", "Prime Minister of Japan, Kishida Fumio"
            let next = last + 1;
            return if sentence.word(next) == "," {
                next + 1
            } else {
                next
            };
        }
        if !self.with_portfolio.contains(title) {
            return at;
        }
        while sentence.tokens.get(after).is_some_and(|token| {
            (token.is_capitalised() && self.portfolios.contains(&token.key))
                || token.key == self.and
                || matches!(sentence.word(after), "," | "-" | "&" | "the" | "for" | "of")
        }) {
            after += 1;
        }
        after
    }

    /// The last token of a person's name that begins at `first`.
    fn name_at(
        &self,
        sentence: &TokenizedSentence<'_>,
        first: usize,
        taken: &impl Fn(usize) -> Option<usize>,
        title_at: &impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut last = None;
        let mut words = 0;
        let mut at = first;
        while let Some(token) = sentence.tokens.get(at) {
            let word = sentence.word(at);
            // "Lisa O. Monaco": what follows an initial is a surname whatever else it may be.
            let after_initial = words > 1 && is_initial(sentence, at - 1);
            if (taken(at).is_some() && !after_initial) || at > first + 12 {
                break;
            }
            let is_word = matches!(token.shape, TokenShape::Capital)
                && !self.barred.contains(&token.key)
                || is_initial(sentence, at)
                || (token.shape == TokenShape::Acronym
                    && words > 0
                    && word.len() > 2
                    && self.suffixes.contains(&token.key));
            if is_word {
                if words == 5 || title_at(at) {
                    break;
                }
                words += 1;
                last = Some(at);
                at += 1;
                continue;
            }
            let joins_names = words > 0
                && ((self.particles.contains(&token.key)
                    && token.shape == TokenShape::Lower
                    && (token.glued || word.len() > 1))
                    || (word == "-"
                        && token.glued
                        && sentence.tokens.get(at + 1).is_some_and(|t| t.glued)));
            let leads = words == 0
                && self.particles.contains(&token.key)
                && word.len() > 1
                && matches!(word, "von" | "van" | "de" | "al" | "el" | "bin");
            if leads || (joins_names && word != "-") {
                at += 1;
                if sentence.word(at) == "-" {
                    at += 1;
                }
                continue;
            }
            if joins_names {
                // "Geun-hye": the second part may be in lower case.
                let part = sentence.tokens.get(at + 1)?;
                if part.shape == TokenShape::Lower
                    && !self.barred.contains(&part.key)
                    && word == "-"
                {
                    if part.span.len() > 6 {
                        break;
                    }
                    last = Some(at + 1);
                    at += 2;
                } else {
                    at += 1;
                }
                continue;
            }
            break;
        }
        let last = last?;
        let begins_capital = sentence
            .tokens
            .get(first)
            .is_some_and(|token| token.shape != TokenShape::Mark);
        // ", Jr."
        let comma = usize::from(sentence.word(last + 1) == ",");
        if sentence
            .tokens
            .get(last + 1 + comma)
            .is_some_and(|token| self.suffixes.contains(&token.key))
            && comma + words > 1
        {
            let suffix = last + 1 + comma;
            let stop = usize::from(sentence.word(suffix + 1) == ".");
            return Some(suffix + stop);
        }
        begins_capital.then_some(last)
    }
}

/// Whether the token is an initial: "R." or "J.D."
fn is_initial(sentence: &TokenizedSentence<'_>, token: usize) -> bool {
    let word = sentence.word(token);
    word.len() <= 4 && word.ends_with('.') && word.chars().step_by(2).all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::super::{EntityGrammar, EntityType};

    fn people(sentences: &[&str]) -> Vec<String> {
        let found = EntityGrammar::embedded().unwrap().find(sentences);
        let people = |(mentions, text): (&Vec<super::Mention>, &&str)| {
            mentions
                .iter()
                .filter(|mention| mention.entity_type == EntityType::Person)
                .map(|mention| mention.span.of(text).to_string())
                .collect::<Vec<_>>()
        };
        found.iter().zip(sentences).flat_map(people).collect()
    }

    #[test]
    fn after_titles() {
        assert_eq!(
            people(&["Prime Minister Mette Frederiksen met Secretary of State Dean Acheson."]),
            ["Mette Frederiksen", "Dean Acheson"]
        );
        assert_eq!(
            people(&["Foreign Minister Park Jin spoke to President of Finland Sauli Niinistö."]),
            ["Park Jin", "Sauli Niinistö"]
        );
        assert_eq!(
            people(&["Minister for Foreign Affairs Gareth Evans and H.E. Mr. Ali Alatas signed."]),
            ["Gareth Evans", "Ali Alatas"]
        );
        assert_eq!(
            people(&["Presidents Niinistö and Iohannis agreed."]),
            ["Niinistö", "Iohannis"]
        );
        assert!(people(&["The President of the Council thanked the Prime Minister."]).is_empty());
    }

    #[test]
    fn by_surname_later() {
        assert_eq!(
            people(&[
                "President Park Geun-hye arrived.",
                "In Seoul, Park said so."
            ]),
            ["Park Geun-hye", "Park"]
        );
    }
}
