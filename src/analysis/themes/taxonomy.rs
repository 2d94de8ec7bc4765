//! The themes, read from TOML and checked.

use std::collections::HashSet;

use serde::Deserialize;
use toml::Spanned;

use super::cues::check_phrase;
use crate::{Error, Result};

/// The file that is compiled in, as the user knows it.
const EMBEDDED_FILE: &str = "models/themes.toml";

/// The themes that sentences are sorted into, in the order of the file that defines them.
#[derive(Debug, Clone, PartialEq)]
pub struct Taxonomy {
    themes: Vec<Theme>,
    /// How much the log-odds of a theme fall where another is certain.
    pub(super) rivalry: f32,
    /// What a sentence about a theme implies, with `{}` in the place of the theme.
    hypothesis: String,
    /// The text that it was read from.
    toml: String,
}

/// One theme: what it is called, the words that speak for it, and the score from which a sentence is about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// The name in reports: lower-case letters, digits and hyphens, e.g. `people-to-people`.
    pub id: String,
    /// The name in annotated files, e.g. `P2P`.
    pub code: String,
    /// The name for readers, e.g. "People to people".
    pub title: String,
    /// The theme in the words of [`Taxonomy::hypotheses`], e.g. "climate change and the environment".
    pub subject: String,
    /// What belongs to the theme and what does not, in a sentence or two.
    pub description: String,
    /// The score, 0 to 1, from which a sentence is about the theme.
    pub threshold: f32,
    /// The log-odds of a sentence without any cue.
    pub(super) bias: f32,
    /// What each cue adds to the log-odds.
    pub(super) cues: Vec<(String, f32)>,
    /// Phrases that hide the cues inside them.
    pub(super) except: Vec<String>,
    pub(super) examples: Vec<String>,
    pub(super) counterexamples: Vec<String>,
}

impl Taxonomy {
    /// The text of the taxonomy that is compiled in.
    pub const EMBEDDED: &str = include_str!("../../../models/themes.toml");

    /// The five themes that are compiled in.
    ///
    /// # Errors
    /// When the compiled-in `models/themes.toml` is malformed; a unit test makes sure that it is not.
    pub fn embedded() -> Result<Self> {
        Self::from_toml(Self::EMBEDDED, EMBEDDED_FILE)
    }

    /// The text that it was read from.
    pub fn toml(&self) -> &str {
        &self.toml
    }

    /// Reads a taxonomy from the text of a TOML file; `file` is its name in error messages.
    ///
    /// # Errors
    /// [`Error::Data`], with the theme and line where known: when the text is not TOML, has an unexpected key or lacks
    /// a required one; when there is no theme, or the rivalry is under 0; when an id or code is malformed or used twice;
    /// when a theme has no cues; when a cue is empty, given twice, or has a `*` anywhere but at its end; when a weight
    /// is not over 0, or a threshold not within 0 to 1.
    pub fn from_toml(toml: &str, file: &str) -> Result<Self> {
        let entries: Entries = toml::from_str(toml)
            .map_err(|error| Error::data(file, error.to_string().trim_end()))?;
        if entries.theme.is_empty() {
            return Err(Error::data(
                file,
                "no theme: expected at least one [[theme]]",
            ));
        }
        if !(entries.rivalry >= 0.0 && entries.rivalry.is_finite()) {
            return Err(Error::data(
                file,
                format!("rivalry {}: expected 0 or more", entries.rivalry),
            ));
        }
        if entries.hypothesis.matches("{}").count() != 1 {
            let reason = format!("hypothesis `{}`: expected one {{}}", entries.hypothesis);
            return Err(Error::data(file, reason));
        }
        let mut names = HashSet::new();
        let mut themes = Vec::with_capacity(entries.theme.len());
        for entry in entries.theme {
            let line = 1 + toml[..entry.id.span().start.min(toml.len())]
                .matches('\n')
                .count();
            let id = entry.id.get_ref().clone();
            let wrong =
                |reason: String| Error::data(file, format!("theme `{id}` (line {line}): {reason}"));
            let theme = entry.checked().map_err(wrong)?;
            for name in [&theme.id, &theme.code] {
                if !names.insert(name.clone()) {
                    return Err(wrong(format!(
                        "`{name}` is already the id or code of a theme"
                    )));
                }
            }
            themes.push(theme);
        }
        Ok(Self {
            themes,
            rivalry: entries.rivalry,
            hypothesis: entries.hypothesis,
            toml: toml.into(),
        })
    }

