//! What a run found, in a few lines for the terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use rust_decimal::Decimal;

use super::rows::FailureRow;
use super::schema::NO_THEME;
use super::tables::{Counts, DocumentTables, Table};
use crate::text::{counted, escape_controls, grouped};

/// How wide a theme's bar is at 100%.
const BAR_WIDTH: f64 = 40.0;

/// How many currencies, failures and warnings are shown; the tables have them all.
const SHOWN: usize = 5;

/// How many warnings are kept for a reader who asked for all.
const KEPT_WARNINGS: usize = 1000;

/// Grows with every statement; its size does not depend on how many there are.
#[derive(Debug, Default)]
pub struct Summary {
    rows: Counts,
    themes: Vec<(String, f64)>,
    currencies: BTreeMap<String, Largest>,
    first_failures: Vec<FailureRow>,
    unchanged: usize,
    warned: usize,
    warnings: Vec<String>,
}

#[derive(Debug)]
struct Largest {
    mentions: usize,
    amount: Decimal,
    text: String,
    doc_id: String,
}

impl Summary {
    /// Counts one statement in; `is_known`: it was taken over from an earlier run.
    pub fn add(&mut self, tables: &DocumentTables, is_known: bool) {
        self.rows.add(tables);
        self.unchanged += usize::from(is_known);
        if let Some(warnings) = &tables.document.warnings {
            self.warned += 1;
            if self.warnings.len() < KEPT_WARNINGS {
                let path = escape_controls(&tables.document.path);
                self.warnings.push(format!("{path}: {warnings}"));
            }
        }
        for row in &tables.themes {
            match self
                .themes
                .iter_mut()
                .find(|(theme, _)| *theme == row.theme)
            {
                Some((_, sentences)) => *sentences += row.sentences,
                None => self.themes.push((row.theme.clone(), row.sentences)),
            }
        }
        for row in tables
            .money
            .iter()
            .filter(|row| row.equivalent_of.is_none())
        {
            let (Some(currency), Some(amount)) = (&row.currency, row.amount.or(row.amount_max))
            else {
                continue;
            };
            let largest = self
                .currencies
                .entry(currency.clone())
                .or_insert_with(|| Largest {
                    mentions: 0,
                    amount: Decimal::MIN,
                    text: String::new(),
                    doc_id: String::new(),
                });
            largest.mentions += 1;
            if amount > largest.amount {
                largest.amount = amount;
                largest.text = row.text.clone();
                largest.doc_id = row.doc_id.clone();
            }
        }
    }

    /// Counts a failure in.
    pub fn add_failure(&mut self, failure: &FailureRow) {
        self.rows.add_failure();
        if self.first_failures.len() < SHOWN {
            self.first_failures.push(failure.clone());
        }
    }

    /// How many statements were analysed.
    pub fn documents(&self) -> usize {
        self.rows.of(Table::Documents)
    }

    /// How many statements failed.
    pub fn failures(&self) -> usize {
        self.rows.of(Table::Failures)
    }

    /// One line: what was analysed and what failed.
    pub fn line(&self) -> String {
        let mut line = format!(
            "analysed {}: {}",
            counted(self.documents(), "statement"),
            self.rows.listed()
        );
        if self.unchanged > 0 {
            let _ = write!(line, "; {} unchanged since an earlier run", self.unchanged);
        }
        if self.failures() > 0 {
            let _ = write!(line, "; {} failed", self.failures());
        }
        line
    }

    /// The first failures; the failures table has them all.
    pub fn first_failures(&self) -> &[FailureRow] {
        &self.first_failures
    }

    /// What the reader should know of single statements: every warning, or the first and how many more there are.
    pub fn warnings(&self, all: bool) -> Vec<String> {
        let shown = if all { self.warnings.len() } else { SHOWN };
        let mut lines: Vec<String> = self.warnings.iter().take(shown).cloned().collect();
        if self.warned > lines.len() {
            let more = counted(self.warned - lines.len(), "more warning");
            lines.push(format!("{more}, in the documents table"));
        }
        lines
    }

    /// Themes as bars and the largest sum of each of the most named currencies.
    pub fn block(&self) -> String {
        let mut block = String::new();
        let all: f64 = self.themes.iter().map(|(_, sentences)| sentences).sum();
        if all > 0.0 {
            block.push_str("Themes, share of sentences\n");
            let mut themes = self.themes.clone();
            // The largest first, those without a theme last.
            themes.sort_by(|a, b| {
                ((a.0 == NO_THEME), b.1)
                    .partial_cmp(&((b.0 == NO_THEME), a.1))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
            let width = themes
                .iter()
                .map(|(theme, _)| theme.chars().count())
                .max()
                .unwrap_or(0);
            for (theme, sentences) in &themes {
                let share = sentences / all;
                let bar = "█".repeat((share * BAR_WIDTH).round() as usize);
                let _ = writeln!(block, "  {theme:<width$} {:>5.1}%  {bar}", share * 100.0);
            }
        }
        if !self.currencies.is_empty() {
            block.push_str("Largest sum by currency\n");
            let mut currencies: Vec<_> = self.currencies.iter().collect();
            currencies.sort_by(|a, b| b.1.mentions.cmp(&a.1.mentions).then(a.0.cmp(b.0)));
            for (currency, largest) in currencies.into_iter().take(SHOWN) {
                let _ = writeln!(
                    block,
                    "  {currency} {:>20}  \"{}\" in {}",
                    grouped(largest.amount),
                    escape_controls(&largest.text),
                    largest.doc_id,
                );
            }
        }
        block
    }
}
