//! Which engine reads, and with what.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The engines that can be asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, clap::ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// The built-in model (MiniLM, int8), joined with the rules.
    #[default]
    Minilm,
    /// The same model in full precision, or one of your own, on libtorch (`make rust-bert` builds it in).
    RustBert,
    /// Cue lexicon, gazetteers and patterns; no weights.
    Rules,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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

/// What the models of the `rust-bert` engine run on.
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
        .ok_or_else(|| format!("`{name}` is not a device: expected cpu, cuda or cuda:1"))
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_tokens: Option<u32>,
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
    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.model.iter().chain(&self.zero_shot)
    }

    /// The option of the first setting that is given.
    pub(super) fn first_given(&self) -> Option<&'static str> {
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
}