    /// The taxonomy with the themes of these ids alone, in this order; none where it lacks one of them.
    pub fn only(&self, ids: &[String]) -> Option<Self> {
        let theme = |id: &String| self.themes.iter().find(|theme| theme.id == *id).cloned();
        Some(Self {
            themes: ids.iter().map(theme).collect::<Option<_>>()?,
            ..self.clone()
        })
    }

    /// What a sentence about each theme implies, in the order of the file: "This statement is about trade."
    pub fn hypotheses(&self) -> Vec<String> {
        let themes = self.themes.iter();
        themes
            .map(|theme| self.hypothesis.replace("{}", &theme.subject))
            .collect()
    }

    /// The themes, in the order of the file; scores are in the same order.
    pub fn themes(&self) -> &[Theme] {
        &self.themes
    }

    /// The positions of the themes whose score is at or over their threshold, highest score first, equal scores in
    /// the order of the file. `scores` holds one score per theme, in that order; a NaN never counts.
    pub fn assign(&self, scores: &[f32]) -> Vec<usize> {
        let thresholds: Vec<f32> = self.themes.iter().map(|theme| theme.threshold).collect();
        assign(scores, &thresholds)
    }
}

/// The positions of the scores that are at or over their threshold, as [`Taxonomy::assign`] does with the thresholds of
/// the taxonomy.
pub fn assign(scores: &[f32], thresholds: &[f32]) -> Vec<usize> {
    let mut assigned: Vec<usize> = (scores.iter().zip(thresholds).enumerate())
        .filter(|(_, (score, threshold))| score >= threshold)
        .map(|(position, _)| position)
        .collect();
    assigned.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    assigned
}

/// The TOML file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    #[serde(default)]
    rivalry: f32,
    #[serde(default = "default_hypothesis")]
    hypothesis: String,
    theme: Vec<Entry>,
}

