//! A comparison: statements to sides, sides to the tables of a [`Comparison`], tables to files.
//!
//! It begins with the rows of a report, just made or read back ([`statements`]), so that comparing files and comparing
//! their finished reports give the same figures. Statements become sides, one per document or one per value of a key; a
//! side becomes [`Clusters`], and the [`statistics`] see nothing but those. Random numbers come from one generator of a
//! fixed seed with one stream per row, so that the figures do not depend on the threads.

pub mod formats;
pub mod rows;
mod sides;
pub mod statements;
pub mod statistics;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::analysis::entities::country_names;
use crate::analysis::weighting::Z;
use crate::chance::{BOOTSTRAP, SEED};
use crate::error::{Error, Result};
use crate::output::rows::FailureRow;
use crate::output::{NO_THEME, Provenance, SCHEMA_VERSION};
use crate::text::rounded;
use rows::{
    BaselineRow, ChanceTest, DifferenceRow, DivergenceRow, MentionRow, Method, ShareRow, SideRow,
    TrendRow, WordRow,
};
pub use rows::{Comparison, ComparisonTable, comparison_schema};
pub use sides::BY_ARGUMENT;
use sides::{NamedItems, Side};
use statements::Statement;
use statistics::mix::{divergence, effective_number};
use statistics::proportions::{
    Share, design_effect, difference_interval, holm, ratio_interval, theme_shares,
};
use statistics::resampling::{chance_level, difference_p_values, standard_error};
use statistics::words::{WordCounts, keyness};
use statistics::{Clusters, trend};

/// What a side is compared with where there are more than two.
const ALL_OTHERS: &str = "all others";

/// A corrected p-value under this is a clear difference.
const LEVEL: f64 = 0.05;

/// Words listed per side, and how sure they must be: less than a test asks for, as the list is a ranking.
const WORDS: usize = 20;
const WORD_Z: f64 = 1.28;

/// Random deals per p-value, at least; more rows need smaller p-values, since Holm multiplies them.
const PERMUTATIONS: usize = 10_000;
const PERMUTATIONS_PER_ROW: usize = 30;

/// Random deals per chance level: at most, at least, and over all pairs.
const CHANCE_DEALS: (usize, usize, usize) = (1000, 100, 2_000_000);

/// Streams of random numbers: one for each side in each of the tables, one for each pair.
const STREAM_EFFECTIVE: u64 = 1 << 32;
const STREAM_PAIRS: u64 = 2 << 32;

/// What is to be compared.
#[derive(Debug)]
pub struct ComparisonRequest<'a> {
    /// The statements, in order.
    pub statements: &'a [Statement],
    /// The paths of the command line, by which they came.
    pub arguments: &'a [PathBuf],
    /// The theme ids, in the order of the taxonomy.
    pub themes: &'a [String],
    /// What made the analyses.
    pub made_from: Vec<Provenance>,
    /// The key that statements are grouped by; none for one side per statement.
    pub by: Option<&'a str>,
    /// The sentences whose shares are the usual ones.
    pub baseline: Option<Clusters>,
    /// Statements that could not be read.
    pub failures: Vec<FailureRow>,
}

/// A side with all that is counted of it.
struct CountedSide {
    clusters: Clusters,
    shares: Vec<Share>,
    words: WordCounts,
    mentions: NamedItems,
}

