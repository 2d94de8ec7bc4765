//! From a sentence to its sums: which parts are read, and what makes a [`Money`] of a sum in tokens.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use rust_decimal::Decimal;

use super::context::{self, CurrencyContext};
use super::data::Data;
use super::expression::{CurrencyBasis, Money, Qualifier};
use super::forms::CurrencyReading;
use super::lexer::{self, MoneyToken};
use super::lexicon::Lexicon;
use super::mentions;
use super::sentence::LexedSentence;
use super::sums::{Sum, Value};
use super::surroundings::Surroundings;
use crate::Result;
use crate::document::Span;
use crate::text::is_whole_word;

/// How many bytes around the name of a currency are read closely.
const MARGIN: usize = 400;

/// The grammar of sums, compiled from `models/currencies.toml`.
#[derive(Debug)]
pub struct MoneyGrammar {
    lexicon: Lexicon,
}

impl MoneyGrammar {
    /// The grammar compiled into the program.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) when the data file is malformed.
    pub fn embedded() -> Result<Self> {
        let lexicon = Lexicon::new(&Data::embedded()?)?;
        Ok(Self { lexicon })
    }

    /// What "$", "¥", "pounds", "kr" and other shared signs mean in a document, where it makes that clear: it writes
    /// exactly one of the candidates out, or its title, dateline and first lines name the places of exactly one.
    pub fn context(&self, document_text: &str) -> CurrencyContext {
        let mut stated = BTreeSet::new();
        for part in self.parts(document_text) {
            let text = &document_text[part];
            let tokens = lexer::tokens(text, 0, &self.lexicon.vocabulary);
            stated.extend(context::stated(
                &tokens,
                &mentions::mentions(text, &tokens, &self.lexicon),
            ));
        }
        CurrencyContext::of(document_text, &stated, &self.lexicon)
    }

    /// The sums that `sentence` names, in order and not overlapping; spans are relative to `sentence`.
    pub fn find(&self, sentence: &str, context: &CurrencyContext) -> Vec<Money> {
        let mut found = Vec::new();
        for part in self.parts(sentence) {
            self.find_in_part(sentence, part, context, &mut found);
        }
        found
    }

    fn find_in_part(
        &self,
        sentence: &str,
        part: Range<usize>,
        context: &CurrencyContext,
        found: &mut Vec<Money>,
    ) {
        let lexicon = &self.lexicon;
        let opens_sentence = part.start == 0;
        let tokens = lexer::tokens(&sentence[part.clone()], part.start, &lexicon.vocabulary);
        let mentions = mentions::mentions(sentence, &tokens, lexicon);
        let sums = LexedSentence {
            lexicon,
            tokens: &tokens,
            mentions: &mentions,
        }
        .sums();
        let around = Surroundings {
            lexicon,
            text: sentence,
            tokens: &tokens,
            sums: &sums,
        };
        let opening = if opens_sentence {
            around.opening_period()
        } else {
            None
        };
        let first = found.len();
        let places = OnceCell::new();
        let owners = || places.get_or_init(|| context::named_owners(sentence, lexicon));
        for (at, sum) in sums.iter().enumerate() {
            let mut money = self.money(sum, &tokens, sentence, context, &owners);
            money.qualifier = around.qualifier(sum);
            money.period = around.period(at);
            found.push(money);
        }
        link_equivalents(&around, &mut found[first..], first);
        share_periods(&sums, &mut found[first..], first);
        for (at, money) in found[first..].iter_mut().enumerate() {
            if money.period.is_none() && !around.is_of_one_year(at) {
                money.period.clone_from(&opening);
            }
        }
    }

