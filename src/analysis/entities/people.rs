//! People: after a title or a role, by a given name, and later in the document by surname.

use std::collections::HashSet;

use super::data::Rules;
use super::gazetteer::{Gazetteer, Hit, KnownName, SentenceHits};
use super::mention::{EntityType, Mention, MentionSource};
use super::token::{Token, TokenShape, TokenizedSentence, key, keys};
use crate::document::Span;

/// Titles, given names and what stands between the parts of a name.
#[derive(Debug)]
pub(super) struct PeopleGrammar {
    titles: Gazetteer,
    with_portfolio: HashSet<String>,
    portfolios: HashSet<u64>,
    particles: HashSet<u64>,
    suffixes: HashSet<u64>,
    /// Titles before which another title is a given name.
    civil: HashSet<u64>,
    given: HashSet<u64>,
    /// Words that are never part of a person's name: heads, generic words, months.
    barred: HashSet<u64>,
    and: u64,
}

impl PeopleGrammar {
    pub fn new(rules: &Rules, calendar: &[String]) -> Self {
        let mut titles = Gazetteer::default();
        for title in &rules.people.titles {
            titles.add(KnownName::new(EntityType::Person, title), [title.as_str()]);
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
            civil: keys(&rules.people.civil),
            given: keys(&rules.people.given),
            barred,
            and: key("and"),
        }
    }

    pub fn is_given(&self, word: u64) -> bool {
        self.given.contains(&word)
    }

    /// Whether the word is never part of a person's name.
    pub fn is_barred(&self, word: u64) -> bool {
        self.barred.contains(&word)
    }

    /// Whether a title stands before a name after which no other title comes, so that what looks like one is a given name:
    /// "Minister Prince Okafor".
    pub fn follows_civil(&self, text: &str, name: Span) -> bool {
        let before = text.get(..name.start).unwrap_or_default().trim_end();
        let last = before.rsplit(char::is_whitespace).next();
        last.is_some_and(|word| self.civil.contains(&key(word.trim_end_matches('.'))))
    }

    /// A person's name without the titles before it.
    pub fn without_titles(&self, name: &str) -> Span {
        let sentence = TokenizedSentence::new(name);
        let titles = self.titles.find(&sentence);
        let mut first = 0;
        for hit in titles {
            let is_name = self.is_given(sentence.key(hit.first)) && hit.first == hit.last;
            if hit.first != first || is_name {
                break;
            }
            first = hit.last + 1;
            first += usize::from(sentence.word(first) == ".");
        }
        match sentence.tokens.len().checked_sub(1) {
            Some(last) if first <= last => Span::new(sentence.span(first, last).start, name.len()),
            _ => Span::new(0, name.len()),
        }
    }

    /// Adds the people that a sentence names in full or with a title.
    pub fn find(&self, hits: SentenceHits<'_>, mentions: &mut Vec<Mention>) {
        let search = PersonSearch {
            grammar: self,
            sentence: hits.sentence,
            hits,
            titles: self.titles.find(hits.sentence),
        };
        let titled = search.after_titles();
        for (spans, score) in [(&titled, 0.8), (&search.by_given_names(), 0.7)] {
            let people = spans.iter();
            mentions
                .extend(people.map(|span| Mention::by_pattern(*span, EntityType::Person, score)));
        }
        // "President Moon" is not the moon.
        mentions.retain(|mention| {
            mention.source != MentionSource::Gazetteer
                || titled.binary_search(&mention.span).is_err()
        });
    }

    /// Tells the rest of the document the full names and surnames of the people that a sentence names.
    pub fn tell(
        &self,
        sentence: &TokenizedSentence<'_>,
        mentions: &[Mention],
        seen_lower: &HashSet<u64>,
        gazetteer: &Gazetteer,
        told: &mut Gazetteer,
    ) {
        let people = mentions
            .iter()
            .filter(|mention| mention.entity_type == EntityType::Person);
        for mention in people {
            let full = mention.span.of(sentence.text);
            told.add(KnownName::new(EntityType::Person, full), [full]);
            for token in self.surnames(sentence, mention.span).into_iter().flatten() {
                let word = token.span.of(sentence.text);
                let is_known = [
                    EntityType::Gpe,
                    EntityType::Norp,
                    EntityType::Org,
                    EntityType::Loc,
                ]
                .into_iter()
                .any(|entity_type| gazetteer.get(word, entity_type).is_some());
                if !is_known && !self.is_barred(token.key) && word.chars().count() > 1 {
                    let name = KnownName {
                        is_weak: seen_lower.contains(&token.key),
                        ..KnownName::new(EntityType::Person, full)
                    };
                    told.add(name, [word]);
                }
            }
        }
    }

