//! What the rows of a whole run add up to, for the reports that people open. It grows with distinct things, not with text.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::rows::{MoneyRow, SumRow};
use super::tables::DocumentTables;
use crate::analysis::money::Qualifier;

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