/// Compares; with the tables come notes for the user. It uses the threads of the rayon pool that it is called in, and
/// gives the same figures on any number of them.
///
/// # Errors
/// [`Error::NothingToCompare`] when there are not two sides; when no statement has the key to group by.
pub fn compare(request: ComparisonRequest<'_>) -> Result<(Comparison, Vec<String>)> {
    let ComparisonRequest {
        statements, themes, ..
    } = request;
    let (sides, mut notes) = match request.by {
        None => sides::by_document(statements, request.arguments),
        Some(key) => sides::by_key(statements, key, request.arguments)?,
    };
    check_two(&sides, request.by)?;
    let draws_documents = sides::draws_documents(&sides);
    let countries = country_names()?;
    let counted: Vec<CountedSide> = sides
        .par_iter()
        .map(|side| {
            let clusters = sides::clusters(&side.statements, themes, draws_documents);
            CountedSide {
                shares: theme_shares(&clusters),
                clusters,
                words: sides::word_counts(&side.statements),
                mentions: sides::mentions(&side.statements, &countries),
            }
        })
        .collect();
    for (side, counted) in sides.iter().zip(&counted) {
        if counted.clusters.is_empty() {
            notes.push(format!("{}: no sentence that counts", side.name));
        }
    }
    let theme_names: Vec<&str> = themes
        .iter()
        .map(String::as_str)
        .chain([NO_THEME])
        .collect();
    let tables = ComparedSides {
        sides: &sides,
        counted: &counted,
        themes: &theme_names,
    };
    let pairs = sides.len() * (sides.len() - 1) / 2;
    let (most, least, all) = CHANCE_DEALS;
    let chance_deals = (all / pairs.max(1)).clamp(least, most);
    let rows = sides.len() * theme_names.len();
    let permutations = PERMUTATIONS.max(PERMUTATIONS_PER_ROW * rows);
    let comparison = Comparison {
        schema_version: SCHEMA_VERSION.into(),
        program: env!("CARGO_PKG_NAME").into(),
        version: env!("CARGO_PKG_VERSION").into(),
        made_from: request.made_from,
        method: Method {
            by: request.by.unwrap_or("document").into(),
            cluster: if draws_documents {
                "document"
            } else {
                "paragraph"
            }
            .into(),
            bootstrap: BOOTSTRAP,
            permutations,
            chance_deals,
            seed: SEED,
        },
        themes: themes.to_vec(),
        sides: tables.sides(),
        shares: tables.shares(),
        differences: tables.differences(permutations),
        divergences: tables.divergences(chance_deals),
        trends: tables.trends(),
        words: tables.words(),
        mentions: tables.mentions(),
        baseline: request
            .baseline
            .map_or_else(Vec::new, |usual| tables.baseline(&usual)),
        failures: request.failures,
    };
    Ok((comparison, notes))
}

/// The weighed sentences of statements that are the baseline, in paragraphs, or in documents where there are many.
pub fn baseline_of(statements: &[Statement], themes: &[String]) -> Clusters {
    let whole = Side {
        name: String::new(),
        date: None,
        statements: statements.iter().collect(),
    };
    let by_document = sides::draws_documents(std::slice::from_ref(&whole));
    sides::clusters(&whole.statements, themes, by_document)
}

fn check_two(sides: &[Side<'_>], by: Option<&str>) -> Result<()> {
    let (reason, hint) = match (sides, by) {
        ([_, _, ..], _) => return Ok(()),
        ([], _) => (
            "there is no statement".to_owned(),
            "name two statements or more, or a folder of them",
        ),
        ([one], None) => (
            format!("{} is the only statement", one.name),
            "name two statements or more, or a folder of them",
        ),
        ([one], Some(key)) => (
            format!("the {key} of all statements is {}", one.name),
            "choose another key, or leave --by out to compare statement with statement",
        ),
    };
    Err(Error::NothingToCompare {
        reason,
        hint: hint.into(),
    })
}

/// The sides, on their way to tables.
struct ComparedSides<'a> {
    sides: &'a [Side<'a>],
    counted: &'a [CountedSide],
    /// The theme ids, and last `none`.
    themes: &'a [&'a str],
}