    /// The words of a full name that may stand for it: the last, and the first where it may be the family name.
    fn surnames<'a>(
        &self,
        sentence: &'a TokenizedSentence<'_>,
        person: Span,
    ) -> [Option<&'a Token>; 2] {
        let first = sentence.token_at(person.start);
        let words = sentence.tokens_of(person);
        let surname = words.iter().rev().find(|token| {
            token.shape == TokenShape::Capital && !self.suffixes.contains(&token.key)
        });
        // Family names come first where the first word is not a known given name and three words or a hyphen follow.
        let family_first = words.first().filter(|token| {
            words.len() > 2
                && !self.is_given(token.key)
                && !is_initial(sentence.word(first + 1))
                && token.shape == TokenShape::Capital
        });
        [surname, family_first]
    }
}

/// The search for the people that a sentence names.
struct PersonSearch<'a> {
    grammar: &'a PeopleGrammar,
    sentence: &'a TokenizedSentence<'a>,
    hits: SentenceHits<'a>,
    titles: Vec<Hit>,
}

impl PersonSearch<'_> {
    /// The last token of the known name that holds a token, where it is surely not a person's.
    fn taken(&self, token: usize) -> Option<usize> {
        let (hit, known) = self.hits.at(token)?;
        (known.entity_type != EntityType::Person && !known.is_weak).then_some(hit.last)
    }

    fn is_title(&self, token: usize) -> bool {
        let found = self.titles.binary_search_by_key(&token, |hit| hit.first);
        found.is_ok()
    }

    /// The people that stand after titles; none in a heading, where any word may be capitalised.
    fn after_titles(&self) -> Vec<Span> {
        let mut people = Vec::new();
        if self.sentence.is_title {
            return people;
        }
        for &hit in &self.titles {
            if self.taken(hit.last).is_some_and(|last| last > hit.last) {
                continue;
            }
            let title = self.grammar.titles.name(hit);
            let title = title.map_or("", |name| name.canonical.as_str());
            let mut at = self.past_title(hit.last, title);
            let after_portfolio = at > hit.last + 2;
            // "Presidents Biden and Yoon"
            let is_plural = title.ends_with('s') && title.len() > 4;
            while let Some(last) = self.name_at(at) {
                if after_portfolio && last == at {
                    break;
                }
                people.push(self.sentence.span(at, last));
                let joins = self.sentence.key(last + 1) == self.grammar.and
                    || self.sentence.word(last + 1) == ",";
                if !(is_plural && joins) {
                    break;
                }
                at = last + 2;
            }
        }
        people
    }

    /// The token after a title, its stop, and "of Foreign Affairs" or "of Japan," if they follow.
    fn past_title(&self, title_end: usize, title: &str) -> usize {
        let sentence = self.sentence;
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
        if let Some(last) = self.taken(after) {
            // "President of France Emmanuel Macron", "Prime Minister of Japan, Kishida Fumio"
            return last + 1 + usize::from(sentence.word(last + 1) == ",");
        }
        if !self.grammar.with_portfolio.contains(title) {
            return at;
        }
        while let Some(token) = sentence.tokens.get(after)
            && (token.is_capitalised() && self.grammar.portfolios.contains(&token.key)
                || token.key == self.grammar.and
                || matches!(sentence.word(after), "," | "-" | "&" | "the" | "for" | "of"))
        {
            after += 1;
        }
        after
    }

    /// The people whose names begin with a known given name, or with a word and an initial.
    fn by_given_names(&self) -> Vec<Span> {
        let mut people = Vec::new();
        for (at, token) in self.sentence.tokens.iter().enumerate() {
            if token.shape != TokenShape::Capital || self.taken(at).is_some() {
                continue;
            }
            let before_initial = is_initial(self.sentence.word(at + 1));
            let begins = self.grammar.is_given(token.key)
                || (before_initial && !self.grammar.is_barred(token.key) && token.span.len() > 2);
            if begins
                && let Some(last) = self.name_at(at).filter(|last| *last > at)
                && (self.sentence.shape(last) == Some(TokenShape::Capital) || self.is_suffix(last))
            {
                people.push(self.sentence.span(at, last));
            }
        }
        people
    }

    /// The last token of a person's name that begins at `first`.
    fn name_at(&self, first: usize) -> Option<usize> {
        let sentence = self.sentence;
        let mut last = None;
        let mut words = 0;
        let mut at = first;
        while at < sentence.tokens.len() && at <= first + 12 {
            // "Lisa O. Monaco": what follows an initial is a surname whatever else it may be.
            // "Al-Sabah": so is what a hyphen joins to one.
            let is_joined = words > 1 && is_initial(sentence.word(at - 1))
                || words > 0 && self.is_hyphen(at - 1);
            if self.taken(at).is_some() && !is_joined {
                break;
            }
            if self.is_name_word(at, words > 0) {
                let is_compound = words > 0 && self.is_hyphen(at - 1);
                if words == 5 && !is_compound || self.is_title(at) {
                    break;
                }
                words += usize::from(!is_compound);
                last = Some(at);
                at += 1;
            } else if self.is_particle(at, words > 0) {
                at += 1 + usize::from(sentence.word(at + 1) == "-");
            } else if words > 0 && self.is_hyphen(at) {
                at += 1;
                if let Some(length) = self.small_part(at) {
                    if length > 6 {
                        break;
                    }
                    last = Some(at);
                    at += 1;
                }
            } else {
                break;
            }
        }
        self.with_suffix(first, last?, words)
    }

    /// Whether a token can be a word of a person's name; `is_inner` after its first.
    fn is_name_word(&self, at: usize, is_inner: bool) -> bool {
        let word = self.sentence.word(at);
        match self.sentence.shape(at) {
            Some(TokenShape::Capital) if !self.grammar.is_barred(self.sentence.key(at)) => true,
            Some(TokenShape::Lower) => has_small_particle(word),
            Some(TokenShape::Acronym) if is_inner && word.len() > 2 && self.is_suffix(at) => true,
            _ => is_initial(word),
        }
    }

    /// Whether a token is a "de", "bin" or "al" of a person's name; fewer of them may begin one.
    fn is_particle(&self, at: usize, is_inner: bool) -> bool {
        let word = self.sentence.word(at);
        let fits = if is_inner {
            self.sentence.shape(at) == Some(TokenShape::Lower)
                && (self.sentence.is_glued(at) || word.len() > 1)
        } else {
            matches!(word, "von" | "van" | "de" | "al" | "el" | "bin")
        };
        fits && self.grammar.particles.contains(&self.sentence.key(at))
    }

    /// Whether a token is a hyphen with no white space on either side.
    fn is_hyphen(&self, at: usize) -> bool {
        self.sentence.word(at) == "-"
            && self.sentence.is_glued(at)
            && self.sentence.is_glued(at + 1)
    }

    /// The length of a part in lower case after a hyphen: the "hye" of "Geun-hye".
    fn small_part(&self, at: usize) -> Option<usize> {
        let part = self.sentence.tokens.get(at)?;
        let is_small = part.shape == TokenShape::Lower && !self.grammar.is_barred(part.key);
        is_small.then_some(part.span.len())
    }

    /// The last token of a name of so many words, with the "Jr." after it.
    fn with_suffix(&self, first: usize, last: usize, words: usize) -> Option<usize> {
        let comma = usize::from(self.sentence.word(last + 1) == ",");
        let suffix = last + 1 + comma;
        if self.is_suffix(suffix) && comma + words > 1 {
            let stop = usize::from(self.sentence.word(suffix + 1) == ".");
            return Some(suffix + stop);
        }
        (self.sentence.shape(first) != Some(TokenShape::Mark)).then_some(last)
    }

    fn is_suffix(&self, at: usize) -> bool {
        self.grammar.suffixes.contains(&self.sentence.key(at))
    }
}

/// Whether a small particle is part of the word: "d'Escoto".
fn has_small_particle(word: &str) -> bool {
    let rest = word.strip_prefix(['d', 'l']).unwrap_or_default();
    let rest = rest.strip_prefix(['\'', '’']).unwrap_or_default();
    rest.starts_with(char::is_uppercase)
}

/// Whether the word is an initial: "R." or "J.D."
fn is_initial(word: &str) -> bool {
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
