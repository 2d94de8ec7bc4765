//! The tables of a comparison: the one list, and the types of their rows. As in [`rows`](crate::output::rows), a row type
//! is a table's one definition.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::output::Provenance;
use crate::output::rows::FailureRow;
use crate::output::schema::{ShareSchema, TableSchema, ThemeColumns, json_schema_of, table_list};

table_list! {
    /// A table of a comparison.
    ComparisonTable {
        /// One row per side.
        Sides = "sides": SideRow,
        /// One row per side and theme.
        Shares = "shares": ShareRow,
        /// One row per side, its theme shares next to each other.
        Matrix = "matrix": MatrixRow,
        /// One row per side and theme: the side against the other one, or against all others.
        Differences = "differences": DifferenceRow,
        /// One row per pair of sides.
        Divergences = "divergences": DivergenceRow,
        /// One row per theme, where three sides or more have different dates.
        Trends = "trends": TrendRow,
        /// One row per side and word.
        Words = "words": WordRow,
        /// One row per side and country, instrument or sum.
        Mentions = "mentions": MentionRow,
        /// One row per side and theme, where there is a baseline.
        Baseline = "baseline": BaselineRow,
        /// One row per statement that could not be read.
        Failures = "failures": FailureRow,
    }
}

/// All tables of one comparison; what every format of it is written from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "demarche comparison")]
pub struct Comparison {
    /// The version of this layout.
    pub schema_version: String,
    /// The program that compared.
    pub program: String,
    /// Its version.
    pub version: String,
    /// What made the analyses that were compared; one entry each where they differ.
    pub made_from: Vec<Provenance>,
    /// How the figures were made.
    pub method: Method,
    /// The theme ids, in the order of the taxonomy.
    pub themes: Vec<String>,
    /// One row per side.
    pub sides: Vec<SideRow>,
    /// One row per side and theme.
    pub shares: Vec<ShareRow>,
    /// One row per side and theme: the side against the other one, or against all others.
    pub differences: Vec<DifferenceRow>,
    /// One row per pair of sides.
    pub divergences: Vec<DivergenceRow>,
    /// One row per theme, where three sides or more have different dates.
    pub trends: Vec<TrendRow>,
    /// One row per side and word.
    pub words: Vec<WordRow>,
    /// One row per side and country, instrument or sum.
    pub mentions: Vec<MentionRow>,
    /// One row per side and theme, where there is a baseline.
    pub baseline: Vec<BaselineRow>,
    /// One row per statement that could not be read.
    pub failures: Vec<FailureRow>,
}

/// How the figures of a comparison were made: enough to make them again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Method {
    /// What the sides are: `document`, or the key that documents are grouped by.
    pub by: String,
    /// What was drawn at random: `paragraph`, or `document` where every side has ten or more.
    pub cluster: String,
    /// Bootstrap samples per interval.
    pub bootstrap: usize,
    /// Random deals per p-value of the differences table.
    pub permutations: usize,
    /// Random deals per chance level of the divergences table.
    pub chance_deals: usize,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// One side of the comparison: a document or a group of documents.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SideRow {
    /// The document's id, or the value that its documents share.
    pub side: String,
    /// Documents in it.
    pub documents: usize,
    /// Its date: that of the document, or the year where sides are years.
    pub date: Option<String>,
    /// Sentences that count: no headings, datelines or boilerplate.
    pub sentences: usize,
    /// Paragraphs, or documents, that were drawn at random.
    pub clusters: usize,
    /// How many times more its shares vary than those of as many independent sentences; intervals are that much wider, squared.
    pub design_effect: f64,
    /// Effective number of themes, from 1; empty without themed sentences.
    pub effective_themes: Option<f64>,
    /// Lower end of its 95% interval, by the bootstrap's standard error.
    pub effective_low: Option<f64>,
    /// Upper end of its 95% interval.
    pub effective_high: Option<f64>,
}

/// The share of one theme in one side.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ShareRow {
    /// The side.
    pub side: String,
    /// The theme's id, or `none`.
    pub theme: String,
    /// Sentences, one with several themes divided among them.
    pub sentences: f64,
    /// Share of the sentences that count, 0 to 1.
    #[schemars(with = "ShareSchema")]
    pub share: f64,
    /// Lower end of its 95% interval.
    #[schemars(with = "ShareSchema")]
    pub low: f64,
    /// Upper end of its 95% interval.
    #[schemars(with = "ShareSchema")]
    pub high: f64,
}

/// How the share of one theme differs between a side and the other one, or all others taken together.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DifferenceRow {
    /// The side.
    pub side: String,
    /// What it is compared with: the other side, or `all others`.
    pub against: String,
    /// The theme's id, or `none`.
    pub theme: String,
    /// The theme's share in the side, 0 to 1.
    #[schemars(with = "ShareSchema")]
    pub share: f64,
    /// The theme's share in what it is compared with.
    #[schemars(with = "ShareSchema")]
    pub against_share: f64,
    /// `share` less `against_share`, in percentage points.
    pub difference_points: f64,
    /// Lower end of its 95% interval, in percentage points.
    pub low_points: f64,
    /// Upper end of its 95% interval, in percentage points.
    pub high_points: f64,
    /// Whether the difference is more than chance.
    #[serde(flatten)]
    pub test: ChanceTest,
}

/// Whether something is more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ChanceTest {
    /// How likely chance alone gives as much.
    pub p: f64,
    /// `p` corrected for the number of rows (Holm).
    pub p_holm: f64,
    /// Whether it is more than chance: `p_holm` is under 0.05.
    pub is_clear: bool,
}

