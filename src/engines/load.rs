//! From the settings of an engine to an engine that is ready to read.

use std::sync::Arc;

use super::manifest::Manifest;
use super::{Device, Engine, EngineKind, EngineSettings, MinilmEngine, RulesEngine};
use crate::analysis::entities::EntityGrammar;
use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};

/// Tokenizers and labels of a model: none is as large in megabytes.
const MOST_OF_A_MODEL_FILE: u64 = 1_000;

/// What a folder of a model may hold besides its weights.
const MODEL_FILES: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
];

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
            let bytes = crate::open::bytes(&path, MOST_OF_A_MODEL_FILE)?;
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
