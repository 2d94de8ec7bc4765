//! What the outputs of the network mean: `models/minilm/labels.json`.

use serde::Deserialize;

use crate::engines::tagging::Tag;
use crate::error::{Error, Result};

/// How a logit becomes a probability (Platt, 1999): `1 / (1 + exp(-(scale * logit + offset)))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Calibration {
    scale: f32,
    offset: f32,
}

impl Calibration {
    /// The calibrated probability, 0 to 1.
    pub fn probability(self, logit: f32) -> f32 {
        1.0 / (1.0 + (-(self.scale * logit + self.offset)).exp())
    }

    /// The calibrated probability, 0 to 1, of what the network gives another probability.
    pub fn of_probability(self, probability: f32) -> f32 {
        let probability = probability.clamp(1e-4, 1.0 - 1e-4);
        self.probability((probability / (1.0 - probability)).ln())
    }
}

/// One theme that the network knows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownTheme {
    pub id: String,
    pub calibration: Calibration,
    /// The probability from which a sentence is about the theme.
    pub threshold: f32,
}

/// The order of the outputs, the calibration, and the sizes that the network was trained with.
#[derive(Debug)]
pub(super) struct Labels {
    /// The tags of a word, in the order of the outputs; the first is [`Tag::Outside`].
    pub tags: Vec<Tag>,
    /// The themes, in the order of the outputs.
    pub themes: Vec<KnownTheme>,
    /// The probability under which a name of the network is not given.
    pub name_threshold: f32,
    /// How sure a name is that the network sees and the rules do not: less than it says.
    pub own_names: Calibration,
    /// What it costs, in log-probability, that a name begins right after another of its type.
    pub adjacent_penalty: f32,
    /// The most tokens of a window, [`Labels::start`] and [`Labels::separator`] included.
    pub max_tokens: usize,
    /// The token that opens a window.
    pub start: i32,
    /// The token that closes a sentence.
    pub separator: i32,
}

/// The keys that are read; the file has others, for other readers.
#[derive(Deserialize)]
struct OutputLabels {
    tags: Vec<String>,
    themes: Vec<String>,
    theme_scale: Vec<f32>,
    theme_offset: Vec<f32>,
    theme_threshold: Vec<f32>,
    entity_threshold: f32,
    own_name_scale: f32,
    own_name_offset: f32,
    adjacent_penalty: f32,
    max_tokens: usize,
    cls_id: i32,
    sep_id: i32,
}

impl Labels {
    /// Reads `labels.json`; `tags` and `themes` are the orders that the manifest states, `file` is for messages.
    ///
    /// # Errors
    /// [`Error::Weights`] when it is not such a file, or has another order than the manifest.
    pub fn from_json(bytes: &[u8], tags: &[String], themes: &[String], file: &str) -> Result<Self> {
        let wrong = |reason: String| Error::weights(file, reason);
        let read: OutputLabels =
            serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        for (name, read, stated) in [("tags", &read.tags, tags), ("themes", &read.themes, themes)] {
            if read != stated {
                return Err(wrong(format!("its {name} are not those of the manifest")));
            }
        }
        let counts = [
            read.theme_scale.len(),
            read.theme_offset.len(),
            read.theme_threshold.len(),
        ];
        if counts.iter().any(|count| *count != read.themes.len()) {
            return Err(wrong(
                "not one scale, offset and threshold for every theme".into(),
            ));
        }
        if read.tags.first().is_none_or(|tag| tag != "O") || read.max_tokens < 3 {
            return Err(wrong(
                "expected `O` as first tag, and 3 tokens or more".into(),
            ));
        }
        let calibration = read.theme_scale.into_iter().zip(read.theme_offset);
        Ok(Self {
            tags: read
                .tags
                .iter()
                .map(|tag| tag.parse())
                .collect::<Result<_>>()?,
            themes: (read
                .themes
                .into_iter()
                .zip(calibration)
                .zip(read.theme_threshold))
            .map(|((id, (scale, offset)), threshold)| KnownTheme {
                id,
                calibration: Calibration { scale, offset },
                threshold,
            })
            .collect(),
            name_threshold: read.entity_threshold,
            own_names: Calibration {
                scale: read.own_name_scale,
                offset: read.own_name_offset,
            },
            adjacent_penalty: read.adjacent_penalty,
            max_tokens: read.max_tokens,
            start: read.cls_id,
            separator: read.sep_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::entities::EntityType;
    use crate::engines::tagging::position;

    const FILE: &str = r#"{"tags": ["O", "B-GPE", "I-GPE"], "themes": ["security"], "theme_scale": [2.0],
        "theme_offset": [-1.0], "theme_threshold": [0.4], "entity_threshold": 0.6, "own_name_scale": 0.5, "own_name_offset": -1.0, "adjacent_penalty": 3.0, "max_tokens": 256, "cls_id": 101, "sep_id": 102, "x": 1}"#;

    fn read(json: &str, tags: &[&str]) -> Result<Labels> {
        let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
        Labels::from_json(json.as_bytes(), &tags, &["security".into()], "labels.json")
    }

    #[test]
    fn order_and_calibration_are_read() {
        let labels = read(FILE, &["O", "B-GPE", "I-GPE"]).unwrap();
        assert_eq!(position(&labels.tags, Tag::Inside(EntityType::Gpe)), 2);
        assert_eq!(position(&labels.tags, Tag::Begin(EntityType::Loc)), 0);
        assert!((labels.themes[0].calibration.probability(0.5) - 0.5).abs() < 1e-6);
        let sure = labels.own_names.of_probability(0.9);
        assert!((sure - 0.524_63).abs() < 1e-4, "{sure}");
        assert!(labels.own_names.of_probability(1.0) < 1.0);
    }

    #[test]
    fn another_order_than_the_manifest_is_refused() {
        let error = read(FILE, &["O", "I-GPE", "B-GPE"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "labels.json: its tags are not those of the manifest"
        );
        assert!(read(&FILE.replace("[2.0]", "[]"), &["O", "B-GPE", "I-GPE"]).is_err());
        assert!(read(&FILE.replace("_penalty", ""), &["O", "B-GPE", "I-GPE"]).is_err());
        assert!(read(&FILE[..40], &["O", "B-GPE", "I-GPE"]).is_err());
    }
}
