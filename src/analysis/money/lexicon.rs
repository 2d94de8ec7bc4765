//! `models/currencies.toml`, compiled: which words name a currency, a number, a qualifier or a period.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::AhoCorasick;
use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::Qualifier;
use super::lexer::Token;
use crate::{Error, Result};

/// The data file, as the user knows it.
pub(super) const FILE: &str = "models/currencies.toml";

/// The data as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    currencies: BTreeMap<String, CurrencyData>,
    shared: Vec<SharedData>,
    context: ContextData,
    numbers: NumberData,
    qualifiers: QualifierData,
    periods: PeriodData,
    joints: JointData,
    /// Texts and the sums in them; the tests run them.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub examples: Vec<Example>,
    /// Texts that name no sum.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub not: Vec<String>,
}

/// A text and the sums in it, as [`super::tests`] writes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
pub(super) struct Example {
    pub text: String,
    pub sums: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyData {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    adjectives: Vec<String>,
    #[serde(default)]
    signs: Vec<String>,
    #[serde(default)]
    subunits: Vec<String>,
    #[serde(default = "hundred")]
    per_unit: u32,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    weak: Vec<String>,
}

fn hundred() -> u32 {
    100
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedData {
    forms: Vec<String>,
    /// The candidates are all currencies with this name.
    like: Option<String>,
    #[serde(default)]
    candidates: Vec<String>,
    default: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContextData {
    many_countries: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberData {
    units: HashMap<String, u32>,
    tens: HashMap<String, u32>,
    magnitudes: HashMap<String, u64>,
    glued: HashMap<String, u64>,
    /// Numerator and denominator.
    fractions: HashMap<String, (u32, u32)>,
    indefinite: Vec<String>,
    plurals: Vec<String>,
    multi: Vec<String>,
    multi_glued: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QualifierData {
    approx: Vec<String>,
    at_least: Vec<String>,
    more_than: Vec<String>,
    up_to: Vec<String>,
    less_than: Vec<String>,
    after_approx: Vec<String>,
    after_at_least: Vec<String>,
    after_up_to: Vec<String>,
    between: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodData {
    per_year: Vec<String>,
    per_month: Vec<String>,
    per_day: Vec<String>,
    before_per_year: Vec<String>,
    before_per_month: Vec<String>,
    before_per_day: Vec<String>,
    not_rate: Vec<String>,
    over: Vec<String>,
    of_time: Vec<String>,
    years: Vec<String>,
    months: Vec<String>,
    decades: Vec<String>,
    by: Vec<String>,
    through: Vec<String>,
    span: Vec<String>,
    year_filler: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JointData {
    change: Vec<String>,
    equivalent: Vec<String>,
    references: Vec<String>,
    closers: Vec<String>,
    weights: Vec<String>,
    money_nouns: Vec<String>,
    weight_heads: Vec<String>,
}

/// The number of a word or mark that some phrase of the data holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct WordId(u32);

/// A word that no phrase holds.
pub(super) const UNKNOWN: WordId = WordId(0);

/// What a word does by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Roles {
    /// 0 to 19.
    pub unit: Option<u32>,
    /// 20 to 90.
    pub tens: Option<u32>,
    /// A multiplier, touching the figure or not.
    pub magnitude: Option<Decimal>,
    /// A multiplier when it touches the figure.
    pub glued: Option<Decimal>,
    /// A part of one.
    pub fraction: Option<Decimal>,
    pub indefinite: bool,
    pub plural: bool,
    pub multi: bool,
    pub multi_glued: bool,
    pub change: bool,
    pub reference: bool,
    pub closer: bool,
    pub weight: bool,
    pub money_noun: bool,
    pub weight_head: bool,
    pub not_rate: bool,
    pub of_time: bool,
    pub years: bool,
    pub months: bool,
    pub decades: bool,
    pub span: bool,
    pub year_filler: bool,
}

/// The words that some phrase of the data holds.
#[derive(Debug)]
pub(super) struct Vocabulary {
    ids: HashMap<String, WordId>,
    roles: Vec<Roles>,
}

impl Vocabulary {
    fn new() -> Self {
        Self {
            ids: HashMap::new(),
            roles: vec![Roles::default()],
        }
    }

    fn intern(&mut self, word: &str) -> WordId {
        let next = WordId(u32::try_from(self.roles.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry(word.to_lowercase()).or_insert(next);
        if id == next {
            self.roles.push(Roles::default());
        }
        id
    }

    fn roles_mut(&mut self, word: &str) -> &mut Roles {
        let id = self.intern(word);
        &mut self.roles[id.0 as usize]
    }

    /// The word's number; `buffer` is scratch space.
    pub fn id_of(&self, word: &str, buffer: &mut String) -> WordId {
        buffer.clear();
        if word.is_ascii() {
            buffer.push_str(word);
            buffer.make_ascii_lowercase();
        } else {
            buffer.extend(word.chars().flat_map(char::to_lowercase));
        }
        self.ids.get(buffer.as_str()).copied().unwrap_or(UNKNOWN)
    }

    /// What the word does.
    pub fn roles(&self, word: WordId) -> &Roles {
        &self.roles[word.0 as usize]
    }
}

/// Phrases that can be looked up by where they begin or end.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    by_first: HashMap<WordId, Vec<usize>>,
    by_last: HashMap<WordId, Vec<usize>>,
    phrases: Vec<(Vec<WordId>, T)>,
}

impl<T> Phrases<T> {
    fn new(phrases: Vec<(Vec<WordId>, T)>) -> Self {
        let mut by_first: HashMap<WordId, Vec<usize>> = HashMap::new();
        let mut by_last: HashMap<WordId, Vec<usize>> = HashMap::new();
        let mut order: Vec<usize> = (0..phrases.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(phrases[at].0.len()));
        for at in order {
            if let (Some(first), Some(last)) = (phrases[at].0.first(), phrases[at].0.last()) {
                by_first.entry(*first).or_default().push(at);
                by_last.entry(*last).or_default().push(at);
            }
        }
        Self {
            by_first,
            by_last,
            phrases,
        }
    }

    /// The longest phrase whose last token is just before `end`: its first token and what it means.
    pub fn ending_at(&self, tokens: &[Token], end: usize) -> Option<(usize, &T)> {
        let last = end.checked_sub(1)?;
        self.by_last
            .get(&tokens.get(last)?.word)?
            .iter()
            .find_map(|&at| {
                let (words, meaning) = &self.phrases[at];
                let start = end.checked_sub(words.len())?;
                is_here(words, &tokens[start..]).then_some((start, meaning))
            })
    }

    /// The longest phrase that begins at `start`: one past its last token, and what it means.
    pub fn starting_at(&self, tokens: &[Token], start: usize) -> Option<(usize, &T)> {
        self.by_first
            .get(&tokens.get(start)?.word)?
            .iter()
            .find_map(|&at| {
                let (words, meaning) = &self.phrases[at];
                is_here(words, &tokens[start..]).then_some((start + words.len(), meaning))
            })
    }
}

fn is_here(words: &[WordId], tokens: &[Token]) -> bool {
    tokens.len() >= words.len()
        && words
            .iter()
            .zip(tokens)
            .all(|(word, token)| *word == token.word)
}

/// Which currency a form means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Reading {
    /// This one, an index into [`Lexicon::codes`].
    Of(usize),
    /// One of several, an index into [`Lexicon::shared`].
    Shared(usize),
}

/// What kind of form names a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormKind {
    Sign,
    Code,
    Name,
    Subunit,
}

/// A way to write a currency.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// As written in the data.
    pub text: Vec<String>,
    pub words: Vec<WordId>,
    pub kind: FormKind,
    pub reading: Reading,
    /// How many make one unit; 1 unless a subunit.
    pub per_unit: u32,
    /// The multiplier that is part of the form, as in "MUSD".
    pub scale: Option<Decimal>,
    /// Whether the form is another word as well.
    pub weak: bool,
}

/// A form that several currencies share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Indexes into [`Lexicon::codes`].
    pub candidates: BTreeSet<usize>,
    pub default: Option<usize>,
}

/// `per_year` and its like.
pub(super) type Rate = &'static str;

/// Which period a preposition opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    Over,
    By,
    Through,
}

/// Words that the grammar itself speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keywords {
    pub a: WordId,
    pub an: WordId,
    pub and: WordId,
    pub ampersand: WordId,
    pub between: WordId,
    pub by: WordId,
    pub c: WordId,
    pub comma: WordId,
    pub constant: WordId,
    pub either: WordId,
    pub from: WordId,
    pub half: WordId,
    pub in_: WordId,
    pub minus: WordId,
    pub of: WordId,
    pub or: WordId,
    pub plus: WordId,
    pub point: WordId,
    pub respectively: WordId,
    pub slash: WordId,
    pub stop: WordId,
    pub semicolon: WordId,
    pub colon: WordId,
    pub open: WordId,
    pub close: WordId,
    pub percent: WordId,
    pub than: WordId,
    pub the: WordId,
    pub to: WordId,
    pub hyphen: WordId,
    pub minus_sign: WordId,
    pub en_dash: WordId,
    pub em_dash: WordId,
    pub fy: WordId,
}

/// The compiled data.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub vocabulary: Vocabulary,
    pub keywords: Keywords,
    /// ISO 4217 codes.
    pub codes: Vec<String>,
    pub forms: Vec<Form>,
    pub forms_by_first: HashMap<WordId, Vec<usize>>,
    pub shared: Vec<Shared>,
    pub qualifiers: Phrases<Qualifier>,
    pub after: Phrases<Qualifier>,
    pub between: Phrases<()>,
    pub rates: Phrases<Rate>,
    pub rates_before: Phrases<Rate>,
    pub openers: Phrases<Opener>,
    pub equivalents: Phrases<()>,
    /// Finds where a currency may be named.
    pub anchors: AhoCorasick,
    /// The same for signs of one or two letters, which count beside digits only.
    pub short_anchors: Regex,
    /// Finds places; [`Lexicon::place_of`] says whose.
    pub places: AhoCorasick,
    /// The currencies that each pattern of `places` speaks for; none for a group of many countries.
    pub place_of: Vec<Vec<usize>>,
}