    fn money<'a>(
        &self,
        sum: &Sum,
        tokens: &[MoneyToken],
        sentence: &str,
        context: &CurrencyContext,
        owners: &dyn Fn() -> &'a BTreeSet<usize>,
    ) -> Money {
        let (code, basis) = match sum.reading {
            CurrencyReading::Of(code) => (Some(code), CurrencyBasis::Stated),
            CurrencyReading::Shared(shared) => {
                let before = &sentence[..tokens[sum.first].start];
                let has_default = self.lexicon.shared[shared].default.is_some();
                let at_home = || context::owner_by_place(owners(), shared, &self.lexicon);
                let meaning = context::owner(before, shared, &self.lexicon)
                    .or_else(|| context.meaning(shared))
                    .or_else(|| if has_default { None } else { at_home() });
                match meaning {
                    Some(code) => (Some(code), CurrencyBasis::Document),
                    None => (self.lexicon.shared[shared].default, CurrencyBasis::Assumed),
                }
            }
        };
        let (amount, amount_min, amount_max) = match sum.value {
            Value::Amount(amount) => (amount, None, None),
            Value::Range(low, high) => (None, low, high),
            Value::Vague => (None, None, None),
        };
        let tidy = |amount: Option<Decimal>| amount.map(|amount| amount.normalize());
        Money {
            span: Span::new(tokens[sum.first].start, tokens[sum.end - 1].end),
            amount: tidy(amount),
            amount_min: tidy(amount_min),
            amount_max: tidy(amount_max),
            currency: code.map(|code| self.lexicon.codes[code].clone()),
            currency_basis: basis,
            qualifier: Qualifier::Exact,
            period: None,
            equivalent_of: None,
        }
    }

    /// The parts of the text where a currency may be named, with what stands around it; in order, not overlapping.
    fn parts(&self, text: &str) -> Vec<Range<usize>> {
        let long = self
            .lexicon
            .anchors
            .find_iter(text)
            .map(|hit| hit.range())
            .filter(|hit| is_whole_word(text, hit.start, hit.end));
        let short = self
            .lexicon
            .short_anchors
            .find_iter(text)
            .map(|hit| hit.range());
        if text.len() <= 2 * MARGIN {
            // Sentences are short: one hit, and the whole is read.
            let any = long.into_iter().next().is_some() || short.into_iter().next().is_some();
            return if any {
                std::iter::once(0..text.len()).collect()
            } else {
                Vec::new()
            };
        }
        let mut hits: Vec<Range<usize>> = long.chain(short).collect();
        hits.sort_unstable_by_key(|hit| hit.start);
        let mut parts: Vec<Range<usize>> = Vec::new();
        for hit in hits {
            let start = word_start(text, hit.start.saturating_sub(MARGIN));
            let end = word_start(text, (hit.end + MARGIN).min(text.len())).max(hit.end);
            match parts.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => parts.push(start..end),
            }
        }
        parts
    }
}

/// The first place from `at` on where a word may begin: after white space if there is some near, else on a character.
fn word_start(text: &str, at: usize) -> usize {
    if at == 0 {
        return 0;
    }
    let at = text.ceil_char_boundary(at);
    text[at..]
        .char_indices()
        .take(80)
        .find(|(_, c)| c.is_whitespace())
        .map_or(at, |(space, _)| at + space)
}

/// Finds the sums that only restate another; `offset` is the position of the first in the whole list.
fn link_equivalents(around: &Surroundings<'_>, found: &mut [Money], offset: usize) {
    for at in 1..found.len() {
        let (sum, before) = (&around.sums[at], &around.sums[at - 1]);
        let root = match found[at - 1].equivalent_of {
            Some(root) if around.is_next_equivalent(before, sum) => root - offset,
            None if around.is_equivalent(before, sum) => at - 1,
            _ => continue,
        };
        let known = found[root].currency.is_some() || found[at].currency.is_some();
        let other_currency = known && found[root].currency != found[at].currency;
        // "$5 million (five million US dollars)"
        let same_amount = found[at].amount.is_some() && found[root].amount == found[at].amount;
        if other_currency || same_amount {
            found[at].equivalent_of = Some(root + offset);
        } else if let (Some(one), Some(other)) = (found[root].amount, found[at].amount)
            && one != other
            && found[root].currency_basis != CurrencyBasis::Stated
            && found[at].currency_basis == CurrencyBasis::Stated
        {
            // "$3.3 billion (US$2.4 billion)": whatever the first dollar is, it is not the second.
            found[root].currency = None;
            found[root].currency_basis = CurrencyBasis::Assumed;
            found[at].equivalent_of = Some(root + offset);
        }
    }
}

/// A sum and its equivalents are for the same period, and so are the items of one list.
fn share_periods(sums: &[Sum], found: &mut [Money], offset: usize) {
    for at in (1..found.len()).rev() {
        let with = match found[at].equivalent_of {
            Some(root) => root - offset,
            None if sums[at].listed => at - 1,
            None => continue,
        };
        if found[with].period.is_none() {
            found[with].period = found[at].period.clone();
        } else if found[at].period.is_none() && found[at].equivalent_of.is_some() {
            found[at].period = found[with].period.clone();
        }
    }
}
