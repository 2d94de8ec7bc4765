//! The ways in which currencies are written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::AhoCorasick;
use regex::Regex;
use rust_decimal::Decimal;

use super::data::{CurrencyData, Data, FILE};
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

/// One reading of one form, before the forms that currencies share are brought together.
struct RawForm {
    kind: FormKind,
    currencies: BTreeSet<usize>,
    per_unit: u32,
    scale: Option<Decimal>,
    weak: bool,
}

/// Gathers the forms of all currencies by how they are written.
pub(super) struct RawForms {
    by_text: BTreeMap<String, RawForm>,
}

impl RawForms {
    pub fn collect(
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
                let kind = if is_mark(form) {
                    FormKind::Sign
                } else {
                    FormKind::Name
                };
                forms.add(form, kind, None, 1, None, false);
            }
            let signed = |currency: &CurrencyData| {
                let ends_in = |sign: &String| {
                    entry
                        .forms
                        .iter()
                        .any(|form| is_mark(form) && sign.ends_with(form.as_str()))
                };
                currency.signs.iter().any(ends_in)
            };
            let mut users = candidates.clone();
            users.extend(
                data.currencies
                    .values()
                    .enumerate()
                    .filter(|(_, currency)| signed(currency))
                    .map(|(at, _)| at),
            );
            shared.push(Shared {
                users,
                candidates,
                default: entry.default.as_ref().map(find).transpose()?,
            });
        }
        let mut found = Vec::new();
        let mut implicit: HashMap<BTreeSet<usize>, usize> = HashMap::new();
        for (text, raw) in forms.by_text {
            let reading = match (shared_of.get(text.as_str()), raw.currencies.len()) {
                (Some(at), _) => CurrencyReading::Shared(*at),
                (None, 1) => raw
                    .currencies
                    .first()
                    .map_or(CurrencyReading::Shared(0), |only| {
                        CurrencyReading::Of(*only)
                    }),
                (None, _) => CurrencyReading::Shared(
                    *implicit.entry(raw.currencies.clone()).or_insert_with(|| {
                        shared.push(Shared {
                            candidates: raw.currencies.clone(),
                            users: raw.currencies.clone(),
                            default: None,
                        });
                        shared.len() - 1
                    }),
                ),
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
            // "M€ 5", "20 k€"
            if is_mark(sign) && sign != "$" {
                for (prefix, scale) in [
                    ("k", 1000),
                    ("K", 1000),
                    ("M", 1_000_000),
                    ("Mn", 1_000_000),
                    ("bn", 1_000_000_000),
                    ("Bn", 1_000_000_000),
                ] {
                    let scale = Some(Decimal::from(scale));
                    self.add(
                        &format!("{prefix}{sign}"),
                        FormKind::Sign,
                        Some(at),
                        1,
                        scale,
                        false,
                    );
                }
            }
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
        if matches!(kind, FormKind::Name | FormKind::Subunit) && text.contains(' ') {
            // "a 500-million-US-dollar loan"
            self.add(
                &text.replace(' ', "-"),
                kind,
                currency,
                per_unit,
                scale,
                weak,
            );
        }
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
        r"(?:{either})[./]*[\s\u{{a0}}]?\d|\d[\s\u{{a0}}]?(?:{either})"
    ))
    .map_err(|reason| Error::data(FILE, reason))
}
