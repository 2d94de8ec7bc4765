//! The ways in which currencies are written.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::AhoCorasick;
use regex::Regex;
use rust_decimal::Decimal;

use super::data::{CurrencyData, Data, FILE, SharedData};
use super::phrases::pieces;
use super::words::{Vocabulary, WordId};
use crate::{Error, Result};

/// Which currency a form means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum CurrencyReading {
    /// This one, an index into [`super::lexicon::Lexicon::codes`].
    Of(usize),
    /// One of several, an index into [`super::lexicon::Lexicon::shared`].
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
    pub reading: CurrencyReading,
    /// How many make one unit; 1 unless a subunit.
    pub per_unit: u32,
    /// The multiplier that is part of the form, as in "MUSD".
    pub scale: Option<Decimal>,
    /// Whether the form is another word as well.
    pub weak: bool,
    /// Whether it counts only before a figure.
    pub leads: bool,
}

/// A form that several currencies share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Indexes into [`super::lexicon::Lexicon::codes`].
    pub candidates: BTreeSet<usize>,
    /// The candidates, and the currencies with a longer sign that ends in this one: "R$" beside "$".
    pub users: BTreeSet<usize>,
    pub default: Option<usize>,
}

impl Shared {
    fn new(entry: &SharedData, data: &Data, codes: &[String]) -> Result<Self> {
        let find = |code: &String| {
            codes.binary_search(code).map_err(|_| {
                let reason = format!("[[shared]] names {code}, which is not listed");
                Error::data(FILE, reason)
            })
        };
        let currencies = || data.currencies.values().enumerate();
        let mut candidates: BTreeSet<usize> =
            entry.candidates.iter().map(find).collect::<Result<_>>()?;
        if let Some(name) = &entry.like {
            let like = currencies().filter(|(_, currency)| currency.names.contains(name));
            candidates.extend(like.map(|(at, _)| at));
        }
        let ends_in_form = |sign: &String| {
            let mut marks = entry.forms.iter().filter(|form| is_mark(form));
            marks.any(|form| sign.ends_with(form.as_str()))
        };
        let signed = currencies().filter(|(_, currency)| currency.signs.iter().any(ends_in_form));
        let mut users = candidates.clone();
        users.extend(signed.map(|(at, _)| at));
        Ok(Self {
            candidates,
            users,
            default: entry.default.as_ref().map(find).transpose()?,
        })
    }

    /// A currency that the data does not list.
    pub fn unknown() -> Self {
        Self::implicit(&BTreeSet::new())
    }

    /// Currencies that are written alike without an entry of their own in the data.
    fn implicit(currencies: &BTreeSet<usize>) -> Self {
        Self {
            candidates: currencies.clone(),
            users: currencies.clone(),
            default: None,
        }
    }
}

/// A form, before those that several currencies share are brought together.
#[derive(Clone)]
struct RawForm {
    kind: FormKind,
    currencies: BTreeSet<usize>,
    per_unit: u32,
    scale: Option<Decimal>,
    weak: bool,
}

impl RawForm {
    fn shared(kind: FormKind, currencies: &BTreeSet<usize>) -> Self {
        Self {
            kind,
            currencies: currencies.clone(),
            per_unit: 1,
            scale: None,
            weak: false,
        }
    }
}

/// The forms of all currencies by how they are written.
#[derive(Default)]
pub(super) struct RawForms {
    by_text: BTreeMap<String, RawForm>,
    /// Those that count only before a figure.
    before_figure: BTreeMap<String, RawForm>,
}

/// What stands before and after a code, and what it multiplies by: "MUSD", "EURbn".
const CODE_SCALES: [(&str, &str, u32); 4] = [
    ("M", "", 1_000_000),
    ("", "m", 1_000_000),
    ("k", "", 1000),
    ("", "bn", 1_000_000_000),
];

/// The same for a sign: "M€ 5", "20 k€".
const SIGN_SCALES: [(&str, &str, u32); 6] = [
    ("k", "", 1000),
    ("K", "", 1000),
    ("M", "", 1_000_000),
    ("Mn", "", 1_000_000),
    ("bn", "", 1_000_000_000),
    ("Bn", "", 1_000_000_000),
];

impl RawForms {
    pub fn collect(
        data: &Data,
        codes: &[String],
        words: &mut Vocabulary,
    ) -> Result<(Vec<Form>, Vec<Shared>)> {
        let mut forms = Self::default();
        for (at, (code, currency)) in data.currencies.iter().enumerate() {
            forms.add_currency(at, code, currency);
        }
        let mut shared = Vec::new();
        let mut shared_of: HashMap<&str, usize> = HashMap::new();
        for data_entry in &data.shared {
            for form in &data_entry.forms {
                shared_of.insert(form, shared.len());
                forms.add_shared(form);
            }
            let entry = Shared::new(data_entry, data, codes)?;
            for form in &data_entry.before_figure {
                forms.add_before_figure(form, RawForm::shared(FormKind::Sign, &entry.candidates));
            }
            shared.push(entry);
        }
        let forms = forms.read(&shared_of, &mut shared, words);
        Ok((forms, shared))
    }

