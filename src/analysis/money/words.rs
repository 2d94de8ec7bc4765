//! The words that the data holds, and what each does by itself.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::data::{JointData, NumberData, PeriodData};

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
    pub measure: bool,
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
    pub fn new() -> Self {
        Self {
            ids: HashMap::new(),
            roles: vec![Roles::default()],
        }
    }

    pub fn intern(&mut self, word: &str) -> WordId {
        let next = WordId(u32::try_from(self.roles.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry(word.to_lowercase()).or_insert(next);
        if id == next {
            self.roles.push(Roles::default());
        }
        id
    }

    pub fn roles_mut(&mut self, word: &str) -> &mut Roles {
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

/// Words that the grammar itself refers to.
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
    pub per: WordId,
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

/// Words, and what to note of each.
type Flag<'a> = (&'a [String], fn(&mut Roles));

pub(super) fn vocabulary(
    numbers: &NumberData,
    joints: &JointData,
    periods: &PeriodData,
) -> Vocabulary {
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
    let flags: [Flag<'_>; 18] = [
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
        (&joints.measures, |roles| roles.measure = true),
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

pub(super) fn keywords(words: &mut Vocabulary) -> Keywords {
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
        per: id("per"),
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