impl Lexicon {
    /// Compiles the data.
    ///
    /// # Errors
    /// [`Error::Data`] when a shared form names a currency that is not listed, or a phrase is empty.
    pub fn new(data: &Data) -> Result<Self> {
        let mut vocabulary = vocabulary(&data.numbers, &data.joints, &data.periods);
        let keywords = keywords(&mut vocabulary);
        let codes: Vec<String> = data.currencies.keys().cloned().collect();
        let (forms, shared) = Forms::collect(data, &codes, &mut vocabulary)?;
        let mut forms_by_first: HashMap<WordId, Vec<usize>> = HashMap::new();
        for (at, form) in forms.iter().enumerate() {
            let Some(first) = form.words.first() else {
                return Err(Error::data(FILE, "a currency has an empty form"));
            };
            forms_by_first.entry(*first).or_default().push(at);
        }
        for list in forms_by_first.values_mut() {
            list.sort_by_key(|&at| std::cmp::Reverse(forms[at].words.len()));
        }
        let mut sets = PhraseSets {
            vocabulary: &mut vocabulary,
        };
        let q = &data.qualifiers;
        let p = &data.periods;
        let qualifiers = sets.of(&[
            (&q.approx, Qualifier::Approx),
            (&q.at_least, Qualifier::AtLeast),
            (&q.more_than, Qualifier::MoreThan),
            (&q.up_to, Qualifier::UpTo),
            (&q.less_than, Qualifier::LessThan),
        ]);
        let after = sets.of(&[
            (&q.after_approx, Qualifier::Approx),
            (&q.after_at_least, Qualifier::AtLeast),
            (&q.after_up_to, Qualifier::UpTo),
        ]);
        let between = sets.of(&[(&q.between, ())]);
        let rates = sets.of(&[
            (&p.per_year, "per_year"),
            (&p.per_month, "per_month"),
            (&p.per_day, "per_day"),
        ]);
        let rates_before = sets.of(&[
            (&p.before_per_year, "per_year"),
            (&p.before_per_month, "per_month"),
            (&p.before_per_day, "per_day"),
        ]);
        let openers = sets.of(&[
            (&p.over, Opener::Over),
            (&p.by, Opener::By),
            (&p.through, Opener::Through),
        ]);
        let equivalents = sets.of(&[(&data.joints.equivalent, ())]);
        let (places, place_of) = places(data)?;
        Ok(Self {
            anchors: anchors(&forms)?,
            short_anchors: short_anchors(&forms)?,
            vocabulary,
            keywords,
            codes,
            forms,
            forms_by_first,
            shared,
            qualifiers,
            after,
            between,
            rates,
            rates_before,
            openers,
            equivalents,
            places,
            place_of,
        })
    }

