//! A theme on the page: its letters, its colour, its share.

use crate::analysis::themes::Taxonomy;
use crate::output::formats::palette;
use crate::output::schema::NO_THEME;

/// A theme as the page shows it.
#[derive(Debug, Clone)]
pub(super) struct PageTheme {
    pub id: String,
    /// The letters that stand for it beside every colour.
    pub code: String,
    pub title: String,
    pub description: String,
}

/// The themes of a taxonomy, and last the sentences that have none.
pub(super) fn themes(taxonomy: &Taxonomy) -> Vec<PageTheme> {
    let none = PageTheme {
        id: NO_THEME.into(),
        code: "–".into(),
        title: "No theme".into(),
        description: "Sentences that are about none of the themes.".into(),
    };
    let themes = taxonomy.themes().iter().map(|theme| PageTheme {
        id: theme.id.clone(),
        code: theme.code.clone(),
        title: theme.title.clone(),
        description: theme.description.clone(),
    });
    themes.chain([none]).collect()
}

/// The class that colours the theme at this position; `none` is the last of `themes`.
pub(super) fn class(themes: &[PageTheme], position: usize) -> String {
    if position + 1 == themes.len() {
        "n".into()
    } else {
        format!("t{}", position % palette::THEMES.len())
    }
}

/// "12.3%".
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