/// The template of Yin et al. (2019), in the words of this program.
fn default_hypothesis() -> String {
    "This statement is about {}.".into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    code: String,
    title: String,
    subject: Option<String>,
    description: String,
    threshold: f32,
    bias: f32,
    cues: Vec<CueGroup>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CueGroup {
    weight: f32,
    words: Vec<String>,
}

impl Entry {
    /// The theme, or what is wrong with it.
    fn checked(self) -> Result<Theme, String> {
        let id = self.id.into_inner();
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(is_id) {
            return Err("an id is made of a to z, 0 to 9 and hyphens".into());
        }
        if id == "none" {
            return Err("`none` is kept for sentences without a theme".into());
        }
        if self.code.is_empty()
            || self.code == "NONE"
            || !self.code.chars().all(|c| c.is_ascii_alphanumeric())
        {
            return Err(format!(
                "code `{}`: expected letters and digits, and not NONE",
                self.code
            ));
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(format!("threshold {}: expected 0 to 1", self.threshold));
        }
        if !self.bias.is_finite() {
            return Err(format!("bias {}: expected a number", self.bias));
        }
        let mut seen = HashSet::new();
        let mut cues = Vec::new();
        for CueGroup { weight, words } in self.cues {
            if !(weight > 0.0 && weight.is_finite()) {
                return Err(format!("weight {weight}: expected a number over 0"));
            }
            for word in words {
                check_phrase(&word, &mut seen)?;
                cues.push((word, weight));
            }
        }
        if cues.is_empty() {
            return Err("no cues: expected at least one word or phrase".into());
        }
        for phrase in &self.except {
            check_phrase(phrase, &mut seen)?;
        }
        Ok(Theme {
            id,
            code: self.code,
            subject: self.subject.unwrap_or_else(|| self.title.to_lowercase()),
            title: self.title,
            description: self.description,
            threshold: self.threshold,
            bias: self.bias,
            cues,
            except: self.except,
            examples: self.examples,
            counterexamples: self.not,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_are_picked_in_the_order_asked_for() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let ids = ["climate", "security"].map(String::from);
        let picked = taxonomy.only(&ids).unwrap();
        let picked: Vec<&str> = picked
            .themes
            .iter()
            .map(|theme| theme.id.as_str())
            .collect();
        assert_eq!(picked, ids);
        assert!(taxonomy.only(&["health".into()]).is_none());
    }

    const MINIMAL: &str = r#"
[[theme]]
id = "health"
code = "HEA"
title = "Health"
description = "Public health."
threshold = 0.4
bias = -4.0
cues = [{ weight = 5, words = ["vaccin*", "WHO", "public health"] }]
except = ["vaccine nationalism"]
examples = ["The two Ministers welcomed the joint production of vaccines."]
not = ["The delegates who met in Accra thanked their hosts."]
"#;

    fn refusal(from: &str, to: &str) -> String {
        assert!(MINIMAL.contains(from), "{from}");
        let toml = MINIMAL.replacen(from, to, 1);
        Taxonomy::from_toml(&toml, "mine.toml")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn embedded_themes_read_their_own_examples_right() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let codes: Vec<_> = taxonomy
            .themes()
            .iter()
            .map(|theme| theme.code.as_str())
            .collect();
        // Those that the user asked for; others may follow.
        assert_eq!(codes[..5], ["SEC", "CLI", "TEC", "ECO", "P2P"]);
        for theme in taxonomy.themes() {
            assert!(
                theme.examples.len() >= 5 && theme.counterexamples.len() >= 5,
                "{}",
                theme.id
            );
        }
        assert_eq!(taxonomy.misread_examples().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_theme_of_the_users_own_needs_no_rust() {
        for toml in [
            MINIMAL.to_string(),
            Taxonomy::EMBEDDED.to_owned() + MINIMAL,
            format!("\u{FEFF}{MINIMAL}"),
        ] {
            let taxonomy = Taxonomy::from_toml(&toml, "mine.toml").unwrap();
            assert_eq!(taxonomy.themes().last().unwrap().title, "Health");
            assert_eq!(taxonomy.misread_examples().unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn a_malformed_file_is_refused_with_file_theme_and_line() {
        let cases = [
            (
                "threshold = 0.4",
                "threshold = 1.4",
                "threshold 1.4: expected 0 to 1",
            ),
            (
                "threshold = 0.4",
                "threshold = nan",
                "threshold NaN: expected 0 to 1",
            ),
            ("bias = -4.0", "bias = inf", "bias inf: expected a number"),
            (
                "weight = 5",
                "weight = -5",
                "weight -5: expected a number over 0",
            ),
            ("\"WHO\"", "\"VACCIN*\"", "cue `VACCIN*` is given twice"),
            ("\"WHO\"", "\" *\"", "cue ` *`: expected a word or phrase"),
            (
                "\"WHO\"",
                "\"w*o\"",
                "cue `w*o`: `*` may stand only at the end",
            ),
            (
                "\"vaccin*\", \"WHO\", \"public health\"",
                "",
                "no cues: expected at least one word or phrase",
            ),
            (
                "\"health\"",
                "\"Public Health\"",
                "an id is made of a to z, 0 to 9 and hyphens",
            ),
            (
                "\"health\"",
                "\"none\"",
                "`none` is kept for sentences without a theme",
            ),
            (
                "\"HEA\"",
                "\"H,A\"",
                "code `H,A`: expected letters and digits, and not NONE",
            ),
        ];
        for (from, to, reason) in cases {
            let id = if from == "\"health\"" {
                to.trim_matches('"')
            } else {
                "health"
            };
            assert_eq!(
                refusal(from, to),
                format!("mine.toml: theme `{id}` (line 3): {reason}")
            );
        }
    }

    #[test]
    fn unknown_and_missing_keys_are_named() {
        let unknown = refusal("threshold", "treshold");
        assert!(unknown.starts_with("mine.toml: "), "{unknown}");
        assert!(unknown.contains("unknown field `treshold`"), "{unknown}");
        assert!(unknown.contains("`threshold`"), "{unknown}");
        assert!(unknown.contains("line 7"), "{unknown}");
        let missing = refusal("bias = -4.0", "");
        assert!(missing.contains("missing field `bias`"), "{missing}");
    }

    #[test]
    fn ids_and_codes_are_used_once_and_some_theme_is_needed() {
        let twice = Taxonomy::from_toml(&MINIMAL.repeat(2), "mine.toml")
            .unwrap_err()
            .to_string();
        assert_eq!(
            twice,
            "mine.toml: theme `health` (line 15): `health` is already the id or code of a theme"
        );
        let negative = Taxonomy::from_toml(&format!("rivalry = -1\n{MINIMAL}"), "mine.toml")
            .unwrap_err()
            .to_string();
        assert_eq!(negative, "mine.toml: rivalry -1: expected 0 or more");
        let none = Taxonomy::from_toml("theme = []", "mine.toml")
            .unwrap_err()
            .to_string();
        assert_eq!(none, "mine.toml: no theme: expected at least one [[theme]]");
    }

    #[test]
    fn assigns_by_threshold_highest_first() {
        let taxonomy = Taxonomy::embedded().unwrap();
        assert_eq!(taxonomy.assign(&[0.9, 0.0, 0.95, 0.9, 0.01]), [2, 0, 3]);
        assert_eq!(taxonomy.assign(&[f32::NAN; 5]), [0; 0]);
        assert_eq!(taxonomy.assign(&[]), [0; 0]);
    }
}