    /// What the token's word does.
    pub fn roles(&self, token: &Token) -> &Roles {
        self.vocabulary.roles(token.word)
    }
}

fn vocabulary(numbers: &NumberData, joints: &JointData, periods: &PeriodData) -> Vocabulary {
    let mut words = Vocabulary::new();
    for (word, value) in &numbers.units {
        words.roles_mut(word).unit = Some(*value);
    }
    for (word, value) in &numbers.tens {
        words.roles_mut(word).tens = Some(*value);
    }
    for (word, value) in &numbers.magnitudes {
        words.roles_mut(word).magnitude = Some(Decimal::from(*value));
    }
    for (word, value) in &numbers.glued {
        words.roles_mut(word).glued = Some(Decimal::from(*value));
    }
    for (word, (part, whole)) in &numbers.fractions {
        words.roles_mut(word).fraction = Decimal::from(*part).checked_div(Decimal::from(*whole));
    }
    let flags: [(&[String], fn(&mut Roles)); 17] = [
        (&numbers.indefinite, |roles| roles.indefinite = true),
        (&numbers.plurals, |roles| roles.plural = true),
        (&numbers.multi, |roles| roles.multi = true),
        (&numbers.multi_glued, |roles| roles.multi_glued = true),
        (&joints.change, |roles| roles.change = true),
        (&joints.references, |roles| roles.reference = true),
        (&joints.closers, |roles| roles.closer = true),
        (&joints.weights, |roles| roles.weight = true),
        (&joints.money_nouns, |roles| roles.money_noun = true),
        (&joints.weight_heads, |roles| roles.weight_head = true),
        (&periods.not_rate, |roles| roles.not_rate = true),
        (&periods.of_time, |roles| roles.of_time = true),
        (&periods.years, |roles| roles.years = true),
        (&periods.months, |roles| roles.months = true),
        (&periods.decades, |roles| roles.decades = true),
        (&periods.span, |roles| roles.span = true),
        (&periods.year_filler, |roles| roles.year_filler = true),
    ];
    for (list, set) in flags {
        for word in list {
            set(words.roles_mut(word));
        }
    }
    words
}