impl ComparedSides<'_> {
    fn sides(&self) -> Vec<SideRow> {
        let sides = self.sides.par_iter().zip(self.counted).enumerate();
        sides
            .map(|(place, (side, counted))| {
                let clusters = &counted.clusters;
                let stream = STREAM_EFFECTIVE + place as u64;
                let effective = effective_number(&clusters.totals());
                let interval = standard_error(clusters, stream, effective_number)
                    .zip(effective)
                    .map(|(error, n)| (n - Z * error, n + Z * error));
                let most = (self.themes.len() - 1).max(1) as f64;
                let bound = |figure: f64| rounded(figure.clamp(1.0, most), 3);
                SideRow {
                    side: side.name.clone(),
                    documents: side.statements.len(),
                    date: side.date.clone(),
                    sentences: clusters.totals().iter().sum::<f64>().round() as usize,
                    clusters: clusters.len(),
                    design_effect: rounded(design_effect(clusters), 3),
                    effective_themes: effective.map(bound),
                    effective_low: interval.map(|(low, _)| bound(low)),
                    effective_high: interval.map(|(_, high)| bound(high)),
                }
            })
            .collect()
    }

    fn shares(&self) -> Vec<ShareRow> {
        let mut rows = Vec::new();
        for (side, counted) in self.sides.iter().zip(self.counted) {
            let totals = counted.clusters.totals();
            for ((theme, share), sentences) in self.themes.iter().zip(&counted.shares).zip(totals) {
                rows.push(ShareRow {
                    side: side.name.clone(),
                    theme: (*theme).into(),
                    sentences: rounded(sentences, 4),
                    share: rounded(share.share, 6),
                    low: rounded(share.low, 6),
                    high: rounded(share.high, 6),
                });
            }
        }
        rows
    }

    /// The clusters of what side `place` is compared with, and its name. Of two sides the second one is compared with
    /// nothing: the row of the first says all.
    fn against(&self, place: usize) -> Option<(String, Clusters)> {
        match (self.sides, self.counted, place) {
            ([_, other], [_, counted], 0) => Some((other.name.clone(), counted.clusters.clone())),
            ([_, _], ..) => None,
            _ => {
                let mut others = Clusters::new(self.themes.len() - 1);
                let rest = self
                    .counted
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != place);
                rest.for_each(|(_, counted)| others.extend(&counted.clusters));
                Some((ALL_OTHERS.into(), others))
            }
        }
    }

    fn differences(&self, permutations: usize) -> Vec<DifferenceRow> {
        let of_side = |place: usize| -> Vec<DifferenceRow> {
            let Some((against, others)) = self.against(place) else {
                return Vec::new();
            };
            let counted = &self.counted[place];
            let other_shares = theme_shares(&others);
            let p_values =
                difference_p_values(&counted.clusters, &others, permutations, place as u64);
            let figures = counted.shares.iter().zip(&other_shares).zip(p_values);
            self.themes
                .iter()
                .zip(figures)
                .map(|(theme, ((share, other), p))| {
                    let (low, high) = difference_interval(*share, *other);
                    DifferenceRow {
                        side: self.sides[place].name.clone(),
                        against: against.clone(),
                        theme: (*theme).into(),
                        share: rounded(share.share, 6),
                        against_share: rounded(other.share, 6),
                        difference_points: points(share.share - other.share),
                        low_points: points(low),
                        high_points: points(high),
                        test: uncorrected(p),
                    }
                })
                .collect()
        };
        let mut rows: Vec<DifferenceRow> = (0..self.sides.len())
            .into_par_iter()
            .flat_map_iter(of_side)
            .collect();
        correct(rows.iter_mut().map(|row| &mut row.test).collect());
        rows
    }

    fn divergences(&self, deals: usize) -> Vec<DivergenceRow> {
        let count = self.sides.len();
        let pairs: Vec<(usize, usize)> = (0..count)
            .flat_map(|a| (a + 1..count).map(move |b| (a, b)))
            .collect();
        pairs
            .into_par_iter()
            .enumerate()
            .map(|(pair, (a, b))| {
                let (one, other) = (&self.counted[a].clusters, &self.counted[b].clusters);
                let seen = divergence(&one.totals(), &other.totals());
                let stream = STREAM_PAIRS + pair as u64;
                let level = seen.and_then(|_| chance_level(one, other, deals, stream, divergence));
                DivergenceRow {
                    side: self.sides[a].name.clone(),
                    other: self.sides[b].name.clone(),
                    divergence: seen.map(|figure| rounded(figure, 6)),
                    chance_level: level.map(|figure| rounded(figure, 6)),
                    // Sums in another order differ in the last digits.
                    is_above_chance: seen.zip(level).map(|(seen, level)| seen > level + 1e-9),
                }
            })
            .collect()
    }

    fn trends(&self) -> Vec<TrendRow> {
        let dated = self
            .sides
            .iter()
            .zip(self.counted)
            .filter(|(_, c)| !c.clusters.is_empty());
        let dated: Vec<(f64, &str, &[Share])> = dated
            .filter_map(|(side, counted)| {
                let date = side.date.as_deref()?;
                Some((years(date)?, date, counted.shares.as_slice()))
            })
            .collect();
        let dates = || dated.iter().map(|(_, date, _)| *date);
        let (Some(from), Some(to)) = (dates().min(), dates().max()) else {
            return Vec::new();
        };
        let mut rows: Vec<TrendRow> = Vec::new();
        for (place, theme) in self.themes.iter().enumerate() {
            let points_of = dated
                .iter()
                .filter_map(|(year, _, shares)| Some((*year, shares.get(place)?.share)));
            let Some(trend) = trend::trend(&points_of.collect::<Vec<_>>()) else {
                return Vec::new();
            };
            rows.push(TrendRow {
                theme: (*theme).into(),
                sides: dated.len(),
                from: from.into(),
                to: to.into(),
                points_per_year: points(trend.slope),
                low_points: points(trend.low),
                high_points: points(trend.high),
                test: uncorrected(trend.p),
            });
        }
        correct(rows.iter_mut().map(|row| &mut row.test).collect());
        rows
    }

    fn words(&self) -> Vec<WordRow> {
        let mut all = WordCounts::new();
        for (word, count) in self.counted.iter().flat_map(|counted| &counted.words) {
            *all.entry(word.clone()).or_default() += count;
        }
        let size = |counts: &WordCounts| counts.values().sum::<usize>();
        let all_size = size(&all);
        let of_side = |place: usize| -> Vec<WordRow> {
            let words = &self.counted[place].words;
            let against = match self.sides {
                [one, other] => [other, one][place].name.clone(),
                _ => ALL_OTHERS.into(),
            };
            let side_size = size(words);
            let per_thousand =
                |count: usize, size: usize| rounded(1000.0 * count as f64 / size.max(1) as f64, 2);
            let kept = keyness(words, &all)
                .into_iter()
                .take_while(|word| word.z >= WORD_Z)
                .filter(|word| word.count > 1);
            kept.take(WORDS)
                .map(|word| WordRow {
                    side: self.sides[place].name.clone(),
                    against: against.clone(),
                    per_thousand: per_thousand(word.count, side_size),
                    against_per_thousand: per_thousand(word.other, all_size - side_size),
                    word: word.word,
                    count: word.count,
                    against_count: word.other,
                    log_odds: rounded(word.log_odds, 3),
                    z: rounded(word.z, 2),
                })
                .collect()
        };
        (0..self.sides.len())
            .into_par_iter()
            .flat_map_iter(of_side)
            .collect()
    }

    /// By kind and item; what few sides name comes first.
    fn mentions(&self) -> Vec<MentionRow> {
        let mut named_by: BTreeMap<_, usize> = BTreeMap::new();
        for item in self
            .counted
            .iter()
            .flat_map(|counted| counted.mentions.keys())
        {
            *named_by.entry(item).or_default() += 1;
        }
        let mut rows: Vec<MentionRow> = Vec::new();
        for (side, counted) in self.sides.iter().zip(self.counted) {
            for (item, (mentions, sent_id)) in &counted.mentions {
                let (kind, name, code) = item;
                rows.push(MentionRow {
                    kind: (*kind).into(),
                    item: name.clone(),
                    code: code.clone(),
                    side: side.name.clone(),
                    mentions: *mentions,
                    sides: named_by.get(item).copied().unwrap_or_default(),
                    sent_id: sent_id.clone(),
                });
            }
        }
        // The sort is stable: within an item the sides keep their order.
        rows.sort_by(|a, b| {
            let key = |row: &MentionRow| (row.kind.clone(), row.sides, row.item.clone());
            key(a).cmp(&key(b))
        });
        rows
    }

    fn baseline(&self, usual: &Clusters) -> Vec<BaselineRow> {
        let usual = theme_shares(usual);
        let mut rows = Vec::new();
        for (side, counted) in self.sides.iter().zip(self.counted) {
            let shares = counted.shares.iter().zip(&usual);
            for (theme, (share, usual)) in self.themes.iter().zip(shares) {
                let is_usual = usual.share > 0.0 && !counted.clusters.is_empty();
                let (low, high) = ratio_interval(*share, *usual);
                rows.push(BaselineRow {
                    side: side.name.clone(),
                    theme: (*theme).into(),
                    share: rounded(share.share, 6),
                    baseline_share: rounded(usual.share, 6),
                    ratio: is_usual.then(|| rounded(share.share / usual.share, 3)),
                    low: is_usual.then(|| rounded(low, 3)),
                    high: high.filter(|_| is_usual).map(|high| rounded(high, 3)),
                });
            }
        }
        rows
    }
}

/// A test that does not know yet how many others there are.
fn uncorrected(p: f64) -> ChanceTest {
    ChanceTest {
        p,
        p_holm: 1.0,
        is_clear: false,
    }
}

/// Corrects tests for their number.
fn correct(tests: Vec<&mut ChanceTest>) {
    let p_values: Vec<f64> = tests.iter().map(|test| test.p).collect();
    for (test, p_holm) in tests.into_iter().zip(holm(&p_values)) {
        test.is_clear = p_holm < LEVEL;
        test.p_holm = rounded(p_holm, 6);
        test.p = rounded(test.p, 6);
    }
}

/// A share in percentage points.
fn points(share: f64) -> f64 {
    rounded(100.0 * share, 3)
}

/// A date as years: "2024-07-01" is about 2024.5, "2024" is 2024.
fn years(date: &str) -> Option<f64> {
    if let Ok(year) = date.parse::<i16>() {
        return Some(f64::from(year));
    }
    let date: jiff::civil::Date = date.parse().ok()?;
    let day = f64::from(date.day_of_year() - 1);
    Some(f64::from(date.year()) + day / f64::from(date.days_in_year()))
}

#[cfg(test)]
mod tests;
