//! The options that commands share, and what `demarche.toml` may say in their place.
//!
//! What the user chooses from a list, such as an engine or a format, derives `clap::ValueEnum` where the list stands.

use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::engines::{EngineKind, EngineSettings, ModelSettings};
use crate::error::{Error, Result};
use crate::input::Findings;
use crate::input::metadata::{MetadataTable, NamePattern};
use crate::open;
use crate::output::schema;
use crate::output::{ReportFormat, Target};
use crate::text::{counted, did_you_mean, shown};

/// The settings file that is read when it lies in the current folder.
const SETTINGS_FILE: &str = "demarche.toml";

/// What `demarche.toml` holds; everything is optional, and the command line takes precedence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The keys that only the file has, or that the command line writes differently.
    pub file: FileSettings,
    /// Which engine reads, and with what.
    pub engine: EngineOptions,
}

/// The keys of `demarche.toml` that are not options of the same name and form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default)]
pub struct FileSettings {
    /// Files, folders and patterns to analyse when the command line names none.
    pub input: Option<Vec<PathBuf>>,
    /// The folder for the reports.
    pub output: Option<PathBuf>,
    /// The report formats.
    #[schemars(with = "Vec<String>")]
    pub format: Vec<ReportFormat>,
    /// Larger files are refused, in megabytes.
    pub max_megabytes: Option<u64>,
    /// Whether CSV files begin with a byte-order mark.
    pub bom: Option<bool>,
}

/// Which engine reads, and with what: options, and keys of `demarche.toml` under the same names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize, JsonSchema)]
#[command(next_help_heading = "Engine")]
#[serde(rename_all = "kebab-case", default)]
pub struct EngineOptions {
    /// The engine that reads the sentences.
    #[arg(long, value_enum)]
    #[schemars(with = "Option<String>")]
    pub engine: Option<EngineKind>,
    /// A taxonomy to use in place of the built-in one (models/themes.toml is the model to follow).
    #[arg(long, value_name = "FILE")]
    pub themes: Option<PathBuf>,
    /// How many threads to use; 0 means one per core.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The models of the `rust-bert` engine.
    #[command(flatten)]
    #[serde(skip)]
    #[schemars(skip)]
    pub models: ModelSettings,
}

impl EngineOptions {
    /// These options, and where one is not given that of `file`. What the file says of models is passed over unless the
    /// engine in force takes models.
    #[must_use]
    pub fn or(&self, file: &Self) -> Self {
        let Self {
            engine,
            themes,
            threads,
            models,
        } = self.clone();
        let engine = engine.or(file.engine);
        Self {
            themes: themes.or_else(|| file.themes.clone()),
            threads: threads.or(file.threads),
            models: match engine.unwrap_or_default() {
                EngineKind::RustBert => models.or(&file.models),
                EngineKind::Minilm | EngineKind::Rules => models,
            },
            engine,
        }
    }

    /// The engine and what it reads with.
    pub fn settings(&self) -> EngineSettings {
        EngineSettings {
            kind: self.engine.unwrap_or_default(),
            models: self.models.clone(),
        }
    }
}

/// How statements are read, and what the user says of them beside their text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct InputOptions {
    /// A CSV table with what is known of the statements, one row per file; a column names the file.
    #[arg(long, value_name = "FILE.csv")]
    pub metadata: Option<PathBuf>,
    /// What file names say, for example {country}_{session}_{year}.
    #[arg(long, value_name = "PATTERN")]
    pub name_pattern: Option<String>,
    /// Refuse files larger than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_megabytes: Option<u64>,
}

impl InputOptions {
    /// Joins what the user says to the statements. The warnings about those of which nothing is said.
    ///
    /// # Errors
    /// When the table or the pattern is wrong.
    pub fn join_metadata(&self, findings: &mut Findings) -> Result<Vec<String>> {
        let all = findings.statements.len();
        let mut warnings = Vec::new();
        let mut add = |what: &str, missing: usize| {
            if missing > 0 {
                let all = counted(all, "statement");
                warnings.push(format!("{what} has no entry for {missing} of {all}"));
            }
        };
        if let Some(path) = &self.metadata {
            let missing = MetadataTable::read(path)?.join(&mut findings.statements);
            add(&shown(path), missing);
        }
        if let Some(pattern) = &self.name_pattern {
            let missing = NamePattern::parse(pattern)?.apply(&mut findings.statements);
            add("--name-pattern", missing);
        }
        Ok(warnings)
    }
}

/// Where the reports go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// The folder for the reports; `-` is standard output (one format of one file).
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Leave the byte-order mark out of CSV files.
    #[arg(long)]
    pub no_bom: bool,
}

impl OutputOptions {
    /// Where the reports go: the command line, else the settings, else `output`.
    pub fn target(&self, settings: &Settings) -> Target {
        match self.output.as_ref().or(settings.file.output.as_ref()) {
            Some(folder) if folder == Path::new("-") => Target::Stdout,
            Some(folder) => Target::Folder(folder.clone()),
            None => Target::Folder(PathBuf::from("output")),
        }
    }

    /// Whether CSV files begin with a byte-order mark.
    pub fn bom(&self, settings: &Settings) -> bool {
        !self.no_bom && settings.file.bom.unwrap_or(true)
    }
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
        let text = match file {
            Some(path) => open::named_text(path)?,
            None => open::text(path)?,
        };
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of a settings file; `file` is its name for messages.
    ///
    /// # Errors
    /// When it is not TOML, or holds an unknown key or a wrong value.
    fn parse(text: &str, file: &str) -> Result<Self> {
        let keys = Self::keys();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let table: toml::Table = section(text, file)?;
        if let Some(key) = table.keys().find(|key| !keys.contains(&key.as_str())) {
            return Err(Error::Settings {
                file: file.into(),
                reason: format!("unknown key `{key}`"),
                hint: did_you_mean(key, &keys),
            });
        }
        Ok(Self {
            file: section(text, file)?,
            engine: EngineOptions {
                models: section(text, file)?,
                ..section(text, file)?
            },
        })
    }

    /// The keys that the file may have: the fields of the types that it is read into.
    fn keys() -> Vec<String> {
        let types = [
            schema::table::<FileSettings>(SETTINGS_FILE),
            schema::table::<EngineOptions>(SETTINGS_FILE),
            schema::table::<ModelSettings>(SETTINGS_FILE),
        ];
        let fields = types.into_iter().flat_map(|fields| fields.columns);
        fields.map(|field| field.name).collect()
    }
}

/// What `T` knows of the text of a settings file.
fn section<T: DeserializeOwned>(text: &str, file: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| Error::Settings {
        file: file.into(),
        reason: error.to_string().trim_end().into(),
        hint: "correct the line shown".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::Device;

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
        let formats = [ReportFormat::Csv, ReportFormat::JsonLines];
        assert_eq!(settings.file.format, formats);
        assert_eq!(settings.file.max_megabytes, Some(5));
        assert_eq!(settings.engine.models.device, Some(Device::Cuda(1)));
        assert_eq!(text.matches(" = ").count(), Settings::keys().len());
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

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = Settings::parse(
            "engine = \"rust-bert\"\nmodel = [\"names\"]\nthreads = 2",
            "demarche.toml",
        );
        let file = file.unwrap().engine;
        let asked = EngineOptions::default().or(&file);
        assert_eq!(asked, file);
        let asked = EngineOptions {
            engine: Some(EngineKind::Rules),
            ..EngineOptions::default()
        };
        let asked = asked.or(&file);
        assert_eq!(asked.threads, Some(2));
        assert!(asked.models.model.is_empty());
    }
}