fn keywords(words: &mut Vocabulary) -> Keywords {
    let mut id = |word: &str| words.intern(word);
    Keywords {
        a: id("a"),
        an: id("an"),
        and: id("and"),
        ampersand: id("&"),
        between: id("between"),
        by: id("by"),
        c: id("c"),
        comma: id(","),
        constant: id("constant"),
        either: id("either"),
        from: id("from"),
        half: id("half"),
        in_: id("in"),
        minus: id("minus"),
        of: id("of"),
        or: id("or"),
        plus: id("+"),
        point: id("point"),
        respectively: id("respectively"),
        slash: id("/"),
        stop: id("."),
        semicolon: id(";"),
        colon: id(":"),
        open: id("("),
        close: id(")"),
        percent: id("%"),
        than: id("than"),
        the: id("the"),
        to: id("to"),
        hyphen: id("-"),
        minus_sign: id("−"),
        en_dash: id("–"),
        em_dash: id("—"),
        fy: id("FY"),
    }
}

/// The words and marks of a phrase, cut as the lexer cuts them.
pub(super) fn pieces(phrase: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in phrase.chars() {
        let letter = c.is_alphabetic() || (in_word && matches!(c, '\'' | '’' | '‘'));
        match found.last_mut() {
            Some(word) if letter && in_word => word.push(c),
            _ if c.is_whitespace() => {}
            _ => found.push(c.to_string()),
        }
        in_word = letter;
    }
    found
}

