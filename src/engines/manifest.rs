//! Which weights the program carries: `models/manifest.toml`, held against the bytes before they are used.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::text::hex;

/// The file that is compiled in, as the user knows it.
const FILE: &str = "models/manifest.toml";

/// All files that an engine reads with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    weights: Vec<WeightFile>,
}

/// One file of weights, or what belongs to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightFile {
    /// Its place in the source tree.
    pub file: String,
    /// The engine that reads with it.
    pub engine: String,
    /// Where it comes from.
    pub source: String,
    /// The licence that it may be passed on under (SPDX).
    pub licence: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The tags of a word, in the order of its outputs; none where it has no such output.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The ids of the themes, in the order of its outputs; none where it has no such output.
    #[serde(default)]
    pub themes: Vec<String>,
}

impl Manifest {
    /// The manifest that is compiled in.
    ///
    /// # Errors
    /// [`Error::Data`] when it is malformed; a unit test sees to it that it is not.
    pub fn embedded() -> Result<Self> {
        toml::from_str(include_str!("../../models/manifest.toml"))
            .map_err(|error| Error::data(FILE, error))
    }

    /// The file with the network of an engine, by the engine's name; none for an engine without weights.
    pub fn network(&self, engine: &str) -> Option<&WeightFile> {
        self.weights
            .iter()
            .find(|entry| entry.engine == engine && !entry.tags.is_empty())
    }

    /// What the manifest says of `file`, after its bytes have been compared.
    ///
    /// # Errors
    /// [`Error::Weights`], with the file, when the manifest does not name it or its bytes are others.
    pub fn checked(&self, file: &str, bytes: &[u8]) -> Result<&WeightFile> {
        let entry = (self.weights.iter().find(|entry| entry.file == file))
            .ok_or_else(|| Error::weights(file, format!("{FILE} does not name it")))?;
        let sha256 = hex(&Sha256::digest(bytes));
        if sha256 != entry.sha256 {
            return Err(Error::weights(
                file,
                format!(
                    "it was altered: its {} bytes have the SHA-256 {sha256}, {FILE} says {}",
                    bytes.len(),
                    entry.sha256
                ),
            ));
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(bytes: &[u8]) -> Manifest {
        let sha256 = hex(&Sha256::digest(bytes));
        toml::from_str(&format!(
            "[[weights]]\nfile = 'a.onnx'\nengine = 'e'\nsource = 'here'\nlicence = 'MIT'\nsha256 = '{sha256}'"
        ))
        .unwrap()
    }

    #[test]
    fn altered_and_truncated_bytes_are_refused_by_name() {
        let bytes = [7; 1000];
        let manifest = manifest(&bytes);
        assert_eq!(manifest.checked("a.onnx", &bytes).unwrap().licence, "MIT");
        let mut altered = bytes;
        altered[500] ^= 1;
        for wrong in [&altered[..], &bytes[..999], &[]] {
            let error = manifest.checked("a.onnx", wrong).unwrap_err();
            assert!(
                error.to_string().starts_with("a.onnx: it was altered"),
                "{error}"
            );
            assert!(error.hint().contains("--engine rules"));
        }
        let error = manifest.checked("b.onnx", &bytes).unwrap_err();
        assert_eq!(
            error.to_string(),
            "b.onnx: models/manifest.toml does not name it"
        );
    }

    #[test]
    fn the_embedded_manifest_is_whole() {
        let manifest = Manifest::embedded().unwrap();
        let network = manifest.network("minilm").unwrap();
        assert_eq!(network.tags.len(), 2 * network.tags.len().div_ceil(2) - 1);
        assert!(manifest.network("rules").is_none());
        for entry in &manifest.weights {
            assert_eq!(entry.sha256.len(), 64, "{}", entry.file);
            assert!(
                !entry.source.is_empty() && !entry.licence.is_empty(),
                "{}",
                entry.file
            );
        }
    }
}