    /// The forms, each with the currency or the currencies that it means; the latter may be added to `shared`.
    fn read(
        self,
        shared_of: &HashMap<&str, usize>,
        shared: &mut Vec<Shared>,
        words: &mut Vocabulary,
    ) -> Vec<Form> {
        let mut found = Vec::new();
        let mut implicit: HashMap<BTreeSet<usize>, usize> = HashMap::new();
        let before_figure = self.before_figure.into_iter().map(|form| (true, form));
        let anywhere = self.by_text.into_iter().map(|form| (false, form));
        // The first form that may stand at a place wins.
        for (leads, (text, raw)) in before_figure.chain(anywhere) {
            let listed = match text.strip_suffix('.').filter(|_| leads) {
                Some(sign) => shared_of.get(sign),
                None => shared_of.get(text.as_str()).filter(|_| !leads),
            };
            let only = raw.currencies.first().filter(|_| raw.currencies.len() == 1);
            let reading = match (listed, only) {
                (Some(at), _) => CurrencyReading::Shared(*at),
                (None, Some(only)) => CurrencyReading::Of(*only),
                (None, None) => {
                    let at = implicit.entry(raw.currencies.clone()).or_insert_with(|| {
                        shared.push(Shared::implicit(&raw.currencies));
                        shared.len() - 1
                    });
                    CurrencyReading::Shared(*at)
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
                leads,
            });
        }
        found
    }

    fn add_currency(&mut self, at: usize, code: &str, currency: &CurrencyData) {
        let raw = |kind: FormKind, form: &str| RawForm {
            kind,
            currencies: BTreeSet::from([at]),
            per_unit: match kind {
                FormKind::Subunit => currency.per_unit,
                _ => 1,
            },
            scale: None,
            weak: currency.weak.iter().any(|weak| weak == form),
        };
        for code in std::iter::once(code).chain(currency.codes.iter().map(String::as_str)) {
            let form = raw(FormKind::Code, code);
            self.add(code, form.clone());
            if !form.weak {
                self.add_scaled(code, &form, &CODE_SCALES);
            }
        }
        for sign in &currency.signs {
            let form = raw(FormKind::Sign, sign);
            self.add(sign, form.clone());
            if let Some(dotted) = dotted(sign) {
                self.add(&dotted, form.clone());
            }
            let abbreviated = format!("{sign}.");
            if sign.ends_with(char::is_lowercase) && !currency.signs.contains(&abbreviated) {
                // "Ksh. 40 million", but the stop of "40 million kr." ends the sentence.
                self.add_before_figure(&abbreviated, form.clone());
            }
            if is_mark(sign) && sign != "$" {
                self.add_scaled(sign, &form, &SIGN_SCALES);
            }
        }
        let (names, subunits) = (&currency.names, &currency.subunits);
        for (kind, nouns) in [(FormKind::Name, names), (FormKind::Subunit, subunits)] {
            for noun in nouns {
                let form = raw(kind, noun);
                self.add(noun, form.clone());
                for adjective in &currency.adjectives {
                    let clear = RawForm {
                        weak: false,
                        ..form.clone()
                    };
                    self.add(&format!("{adjective} {noun}"), clear);
                }
            }
        }
    }

    /// Adds a form with each multiplier; such a form is not an ordinary word as well.
    fn add_scaled(&mut self, text: &str, form: &RawForm, scales: &[(&str, &str, u32)]) {
        for (before, after, scale) in scales {
            let scaled = RawForm {
                scale: Some(Decimal::from(*scale)),
                weak: false,
                ..form.clone()
            };
            self.add(&format!("{before}{text}{after}"), scaled);
        }
    }

    /// Adds a form that the data lists as shared.
    fn add_shared(&mut self, text: &str) {
        let kind = if is_mark(text) {
            FormKind::Sign
        } else {
            FormKind::Name
        };
        self.add(text, RawForm::shared(kind, &BTreeSet::new()));
    }

    /// Adds a form that counts only before a figure.
    fn add_before_figure(&mut self, text: &str, form: RawForm) {
        add_to(&mut self.before_figure, text, form);
    }

    /// Adds a form, or what is new about one that is there already.
    fn add(&mut self, text: &str, form: RawForm) {
        if matches!(form.kind, FormKind::Name | FormKind::Subunit) && text.contains(' ') {
            // "a 500-million-US-dollar loan"
            self.add(&text.replace(' ', "-"), form.clone());
        }
        add_to(&mut self.by_text, text, form);
    }
}

fn add_to(forms: &mut BTreeMap<String, RawForm>, text: &str, form: RawForm) {
    match forms.entry(text.to_owned()) {
        Entry::Vacant(place) => {
            place.insert(form);
        }
        Entry::Occupied(mut known) => {
            known.get_mut().currencies.extend(form.currencies);
            known.get_mut().weak |= form.weak;
        }
    }
}

/// "N.Z.$" for "NZ$": a sign of several capitals with a stop after each.
fn dotted(sign: &str) -> Option<String> {
    let letters = sign.strip_suffix('$')?;
    let is_spelt = letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_uppercase());
    is_spelt.then(|| letters.chars().map(|c| format!("{c}.")).collect::<String>() + "$")
}

/// Whether the form has no letters.
fn is_mark(form: &str) -> bool {
    !form.chars().any(char::is_alphabetic)
}

/// The part of each form that cannot be missing and is least common: its sign, or its noun.
pub(super) fn anchors(forms: &[Form]) -> Result<AhoCorasick> {
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

pub(super) fn short_anchors(forms: &[Form]) -> Result<Regex> {
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
        r"(?:{either})[./]*\s{{0,2}}\d|\d\s{{0,2}}(?:{either})"
    ))
    .map_err(|reason| Error::data(FILE, reason))
}
