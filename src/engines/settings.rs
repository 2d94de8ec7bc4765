//! Which engine reads, and with what.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use super::{Engine, MinilmEngine, RulesEngine};
use crate::analysis::entities::EntityGrammar;
use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};

/// The engines that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// The compiled-in network (MiniLM, int8), joined with the rules.
    #[default]
    Minilm,
    /// The same network in full precision, or a model of your own, on libtorch (`make rust-bert` builds it in).
    RustBert,
    /// Cue lexicon, gazetteers and patterns; no weights.
    Rules,
}

impl EngineKind {
    /// The name as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minilm => "minilm",
            Self::RustBert => "rust-bert",
            Self::Rules => "rules",
        }
    }

    /// The engines that this program was built with.
    pub const fn compiled() -> &'static [Self] {
        if cfg!(feature = "rust-bert") {
            &[Self::Minilm, Self::RustBert, Self::Rules]
        } else {
            &[Self::Minilm, Self::Rules]
        }
    }
}

/// What a folder of a model may hold besides its weights.
const MODEL_FILES: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
];

/// What the networks of the `rust-bert` engine run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Device {
    /// The processor.
    Cpu,
    /// A GPU, counted from 0.
    Cuda(usize),
}

impl FromStr for Device {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.split_once(':') {
            None if name == "cpu" => Some(Self::Cpu),
            None if name == "cuda" => Some(Self::Cuda(0)),
            Some(("cuda", number)) => number.parse().ok().map(Self::Cuda),
            _ => None,
        }
        .ok_or_else(|| format!("`{name}` is no device: expected cpu, cuda or cuda:1"))
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

/// An engine and what it reads with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngineSettings {
    /// The engine.
    pub kind: EngineKind,
    /// Its models; only the `rust-bert` engine takes any.
    pub models: ModelSettings,
}

/// The user's own models, and how they run: options of the command line, and keys of `demarche.toml` under the same
/// names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default)]
pub struct ModelSettings {
    /// For --engine rust-bert: a model of your own, a folder as Hugging Face writes it; twice for names and themes.
    #[arg(long, value_name = "DIR")]
    pub model: Vec<PathBuf>,
    /// For --engine rust-bert: a model of natural language inference that reads any themes.
    #[arg(long, value_name = "DIR")]
    pub zero_shot: Option<PathBuf>,
    /// For --engine rust-bert: what the labels of your model mean (models/labels.toml is the model to follow).
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// For --engine rust-bert: cpu, cuda or cuda:N; a GPU when there is one.
    #[arg(long, value_name = "DEVICE")]
    #[schemars(with = "Option<String>")]
    pub device: Option<Device>,
    /// For --engine rust-bert: the most tokens that are read at a time.
    #[arg(long, value_name = "N")]
    pub batch_tokens: Option<NonZeroU32>,
}

impl ModelSettings {
    /// These settings, and where one is not given that of `other`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let Self {
            model,
            zero_shot,
            labels,
            device,
            batch_tokens,
        } = self;
        Self {
            model: match model.as_slice() {
                [] => other.model.clone(),
                _ => model,
            },
            zero_shot: zero_shot.or_else(|| other.zero_shot.clone()),
            labels: labels.or_else(|| other.labels.clone()),
            device: device.or(other.device),
            batch_tokens: batch_tokens.or(other.batch_tokens),
        }
    }

    /// The folders of all models.
    fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.model.iter().chain(&self.zero_shot)
    }

    /// The option of the first setting that is given.
    fn first_given(&self) -> Option<&'static str> {
        let Self {
            model,
            zero_shot,
            labels,
            device,
            batch_tokens,
        } = self;
        let options = [
            ("--model", !model.is_empty()),
            ("--zero-shot", zero_shot.is_some()),
            ("--labels", labels.is_some()),
            ("--device", device.is_some()),
            ("--batch-tokens", batch_tokens.is_some()),
        ];
        let given = options.into_iter().find(|(_, is_given)| *is_given);
        given.map(|(option, _)| option)
    }
}

impl From<EngineKind> for EngineSettings {
    fn from(kind: EngineKind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }
}

impl EngineSettings {
    /// Refuses what this program cannot do, or the engine would not look at.
    ///
    /// # Errors
    /// [`Error::Settings`], with what to do about it.
    fn check(&self) -> Result<()> {
        if !EngineKind::compiled().contains(&self.kind) {
            return Err(not_built_in());
        }
        if self.kind == EngineKind::RustBert {
            return Ok(());
        }
        match self.models.first_given() {
            None => Ok(()),
            Some(option) => Err(Error::Settings {
                file: option.into(),
                reason: format!("the {} engine does not use it", self.kind.name()),
                hint: "add --engine rust-bert, or leave it out".into(),
            }),
        }
    }