struct PhraseSets<'a> {
    vocabulary: &'a mut Vocabulary,
}

impl PhraseSets<'_> {
    fn of<T: Copy>(&mut self, lists: &[(&Vec<String>, T)]) -> Phrases<T> {
        let mut phrases = Vec::new();
        for (list, meaning) in lists {
            for phrase in *list {
                let words = pieces(phrase)
                    .iter()
                    .map(|word| self.vocabulary.intern(word))
                    .collect();
                phrases.push((words, *meaning));
            }
        }
        Phrases::new(phrases)
    }
}

/// One reading of one form, before the forms that currencies share are brought together.
struct RawForm {
    kind: FormKind,
    currencies: BTreeSet<usize>,
    per_unit: u32,
    scale: Option<Decimal>,
    weak: bool,
}

/// Gathers the forms of all currencies by how they are written.
struct Forms {
    by_text: BTreeMap<String, RawForm>,
}

impl Forms {
    fn collect(
        data: &Data,
        codes: &[String],
        words: &mut Vocabulary,
    ) -> Result<(Vec<Form>, Vec<Shared>)> {
        let mut forms = Self {
            by_text: BTreeMap::new(),
        };
        for (at, (code, currency)) in data.currencies.iter().enumerate() {
            forms.add_currency(at, code, currency);
        }
        let mut shared = Vec::new();
        let mut shared_of: HashMap<&str, usize> = HashMap::new();
        for entry in &data.shared {
            let find = |code: &String| {
                codes.binary_search(code).map_err(|_| {
                    Error::data(
                        FILE,
                        format!("[[shared]] names {code}, which is not listed"),
                    )
                })
            };
            let mut candidates = entry
                .candidates
                .iter()
                .map(find)
                .collect::<Result<BTreeSet<usize>>>()?;
            if let Some(name) = &entry.like {
                let like = data
                    .currencies
                    .values()
                    .enumerate()
                    .filter(|(_, currency)| currency.names.contains(name));
                candidates.extend(like.map(|(at, _)| at));
            }
            for form in &entry.forms {
                shared_of.insert(form, shared.len());
                let kind = if form.chars().any(char::is_alphabetic) {
                    FormKind::Name
                } else {
                    FormKind::Sign
                };
                forms.add(form, kind, None, 1, None, false);
            }
            shared.push(Shared {
                candidates,
                default: entry.default.as_ref().map(find).transpose()?,
            });
        }
        let mut found = Vec::new();
        let mut implicit: HashMap<BTreeSet<usize>, usize> = HashMap::new();
        for (text, raw) in forms.by_text {
            let reading = match (shared_of.get(text.as_str()), raw.currencies.len()) {
                (Some(at), _) => Reading::Shared(*at),
                (None, 1) => raw
                    .currencies
                    .first()
                    .map_or(Reading::Shared(0), |only| Reading::Of(*only)),
                (None, _) => {
                    Reading::Shared(*implicit.entry(raw.currencies.clone()).or_insert_with(|| {
                        shared.push(Shared {
                            candidates: raw.currencies.clone(),
                            default: None,
                        });
                        shared.len() - 1
                    }))
                }
            };
            let cut = pieces(&text);
            found.push(Form {
                words: cut.iter().map(|piece| words.intern(piece)).collect(),
                text: cut,
                kind: raw.kind,
                reading,
                per_unit: raw.per_unit,
                scale: raw.scale,
                weak: raw.weak,
            });
        }
        Ok((found, shared))
    }