/// How far the theme mixes of two sides lie apart.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DivergenceRow {
    /// One side.
    pub side: String,
    /// The other side.
    pub other: String,
    /// Jensen-Shannon divergence of the theme mixes, base 2: 0 the same, 1 no theme in common.
    pub divergence: Option<f64>,
    /// What chance alone passes once in twenty times, when the clusters of both are mixed and dealt out again.
    pub chance_level: Option<f64>,
    /// Whether the divergence is over the chance level; empty where one side has no themed sentence.
    pub is_above_chance: Option<bool>,
}

/// How the share of one theme changes over time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TrendRow {
    /// The theme's id, or `none`.
    pub theme: String,
    /// Sides with a date.
    pub sides: usize,
    /// The first date.
    pub from: String,
    /// The last date.
    pub to: String,
    /// Change of the share per year, in percentage points: the median of the slopes between any two sides.
    pub points_per_year: f64,
    /// Lower end of its 95% interval.
    pub low_points: f64,
    /// Upper end of its 95% interval.
    pub high_points: f64,
    /// Whether the change is more than chance (Mann-Kendall).
    #[serde(flatten)]
    pub test: ChanceTest,
}

/// A word that sets one side apart.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WordRow {
    /// The side that uses it more.
    pub side: String,
    /// What it is compared with: the other side, or `all others`.
    pub against: String,
    /// The word, in lower case.
    pub word: String,
    /// How often it stands in the side.
    pub count: usize,
    /// How often it stands in what it is compared with.
    pub against_count: usize,
    /// In a thousand words of the side.
    pub per_thousand: f64,
    /// In a thousand words of what it is compared with.
    pub against_per_thousand: f64,
    /// Log-odds ratio with an informative Dirichlet prior, natural logarithm.
    pub log_odds: f64,
    /// `log_odds` in standard errors: the list is ordered by it and begins at 1.28; over 1.96 the word alone would be more than chance.
    pub z: f64,
}

/// A country, an instrument or a sum that a side names.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MentionRow {
    /// country, instrument or sum.
    pub kind: String,
    /// The canonical name; of a sum, currency and amount, with qualifier and period.
    pub item: String,
    /// ISO 3166-1 alpha-3 of a country.
    pub code: Option<String>,
    /// The side that names it.
    pub side: String,
    /// How often.
    pub mentions: usize,
    /// How many sides name it: 1 is this side alone.
    pub sides: usize,
    /// The first sentence that does.
    pub sent_id: String,
}

/// The share of a theme beside its usual share.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BaselineRow {
    /// The side.
    pub side: String,
    /// The theme's id, or `none`.
    pub theme: String,
    /// The theme's share in the side, 0 to 1.
    #[schemars(with = "ShareSchema")]
    pub share: f64,
    /// The theme's share in the baseline.
    #[schemars(with = "ShareSchema")]
    pub baseline_share: f64,
    /// How many times the usual share; empty where the baseline has none.
    pub ratio: Option<f64>,
    /// Lower end of its 95% interval.
    pub low: Option<f64>,
    /// Upper end of its 95% interval; empty where the usual share may be nothing.
    pub high: Option<f64>,
}

/// The shares of one side next to each other, for charts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MatrixRow {
    /// The side.
    pub side: String,
    /// The share of each theme, in columns named by theme id, and last of `none`.
    #[serde(flatten)]
    #[schemars(with = "std::collections::BTreeMap<String, f64>")]
    pub shares: ThemeColumns,
}

impl ComparisonTable {
    /// The table with its columns, for a taxonomy with these theme ids.
    pub fn for_themes(self, themes: &[String]) -> TableSchema {
        match self {
            Self::Matrix => self.schema().with_shares(themes),
            Self::Sides
            | Self::Shares
            | Self::Differences
            | Self::Divergences
            | Self::Trends
            | Self::Words
            | Self::Mentions
            | Self::Baseline
            | Self::Failures => self.schema(),
        }
    }
}

/// The JSON Schema (2020-12) of `comparison.json`.
pub fn comparison_schema() -> Value {
    json_schema_of::<Comparison>()
}

impl Comparison {
    /// The rows of a table, as objects whose keys are its columns.
    pub fn rows(&self, table: ComparisonTable) -> Box<dyn Iterator<Item = Value> + '_> {
        fn values<T: Serialize>(rows: &[T]) -> Box<dyn Iterator<Item = Value> + '_> {
            Box::new(rows.iter().map(value))
        }
        fn value(row: &impl Serialize) -> Value {
            serde_json::to_value(row).unwrap_or_default()
        }
        match table {
            ComparisonTable::Sides => values(&self.sides),
            ComparisonTable::Shares => values(&self.shares),
            ComparisonTable::Matrix => Box::new(self.matrix().map(|row| value(&row))),
            ComparisonTable::Differences => values(&self.differences),
            ComparisonTable::Divergences => values(&self.divergences),
            ComparisonTable::Trends => values(&self.trends),
            ComparisonTable::Words => values(&self.words),
            ComparisonTable::Mentions => values(&self.mentions),
            ComparisonTable::Baseline => values(&self.baseline),
            ComparisonTable::Failures => values(&self.failures),
        }
    }

    /// The shares as a wide table, ready for a chart.
    fn matrix(&self) -> impl Iterator<Item = MatrixRow> {
        let rows = self.shares.chunk_by(|a, b| a.side == b.side);
        rows.map(|row| MatrixRow {
            side: row.first().map_or_else(String::new, |row| row.side.clone()),
            shares: ThemeColumns(
                row.iter()
                    .map(|share| (share.theme.clone(), share.share))
                    .collect(),
            ),
        })
    }
}
