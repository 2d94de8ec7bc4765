//! What the rows of a whole run add up to, for the reports that people open. It grows with distinct things, not with text.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::rows::{MoneyRow, ThemeRow};
use super::schema::{DecimalSchema, ThemeColumns};
use super::tables::DocumentTables;
use crate::analysis::money::Qualifier;

/// The sums of one currency, never added to another's. Sums with `equivalent_of` are left out; a sum that a statement,
/// or several statements, say twice counts twice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub(super) struct SumRow {
    /// ISO 4217.
    pub currency: String,
    /// per_year, per_month or per_day for sums that come again; empty for the others.
    pub rate: Option<String>,
    /// Sums in this currency, whatever is known of the amount.
    pub sums: usize,
    /// Statements that they stand in.
    pub documents: usize,
    /// Sums whose one amount is known: these make the total.
    pub exact_amounts: usize,
    /// What they add up to, in major units; empty where none is exact, or no decimal can hold it.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
    pub total: Option<Decimal>,
    /// The largest of them.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
    pub largest: Option<Decimal>,
}

/// The theme shares of one statement side by side, for charts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct WideShareRow {
    /// The document.
    pub doc_id: String,
    /// The date of the statement, ISO 8601 (YYYY-MM-DD).
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
    /// `share_sentences` of each theme, in columns named by theme id, and last of `none`.
    #[serde(flatten)]
    pub shares: ThemeColumns,
}

impl WideShareRow {
    pub(super) fn new(tables: &DocumentTables) -> Self {
        let share = |row: &ThemeRow| (row.theme.clone(), row.share_sentences);
        Self {
            doc_id: tables.document.doc_id.clone(),
            date: tables.document.date.clone(),
            shares: ThemeColumns(tables.themes.iter().map(share).collect()),
        }
    }
}

/// The sums of a run by currency.
#[derive(Debug, Default)]
pub(super) struct CurrencySums(BTreeMap<(String, Option<String>), SumRow>);

impl CurrencySums {
    pub(super) fn add(&mut self, tables: &DocumentTables) {
        let mut here = BTreeSet::new();
        for row in tables
            .money
            .iter()
            .filter(|row| row.equivalent_of.is_none())
        {
            let Some(currency) = &row.currency else {
                continue;
            };
            let rate = rate(row);
            let key = (currency.clone(), rate.clone());
            let total = self.0.entry(key.clone()).or_insert_with(|| SumRow {
                currency: currency.clone(),
                rate,
                ..SumRow::default()
            });
            total.sums += 1;
            total.documents += usize::from(here.insert(key));
            if let Some(amount) = exact(row) {
                total.exact_amounts += 1;
                total.total = match total.exact_amounts {
                    1 => Some(amount),
                    _ => total.total.and_then(|total| total.checked_add(amount)),
                };
                total.largest = Some(total.largest.map_or(amount, |largest| largest.max(amount)));
            }
        }
    }

    /// One row per currency and rate, in the order of their names.
    pub(super) fn rows(&self) -> impl Iterator<Item = &SumRow> {
        self.0.values()
    }
}

/// per_year and the like, for a sum that comes again.
pub(super) fn rate(row: &MoneyRow) -> Option<String> {
    let period = row.period.as_ref();
    period.filter(|period| period.starts_with("per_")).cloned()
}

/// The amount of a sum that the text gives as it is: not "up to", "about" or a range.
fn exact(row: &MoneyRow) -> Option<Decimal> {
    row.amount.filter(|_| row.qualifier == Qualifier::Exact)
}