    /// The SHA-256 of the weights that the engine reads with, those of several models with `;` between; none for an
    /// engine without weights.
    ///
    /// # Errors
    /// When the program was built without the engine, the manifest is malformed, or a folder holds no model.
    pub fn weights_sha256(&self) -> Result<Option<String>> {
        self.check()?;
        #[cfg(feature = "rust-bert")]
        if self.models.folders().next().is_some() {
            let folders = self.models.folders();
            let digests = folders.map(|folder| sha256_of(&super::rust_bert::weights(folder)?));
            return Ok(Some(digests.collect::<Result<Vec<_>>>()?.join(";")));
        }
        Ok(Manifest::embedded()?
            .network(self.kind.name())
            .map(|network| network.sha256.clone()))
    }

    /// SHA-256 of what besides the weights decides how the user's own models read: labels, configurations, tokenizers.
    /// None without a model of the user's own.
    ///
    /// # Errors
    /// When one of the files cannot be read.
    pub fn files_sha256(&self) -> Result<Option<String>> {
        use sha2::{Digest, Sha256};

        if self.models.folders().next().is_none() {
            return Ok(None);
        }
        let mut digest = Sha256::new();
        let files = self
            .models
            .folders()
            .flat_map(|folder| MODEL_FILES.map(|file| folder.join(file)))
            .filter(|path| path.is_file());
        for path in files.chain(self.models.labels.clone()) {
            let bytes = std::fs::read(&path).map_err(Error::reading(&path))?;
            let name = path.file_name().unwrap_or_default();
            digest.update(name.to_string_lossy().as_bytes());
            digest.update(Sha256::digest(bytes));
        }
        Ok(Some(crate::text::hex(&digest.finalize())))
    }

    /// Where the networks run: what was asked for, else a GPU when there is one; none where there is no choice.
    ///
    /// # Errors
    /// When there is no such GPU.
    pub fn device_in_force(&self) -> Result<Option<Device>> {
        #[cfg(feature = "rust-bert")]
        if self.kind == EngineKind::RustBert {
            return super::rust_bert::device_in_force(self.models.device).map(Some);
        }
        Ok(self.models.device)
    }

    /// Makes the engine ready to read.
    ///
    /// # Errors
    /// When the data that it needs is missing or wrong.
    pub fn load(
        &self,
        taxonomy: &Taxonomy,
        entities: &Arc<EntityGrammar>,
    ) -> Result<Box<dyn Engine>> {
        self.check()?;
        match self.kind {
            EngineKind::Minilm => Ok(Box::new(MinilmEngine::new(taxonomy, Arc::clone(entities))?)),
            EngineKind::Rules => Ok(Box::new(RulesEngine::new(taxonomy, Arc::clone(entities))?)),
            #[cfg(feature = "rust-bert")]
            EngineKind::RustBert => super::rust_bert::load(&self.models, taxonomy, entities),
            #[cfg(not(feature = "rust-bert"))]
            EngineKind::RustBert => Err(not_built_in()),
        }
    }
}

fn not_built_in() -> Error {
    Error::Settings {
        file: "--engine rust-bert".into(),
        reason: "this program was built without it".into(),
        hint: "build it with `make rust-bert` in the source tree, or use --engine minilm".into(),
    }
}

/// The SHA-256 of a file, read piece by piece: weights may be larger than the memory that is left.
#[cfg(feature = "rust-bert")]
fn sha256_of(path: &std::path::Path) -> Result<String> {
    use sha2::{Digest, Sha256};
    use std::io::Read;

    let failed = Error::reading(path);
    let mut file = std::fs::File::open(path).map_err(&failed)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(&failed)? {
            0 => return Ok(crate::text::hex(&digest.finalize())),
            read => digest.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_and_written() {
        for name in ["cpu", "cuda:0", "cuda:3"] {
            assert_eq!(name.parse::<Device>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(Device::Cuda(0)));
        for wrong in ["", "gpu", "cuda:", "cuda:-1", "CPU"] {
            assert!(wrong.parse::<Device>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_the_engine_does_not_use_is_refused() {
        let mut settings = EngineSettings::from(EngineKind::Rules);
        assert!(settings.check().is_ok());
        settings.models.model = vec!["somewhere".into()];
        let error = settings.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "--model: the rules engine does not use it"
        );
        assert!(error.hint().contains("--engine rust-bert"));
    }

    #[test]
    fn an_engine_that_is_not_built_in_says_how_to_get_it() {
        let settings = EngineSettings::from(EngineKind::RustBert);
        let checked = settings.weights_sha256();
        if EngineKind::compiled().contains(&EngineKind::RustBert) {
            assert_eq!(checked.unwrap().unwrap().len(), 64);
        } else {
            assert!(checked.unwrap_err().hint().contains("make rust-bert"));
        }
    }
}
