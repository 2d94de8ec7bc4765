//! `models/currencies.toml` as it is written.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::{Error, Result};

/// The data file, as the user knows it.
pub(super) const FILE: &str = "models/currencies.toml";

/// The data as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub currencies: BTreeMap<String, CurrencyData>,
    pub shared: Vec<SharedData>,
    pub context: ContextData,
    pub numbers: NumberData,
    pub qualifiers: QualifierData,
    pub periods: PeriodData,
    pub joints: JointData,
    /// Texts and the sums in them; the tests run them.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub examples: Vec<Example>,
    /// Texts that name no sum.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
    pub not: Vec<String>,
}

impl Data {
    /// The data compiled into the program.
    pub fn embedded() -> Result<Self> {
        toml::from_str(include_str!("../../../models/currencies.toml"))
            .map_err(|reason| Error::data(FILE, reason))
    }
}

/// A text and the sums in it, written as the data file explains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "for the tests"))]
pub(super) struct Example {
    pub text: String,
    pub sums: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CurrencyData {
    #[serde(default)]
    pub names: Vec<String>,
    #[serde(default)]
    pub adjectives: Vec<String>,
    #[serde(default)]
    pub signs: Vec<String>,
    #[serde(default)]
    pub subunits: Vec<String>,
    #[serde(default = "hundred")]
    pub per_unit: u32,
    #[serde(default)]
    pub codes: Vec<String>,
    #[serde(default)]
    pub places: Vec<String>,
    #[serde(default)]
    pub weak: Vec<String>,
}

fn hundred() -> u32 {
    100
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedData {
    pub forms: Vec<String>,
    /// Forms that mean this only before a figure.
    #[serde(default)]
    pub before_figure: Vec<String>,
    /// The candidates are all currencies with this name.
    pub like: Option<String>,
    #[serde(default)]
    pub candidates: Vec<String>,
    pub default: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextData {
    pub many_countries: Vec<String>,
    /// Signs that letters before them make the sign of another currency.
    pub prefixed: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberData {
    pub units: HashMap<String, u32>,
    pub tens: HashMap<String, u32>,
    pub magnitudes: HashMap<String, u64>,
    pub glued: HashMap<String, u64>,
    /// Numerator and denominator.
    pub fractions: HashMap<String, (u32, u32)>,
    pub indefinite: Vec<String>,
    pub plurals: Vec<String>,
    /// ISO 4217 codes.
    pub point_groups: Vec<String>,
    pub multi: Vec<String>,
    pub multi_glued: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QualifierData {
    pub approx: Vec<String>,
    pub at_least: Vec<String>,
    pub more_than: Vec<String>,
    pub up_to: Vec<String>,
    pub less_than: Vec<String>,
    pub after_approx: Vec<String>,
    pub after_at_least: Vec<String>,
    pub after_up_to: Vec<String>,
    pub between: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodData {
    pub per_year: Vec<String>,
    pub per_month: Vec<String>,
    pub per_day: Vec<String>,
    pub before_per_year: Vec<String>,
    pub before_per_month: Vec<String>,
    pub before_per_day: Vec<String>,
    pub not_rate: Vec<String>,
    pub over: Vec<String>,
    pub of_time: Vec<String>,
    pub years: Vec<String>,
    pub months: Vec<String>,
    pub decades: Vec<String>,
    pub by: Vec<String>,
    pub through: Vec<String>,
    pub span: Vec<String>,
    pub year_filler: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JointData {
    pub change: Vec<String>,
    pub equivalent: Vec<String>,
    pub references: Vec<String>,
    pub closers: Vec<String>,
    pub weights: Vec<String>,
    pub money_nouns: Vec<String>,
    pub weight_heads: Vec<String>,
    pub measures: Vec<String>,
}
