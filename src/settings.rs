//! What a run is told: the command line over `demarche.toml` over the defaults.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::models::{Device, EngineKind};
use crate::output::Format;

/// The settings file that is read when it lies in the current folder.
pub const SETTINGS_FILE: &str = "demarche.toml";

/// The keys of the settings file.
const KEYS: [&str; 13] = [
    "input",
    "output",
    "format",
    "engine",
    "themes",
    "threads",
    "max-megabytes",
    "bom",
    "model",
    "zero-shot",
    "labels",
    "device",
    "batch-tokens",
];

/// What `demarche.toml` may hold; everything is optional, and the command line goes before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Files, folders and patterns to analyse when the command line names none.
    pub input: Option<Vec<PathBuf>>,
    /// The folder for the reports.
    pub output: Option<PathBuf>,
    /// The report formats.
    pub format: Option<Vec<Format>>,
    /// The engine that reads the sentences.
    pub engine: Option<EngineKind>,
    /// A taxonomy to use in place of the built-in one.
    pub themes: Option<PathBuf>,
    /// How many threads to use; 0 means one a core.
    pub threads: Option<usize>,
    /// Larger files are refused.
    pub max_megabytes: Option<u64>,
    /// Whether CSV files begin with a byte-order mark.
    pub bom: Option<bool>,
    /// Folders of models for the `rust-bert` engine.
    pub model: Option<Vec<PathBuf>>,
    /// The folder of a model of natural language inference for the `rust-bert` engine.
    pub zero_shot: Option<PathBuf>,
    /// What the labels of these models mean.
    pub labels: Option<PathBuf>,
    /// Where the `rust-bert` engine runs.
    pub device: Option<Device>,
    /// The most tokens that the `rust-bert` engine reads at a time.
    pub batch_tokens: Option<usize>,
}

impl Settings {
    /// Reads `file`, or `demarche.toml` if there is one, or nothing.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or holds an unknown key or a wrong value.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let path = match file {
            Some(path) => path,
            None if Path::new(SETTINGS_FILE).exists() => Path::new(SETTINGS_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of a settings file; `file` is its name for messages.
    ///
    /// # Errors
    /// When it is not TOML, or holds an unknown key or a wrong value.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let wrong = |reason: String, hint: String| Error::Settings {
            file: file.into(),
            reason,
            hint,
        };
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            wrong(error.to_string(), "correct the line shown".into())
        })?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(wrong(
                format!("unknown key `{key}`"),
                did_you_mean(key, &KEYS),
            ));
        }
        toml::from_str(text).map_err(|error| {
            wrong(
                error.to_string().trim_end().into(),
                "correct the line shown".into(),
            )
        })
    }
}

/// "did you mean ...?" for a word close to one of `known`, else the whole list.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    let closest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match closest {
        Some((similarity, candidate)) if similarity > 0.8 => format!("did you mean `{candidate}`?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_and_read() {
        let text = r#"
            input = ["a", "b/*.txt"]
            output = "out"
            format = ["csv", "json-lines"]
            engine = "rules"
            themes = "my.toml"
            threads = 2
            max-megabytes = 5
            bom = false
            model = ["names", "themes"]
            zero-shot = "nli"
            labels = "labels.toml"
            device = "cuda:1"
            batch-tokens = 512
        "#;
        let settings = Settings::parse(text, "demarche.toml").unwrap();
        assert_eq!(settings.format, Some(vec![Format::Csv, Format::JsonLines]));
        assert_eq!(settings.max_megabytes, Some(5));
        assert_eq!(settings.device, Some(Device::Cuda(1)));
        assert_eq!(text.matches(" = ").count(), KEYS.len());
    }

    #[test]
    fn a_misspelt_key_gets_a_suggestion() {
        let error = Settings::parse("formt = [\"csv\"]", "demarche.toml").unwrap_err();
        assert_eq!(error.to_string(), "demarche.toml: unknown key `formt`");
        assert_eq!(error.hint(), "did you mean `format`?");
    }

    #[test]
    fn a_wrong_value_is_an_error_with_its_line() {
        let error = Settings::parse("threads = \"many\"", "demarche.toml").unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}
