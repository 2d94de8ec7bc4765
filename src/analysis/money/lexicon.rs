//! The data, compiled: which words name a currency, a number, a qualifier or a period.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::data::{Data, FILE};
use super::expression::Qualifier;
use super::forms::{Form, RawForms, Shared, anchors, short_anchors};
use super::lexer::MoneyToken;
use super::phrases::Phrases;
use super::words::{Keywords, Roles, Vocabulary, WordId, keywords, vocabulary};
use crate::text::is_whole_word;
use crate::{Error, Result};

/// `per_year` and its like.
pub(super) type Rate = &'static str;

/// Which period a preposition opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    Over,
    By,
    Through,
}

/// The compiled data.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub vocabulary: Vocabulary,
    pub keywords: Keywords,
    /// ISO 4217 codes.
    pub codes: Vec<String>,
    /// Positions in `codes` of currencies whose countries write 1.500 for fifteen hundred.
    pub point_groups: Vec<usize>,
    pub forms: Vec<Form>,
    pub forms_by_first: HashMap<WordId, Vec<usize>>,
    pub shared: Vec<Shared>,
    /// The last of `shared`: a currency that the data does not list.
    pub unknown: usize,
    /// Signs that letters before them make the sign of another currency.
    pub prefixed: Vec<WordId>,
    pub qualifiers: Phrases<Qualifier>,
    pub after: Phrases<Qualifier>,
    pub between: Phrases<()>,
    pub rates: Phrases<Rate>,
    pub rates_before: Phrases<Rate>,
    pub openers: Phrases<Opener>,
    pub equivalents: Phrases<()>,
    /// Finds where a currency may be named.
    pub anchors: AhoCorasick,
    /// The same for signs of one or two letters, which count only beside digits.
    pub short_anchors: Regex,
    /// Finds places; [`Lexicon::place_of`] says whose.
    pub places: AhoCorasick,
    /// The currencies that each pattern of `places` speaks for; none for a group of many countries.
    pub place_of: Vec<Vec<usize>>,
}

impl Lexicon {
    /// The name of a place that a text ends in, within the last words of the text.
    pub fn place_at_end<'a>(&self, text: &'a str) -> Option<(&'a str, aho_corasick::Match)> {
        /// More than the longest place with its article.
        const REACH: usize = 40;
        let words = &text[text.ceil_char_boundary(text.len().saturating_sub(REACH))..];
        let hits = self.places.find_iter(words);
        let at_end = hits
            .filter(|hit| hit.end() == words.len() && is_whole_word(words, hit.start(), hit.end()))
            .last()?;
        Some((words, at_end))
    }

    /// Compiles the data.
    ///
    /// # Errors
    /// [`Error::Data`] when a shared form names a currency that is not listed, or a phrase is empty.
    pub fn new(data: &Data) -> Result<Self> {
        let mut vocabulary = vocabulary(&data.numbers, &data.joints, &data.periods);
        let keywords = keywords(&mut vocabulary);
        let codes: Vec<String> = data.currencies.keys().cloned().collect();
        let (forms, mut shared) = RawForms::collect(data, &codes, &mut vocabulary)?;
        shared.push(Shared::unknown());
        let prefixed = &data.context.prefixed;
        let prefixed = prefixed
            .iter()
            .map(|sign| vocabulary.intern(sign))
            .collect();
        let (places, place_of) = places(data)?;
        let groups_by_points =
            |(_, code): &(usize, &String)| data.numbers.point_groups.contains(code);
        let with_point_groups = codes.iter().enumerate().filter(groups_by_points);
        let (q, p) = (&data.qualifiers, &data.periods);
        Ok(Self {
            keywords,
            point_groups: with_point_groups.map(|(at, _)| at).collect(),
            codes,
            forms_by_first: by_first_word(&forms)?,
            anchors: anchors(&forms)?,
            short_anchors: short_anchors(&forms)?,
            forms,
            unknown: shared.len() - 1,
            shared,
            prefixed,
            qualifiers: vocabulary.phrases(&[
                (&q.approx, Qualifier::Approx),
                (&q.at_least, Qualifier::AtLeast),
                (&q.more_than, Qualifier::MoreThan),
                (&q.up_to, Qualifier::UpTo),
                (&q.less_than, Qualifier::LessThan),
            ]),
            after: vocabulary.phrases(&[
                (&q.after_approx, Qualifier::Approx),
                (&q.after_at_least, Qualifier::AtLeast),
                (&q.after_up_to, Qualifier::UpTo),
            ]),
            between: vocabulary.phrases(&[(&q.between, ())]),
            rates: vocabulary.phrases(&[
                (&p.per_year, "per_year"),
                (&p.per_month, "per_month"),
                (&p.per_day, "per_day"),
            ]),
            rates_before: vocabulary.phrases(&[
                (&p.before_per_year, "per_year"),
                (&p.before_per_month, "per_month"),
                (&p.before_per_day, "per_day"),
            ]),
            openers: vocabulary.phrases(&[
                (&p.over, Opener::Over),
                (&p.by, Opener::By),
                (&p.through, Opener::Through),
            ]),
            equivalents: vocabulary.phrases(&[(&data.joints.equivalent, ())]),
            vocabulary,
            places,
            place_of,
        })
    }

    /// What the token's word does.
    pub fn roles(&self, token: &MoneyToken) -> &Roles {
        self.vocabulary.roles(token.word)
    }
}

/// The positions of the forms by their first word, the longest first.
fn by_first_word(forms: &[Form]) -> Result<HashMap<WordId, Vec<usize>>> {
    let mut by_first: HashMap<WordId, Vec<usize>> = HashMap::new();
    for (at, form) in forms.iter().enumerate() {
        let Some(first) = form.words.first() else {
            return Err(Error::data(FILE, "a currency has an empty form"));
        };
        by_first.entry(*first).or_default().push(at);
    }
    for list in by_first.values_mut() {
        list.sort_by_key(|&at| std::cmp::Reverse(forms[at].words.len()));
    }
    Ok(by_first)
}

/// An automaton over the names of places, and the currencies that each name speaks for.
fn places(data: &Data) -> Result<(AhoCorasick, Vec<Vec<usize>>)> {
    let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, currency) in data.currencies.values().enumerate() {
        for place in &currency.places {
            of.entry(place.clone()).or_default().push(at);
            // Datelines are in capitals.
            if place.to_uppercase() != *place {
                of.entry(place.to_uppercase()).or_default().push(at);
            }
        }
    }
    for group in &data.context.many_countries {
        of.entry(group.clone()).or_default();
    }
    let automaton = AhoCorasick::builder()
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .build(of.keys())
        .map_err(|reason| Error::data(FILE, reason))?;
    Ok((automaton, of.into_values().collect()))
}
