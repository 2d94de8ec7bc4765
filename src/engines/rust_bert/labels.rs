//! What the labels of a checkpoint mean here: `models/labels.toml`, and a file of the user's own before it.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::analysis::entities::EntityType;
use crate::analysis::themes::Taxonomy;
use crate::engines::tagging::Tag;
use crate::error::{Error, Result};

/// The file that is compiled in, as the user knows it.
const FILE: (&str, &str) = (
    "models/labels.toml",
    include_str!("../../../models/labels.toml"),
);

/// The word for a label that is not used.
const NONE: &str = "none";

/// From labels, in capitals, to entity types and to ids of themes.
#[derive(Debug)]
pub(super) struct LabelMap {
    entities: HashMap<String, Option<EntityType>>,
    themes: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelsFile {
    #[serde(default)]
    entities: HashMap<String, String>,
    #[serde(default)]
    themes: HashMap<String, String>,
}

impl LabelMap {
    /// The built-in map, and `own` before it.
    ///
    /// # Errors
    /// When `own` cannot be read, is not such a file, or names an entity type or a theme that does not exist.
    pub fn load(own: Option<&Path>, taxonomy: &Taxonomy) -> Result<Self> {
        let mut map = Self {
            entities: HashMap::new(),
            themes: HashMap::new(),
        };
        for theme in taxonomy.themes() {
            for name in [&theme.title, &theme.code, &theme.id] {
                map.themes.insert(name.to_uppercase(), theme.id.clone());
            }
        }
        for entity_type in EntityType::ALL {
            let label = entity_type.label().to_owned();
            map.entities.insert(label, Some(entity_type));
        }
        map.add(FILE.1, FILE.0, taxonomy)?;
        if let Some(path) = own {
            let text = crate::open::text(path)?;
            map.add(&text, &path.display().to_string(), taxonomy)?;
        }
        Ok(map)
    }

    fn add(&mut self, text: &str, file: &str, taxonomy: &Taxonomy) -> Result<()> {
        let wrong = |reason: String| Error::Settings {
            file: file.into(),
            reason,
            hint: "models/labels.toml of the source tree shows the shape".into(),
        };
        let read: LabelsFile =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().into()))?;
        for (label, name) in read.entities {
            let entity_type = match name.as_str() {
                NONE => None,
                name => Some(
                    (name.parse())
                        .map_err(|_| wrong(format!("{label}: `{name}` is no entity type")))?,
                ),
            };
            self.entities.insert(label.to_uppercase(), entity_type);
        }
        for (label, id) in read.themes {
            let known = taxonomy.themes().iter().any(|theme| theme.id == id);
            if !known && id != NONE {
                return Err(wrong(format!("{label}: `{id}` is no theme")));
            }
            self.themes.insert(label.to_uppercase(), id);
        }
        Ok(())
    }

    /// The tag that a label such as `B-PER` stands for; none for a label that is not known.
    ///
    /// The marks of the BIO and BILOU schemes are read (Ratinov and Roth, 2009). A label without a mark is inside.
    pub fn tag(&self, label: &str) -> Option<Tag> {
        if label == "O" {
            return Some(Tag::Outside);
        }
        let (mark, name) = match label.split_once(['-', '_']) {
            Some((mark @ ("B" | "I" | "E" | "L" | "S" | "U"), name)) => (mark, name),
            _ => ("I", label),
        };
        let entity_type = self.entities.get(&name.to_uppercase())?;
        Some(match (entity_type, mark) {
            (None, _) => Tag::Outside,
            (Some(entity_type), "B" | "S" | "U") => Tag::Begin(*entity_type),
            (Some(entity_type), _) => Tag::Inside(*entity_type),
        })
    }

    /// The place in the taxonomy of the theme that a label stands for: `Some(None)` for a label that is not used, none
    /// for one that is not known.
    pub fn theme(&self, label: &str, taxonomy: &Taxonomy) -> Option<Option<usize>> {
        let id = self.themes.get(&label.to_uppercase())?;
        Some(taxonomy.themes().iter().position(|theme| theme.id == *id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(own: &str) -> Result<LabelMap> {
        let taxonomy = Taxonomy::embedded().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), own).unwrap();
        LabelMap::load(Some(file.path()), &taxonomy)
    }

    #[test]
    fn labels_of_many_schemes_are_understood() {
        let map = load("[entities]\nGeoPol = 'GPE'\nPER = 'none'\n").unwrap();
        for (label, tag) in [
            ("O", Some(Tag::Outside)),
            ("B-ORG", Some(Tag::Begin(EntityType::Org))),
            ("E-LOC", Some(Tag::Inside(EntityType::Loc))),
            ("S-geopol", Some(Tag::Begin(EntityType::Gpe))),
            ("LAW", Some(Tag::Inside(EntityType::Instrument))),
            ("I-MISC", Some(Tag::Outside)),
            ("B-PER", Some(Tag::Outside)),
            ("B-GENE", None),
        ] {
            assert_eq!(map.tag(label), tag, "{label}");
        }
    }

    #[test]
    fn themes_go_by_id_code_title_or_the_users_own_line() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let map = load("[themes]\nwarfare = 'security'\n").unwrap();
        for (label, place) in [
            ("Security", Some(Some(0))),
            ("CLI", Some(Some(1))),
            ("WARFARE", Some(Some(0))),
            ("other", Some(None)),
            ("sports", None),
        ] {
            assert_eq!(map.theme(label, &taxonomy), place, "{label}");
        }
    }

    #[test]
    fn a_line_that_means_nothing_is_refused() {
        for (own, message) in [
            (
                "[entities]\nX = 'PLANET'\n",
                "X: `PLANET` is no entity type",
            ),
            ("[themes]\nX = 'sports'\n", "X: `sports` is no theme"),
            ("[labels]\n", "unknown field"),
        ] {
            let error = load(own).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