    fn add_currency(&mut self, at: usize, code: &str, currency: &CurrencyData) {
        let weak = |form: &str| currency.weak.iter().any(|weak| weak == form);
        for code in std::iter::once(code).chain(currency.codes.iter().map(String::as_str)) {
            self.add(code, FormKind::Code, Some(at), 1, None, weak(code));
            if !weak(code) {
                let (million, thousand, billion) = (
                    Decimal::from(1_000_000),
                    Decimal::from(1000),
                    Decimal::from(1_000_000_000),
                );
                for (form, scale) in [
                    (format!("M{code}"), million),
                    (format!("{code}m"), million),
                    (format!("k{code}"), thousand),
                    (format!("{code}bn"), billion),
                ] {
                    self.add(&form, FormKind::Code, Some(at), 1, Some(scale), false);
                }
            }
        }
        for sign in &currency.signs {
            self.add(sign, FormKind::Sign, Some(at), 1, None, weak(sign));
        }
        for name in &currency.names {
            self.add(name, FormKind::Name, Some(at), 1, None, weak(name));
            for adjective in &currency.adjectives {
                self.add(
                    &format!("{adjective} {name}"),
                    FormKind::Name,
                    Some(at),
                    1,
                    None,
                    false,
                );
            }
        }
        for subunit in &currency.subunits {
            self.add(
                subunit,
                FormKind::Subunit,
                Some(at),
                currency.per_unit,
                None,
                weak(subunit),
            );
            for adjective in &currency.adjectives {
                self.add(
                    &format!("{adjective} {subunit}"),
                    FormKind::Subunit,
                    Some(at),
                    currency.per_unit,
                    None,
                    false,
                );
            }
        }
    }

    fn add(
        &mut self,
        text: &str,
        kind: FormKind,
        currency: Option<usize>,
        per_unit: u32,
        scale: Option<Decimal>,
        weak: bool,
    ) {
        let entry = self.by_text.entry(text.to_owned()).or_insert(RawForm {
            kind,
            currencies: BTreeSet::new(),
            per_unit,
            scale,
            weak,
        });
        entry.currencies.extend(currency);
        entry.weak |= weak;
    }
}

/// The part of each form that cannot be missing and is least common: its sign, or its noun.
fn anchors(forms: &[Form]) -> Result<AhoCorasick> {
    let mut patterns = BTreeSet::new();
    for form in forms {
        let sign = form
            .text
            .iter()
            .find(|piece| !piece.is_ascii() || piece.as_str() == "$");
        // The last word of a name is the noun: "Australian dollars".
        let noun = match form.kind {
            FormKind::Sign => form.text.iter().max_by_key(|piece| piece.len()),
            _ => form.text.last(),
        };
        if let Some(anchor) = sign
            .or(noun)
            .filter(|anchor| anchor.len() > 2 || !anchor.is_ascii() || anchor.as_str() == "$")
        {
            patterns.insert(anchor.to_lowercase());
            patterns.insert(anchor.clone());
        }
    }
    AhoCorasick::builder()
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(patterns)
        .map_err(|reason| Error::data(FILE, reason))
}

fn short_anchors(forms: &[Form]) -> Result<Regex> {
    let short: BTreeSet<&str> = forms
        .iter()
        .filter(|form| {
            form.text
                .iter()
                .all(|piece| piece.len() <= 2 && piece.is_ascii() && piece != "$")
        })
        .filter_map(|form| form.text.first())
        .map(String::as_str)
        .collect();
    let either = short
        .into_iter()
        .map(regex::escape)
        .collect::<Vec<_>>()
        .join("|");
    Regex::new(&format!(
        r"(?:{either})[./]*[\s\u{{a0}}]?\d|\d[\s\u{{a0}}]?(?:{either})"
    ))
    .map_err(|reason| Error::data(FILE, reason))
}

fn places(data: &Data) -> Result<(AhoCorasick, Vec<Vec<usize>>)> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, currency) in data.currencies.values().enumerate() {
        for place in &currency.places {
            of.entry(place).or_default().push(at);
        }
    }
    for group in &data.context.many_countries {
        of.entry(group).or_default();
    }
    let automaton = AhoCorasick::builder()
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .build(of.keys())
        .map_err(|reason| Error::data(FILE, reason))?;
    Ok((automaton, of.into_values().collect()))
}
