//! How do statements differ in what they are about, and is the difference more than chance?
//!
//! The unit is the sentence, weighed as in [`weighting`](crate::analysis::weighting). What is drawn at random is the *cluster*,
//! a paragraph or a whole document: sentences of one paragraph have much the same themes, and intervals that took them
//! for independent would promise too much.

pub mod mix;
pub mod proportions;
pub mod resampling;
pub mod trend;
pub mod words;

/// The weighed sentences of one side of a comparison, cluster by cluster: one row per cluster, holding the number of
/// sentences per theme, in the order of the taxonomy, and last of no theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    width: usize,
    cells: Vec<f64>,
}

impl Clusters {
    /// No cluster yet; `themes` is the number of themes.
    pub fn new(themes: usize) -> Self {
        Self {
            width: themes + 1,
            cells: Vec::new(),
        }
    }

    /// Begins a cluster; sentences that are added belong to it.
    pub fn begin(&mut self) {
        self.cells.resize(self.cells.len() + self.width, 0.0);
    }

    /// Adds a sentence with these themes to the last cluster. A sentence of k themes gives 1/k to each.
    pub fn add(&mut self, themes: &[usize]) {
        if self.cells.is_empty() {
            self.begin();
        }
        let start = self.cells.len() - self.width;
        let row = &mut self.cells[start..];
        if themes.is_empty() {
            row[self.width - 1] += 1.0;
        }
        for &theme in themes.iter().filter(|theme| **theme + 1 < self.width) {
            row[theme] += 1.0 / themes.len() as f64;
        }
    }

    /// Adds a whole cluster: sentences per theme, and last without.
    pub fn push(&mut self, row: &[f64]) {
        self.begin();
        let start = self.cells.len() - self.width;
        for (cell, sentences) in self.cells[start..].iter_mut().zip(row) {
            *cell = *sentences;
        }
    }

    /// Adds the clusters of another side of the same themes.
    pub fn extend(&mut self, other: &Self) {
        self.cells.extend_from_slice(&other.cells);
    }

    /// The number of clusters.
    pub fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    /// Whether there is no cluster.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The clusters, each a row.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.width)
    }

    /// Sentences per theme, and last without, over all clusters.
    pub fn totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.width];
        for row in self.iter() {
            add(&mut totals, row);
        }
        totals
    }

    /// One cluster.
    fn row(&self, cluster: usize) -> &[f64] {
        &self.cells[cluster * self.width..][..self.width]
    }
}

/// Adds `row` to `totals`, cell by cell.
fn add(totals: &mut [f64], row: &[f64]) {
    for (total, cell) in totals.iter_mut().zip(row) {
        *total += cell;
    }
}

/// The share of each cell in the sum of all; all zero when there is nothing.
pub fn shares(totals: &[f64]) -> Vec<f64> {
    let all: f64 = totals.iter().sum();
    if all <= 0.0 {
        return vec![0.0; totals.len()];
    }
    totals.iter().map(|cell| cell / all).collect()
}

#[cfg(test)]
pub(crate) fn near(actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance,
        "{actual} is not {expected}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::weighting::weigh;

    #[test]
    fn the_weighting_is_that_of_the_themes_table() {
        let sentences: [&[usize]; 5] = [&[0], &[1, 0], &[], &[2, 1, 0], &[1]];
        let mut clusters = Clusters::new(3);
        for paragraph in sentences.chunks(2) {
            clusters.begin();
            paragraph.iter().for_each(|themes| clusters.add(themes));
        }
        assert_eq!(clusters.len(), 3);
        let weights = weigh(3, sentences.iter().map(|themes| (1, *themes)));
        for (share, weight) in shares(&clusters.totals()).iter().zip(weights) {
            near(*share, weight.of_all.sentences, 1e-12);
        }
    }
}
