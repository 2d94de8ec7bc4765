//! The nouns of the answer: a sum of money, and what a statement says about it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::document::Span;

/// A sum of money as a sentence names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The whole expression in the text that was searched, without "about", "up to" or the period.
    pub span: Span,
    /// The amount in major units (0.5 for 50 cents); none for a range, for "billions of dollars" and for a figure that
    /// is too large for a decimal.
    pub amount: Option<Decimal>,
    /// The lower bound of a range.
    pub amount_min: Option<Decimal>,
    /// The upper bound of a range.
    pub amount_max: Option<Decimal>,
    /// The ISO 4217 code; none when the text does not say.
    pub currency: Option<String>,
    /// How the code is known.
    pub currency_basis: CurrencyBasis,
    /// What the words before or after say about the amount.
    pub qualifier: Qualifier,
    /// `per_year`, `per_month`, `per_day`, `over:5y`, `over:18m`, `by:2030`, `through:2027`, `span:2024-2026`.
    pub period: Option<String>,
    /// The position, in the same list, of the sum that this one only restates, in another currency or in words.
    pub equivalent_of: Option<usize>,
}

/// How the currency of a sum is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrencyBasis {
    /// The expression itself names it: "US$", "euros", "KRW".
    Stated,
    /// The sign is shared by several currencies and the document tells which.
    Document,
    /// The sign is shared by several currencies and the most usual one was taken; none where none is usual.
    Assumed,
}

/// What a statement says about an amount besides the figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// "$5 million".
    Exact,
    /// "about", "nearly", "some".
    Approx,
    /// "at least", "a minimum of".
    AtLeast,
    /// "more than", "over".
    MoreThan,
    /// "up to", "a maximum of".
    UpTo,
    /// "less than", "under".
    LessThan,
    /// "$10-15 billion".
    Range,
    /// "billions of dollars".
    Vague,
}
