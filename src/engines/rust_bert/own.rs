//! Our own network on libtorch: the weights of `models/minilm`, not quantised.

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::{self, Init, Module, VarStore};
use tch::{Kind, Tensor};

use super::torch::{Batch, Runner, Sequence, batches, guarded, numbers};
use crate::engines::manifest::Manifest;
use crate::engines::minilm::network::{Input, Network, Output};
use crate::error::{Error, Result};

/// The files, as the manifest names them, and their bytes.
pub(super) const WEIGHTS: (&str, &[u8]) = (
    "models/minilm/model.safetensors",
    include_bytes!("../../../models/minilm/model.safetensors"),
);
const CONFIG: (&str, &str) = (
    "models/minilm/config.json",
    include_str!("../../../models/minilm/config.json"),
);

/// BERT with a second table of embeddings, for what the rules say of a word, and two heads.
pub(super) struct OwnNetwork {
    runner: Runner,
    /// Word pieces and rule tags have their tables here; the encoder takes their sum.
    words: Tensor,
    rules: Tensor,
    encoder: BertModel<BertEmbeddings>,
    tags: nn::Linear,
    themes: nn::Linear,
    padding: i64,
    /// Holds what the others refer to.
    _store: VarStore,
}

impl OwnNetwork {
    /// Checks the weights against the manifest and puts them on the device.
    ///
    /// # Errors
    /// [`Error::Weights`] when a file is not the one of the manifest, or does not fit the configuration.
    pub fn load(runner: Runner) -> Result<Self> {
        let wrong = |reason: String| Error::weights(WEIGHTS.0, reason);
        let manifest = Manifest::embedded()?;
        let stated = manifest.checked(WEIGHTS.0, WEIGHTS.1)?;
        let malformed = |error: serde_json::Error| Error::weights(CONFIG.0, error);
        let config: BertConfig = serde_json::from_str(CONFIG.1).map_err(malformed)?;
        let values: serde_json::Value = serde_json::from_str(CONFIG.1).map_err(malformed)?;
        let (tags, themes) = (stated.tags.len() as i64, stated.themes.len() as i64);
        let hidden = config.hidden_size;

        guarded(|| {
            let mut store = VarStore::new(runner.device);
            let root = store.root();
            let encoder = BertModel::new_with_optional_pooler(&root, &config, false);
            let rules = (&root / "embeddings" / "rule_embeddings").var(
                "weight",
                &[tags, hidden],
                Init::Const(0.0),
            );
            let plain = nn::LinearConfig::default();
            let head =
                |name: &str, inputs, outputs| nn::linear(&root / name, inputs, outputs, plain);
            let tag_head = head("entity_classifier", hidden, tags);
            let theme_head = head("theme_classifier", hidden + themes, themes);
            runner.fill(&mut store, WEIGHTS.1)?;
            let words = (store.root() / "embeddings" / "word_embeddings").get("weight");
            Ok(Self {
                runner,
                words: words.ok_or("it has no table of word pieces")?,
                rules,
                encoder,
                tags: tag_head,
                themes: theme_head,
                padding: values["pad_token_id"].as_i64().unwrap_or(0),
                _store: store,
            })
        })
        .map_err(wrong)
    }

    /// Reads windows at once, each filled up to the longest.
    fn run(&self, windows: &[&Input]) -> Result<Vec<Output>, String> {
        let runner = self.runner;
        let wide = |values: &[i32]| values.iter().map(|value| i64::from(*value)).collect();
        let sequences: Vec<Sequence> = windows
            .iter()
            .map(|window| Sequence {
                ids: wide(&window.ids),
                types: wide(&window.casings),
            })
            .collect();
        let batch = Batch::new(&sequences.iter().collect::<Vec<_>>(), self.padding, runner);
        let rule_tags: Vec<Sequence> = windows
            .iter()
            .map(|window| Sequence {
                ids: wide(&window.rule_tags),
                types: Vec::new(),
            })
            .collect();
        let rule_tags = Batch::new(&rule_tags.iter().collect::<Vec<_>>(), 0, runner).ids;

        let (tokens, sentences) = (
            windows.iter().map(|w| w.ids.len()).max().unwrap_or(0),
            windows.iter().map(|w| w.sentences).max().unwrap_or(0),
        );
        let theme_count = self.themes.bs.as_ref().map_or(0, |bias| bias.size()[0]) as usize;
        let mut pooling = vec![0.0; windows.len() * sentences * tokens];
        let mut rule_themes = vec![0.0; windows.len() * sentences * theme_count];
        for (place, window) in windows.iter().enumerate() {
            let rows = window.pooling.chunks_exact(window.ids.len().max(1));
            for (sentence, row) in rows.enumerate() {
                let start = (place * sentences + sentence) * tokens;
                pooling[start..start + row.len()].copy_from_slice(row);
            }
            let start = place * sentences * theme_count;
            rule_themes[start..start + window.rule_themes.len()]
                .copy_from_slice(&window.rule_themes);
        }
        let shape = |columns: usize| [windows.len() as i64, sentences as i64, columns as i64];
        let pooling = runner.floats(&pooling, &shape(tokens));
        let rule_themes = runner.floats(&rule_themes, &shape(theme_count));

        let embeddings = Tensor::embedding(&self.words, &batch.ids, -1, false, false)
            + Tensor::embedding(&self.rules, &rule_tags, -1, false, false);
        let read = self
            .encoder
            .forward_t(
                None,
                Some(&batch.mask),
                Some(&batch.types),
                None,
                Some(&embeddings),
                None,
                None,
                false,
            )
            .map_err(|error| error.to_string())?
            .hidden_state;
        let tag_logits = self.tags.forward(&read).to_kind(Kind::Float);
        let pooled = Tensor::cat(&[pooling.matmul(&read), rule_themes], 2);
        let theme_logits = self.themes.forward(&pooled).to_kind(Kind::Float);
        (windows.iter().enumerate())
            .map(|(place, window)| {
                let rows = |logits: &Tensor, count: usize| {
                    numbers(&logits.select(0, place as i64).narrow(0, 0, count as i64))
                };
                Ok(Output {
                    tags: rows(&tag_logits, window.ids.len())?,
                    themes: rows(&theme_logits, window.sentences)?,
                })
            })
            .collect()
    }

    /// Reads the windows of one document.
    fn document(&self, windows: &[Input]) -> Result<Vec<Output>, String> {
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let mut outputs: Vec<Option<Output>> = windows.iter().map(|_| None).collect();
        for batch in batches(&lengths, self.runner.batch_tokens) {
            let read: Vec<&Input> = batch.iter().map(|&place| &windows[place]).collect();
            let said = guarded(|| self.run(&read))?;
            for (place, output) in batch.into_iter().zip(said) {
                outputs[place] = Some(output);
            }
        }
        outputs
            .into_iter()
            .map(|output| output.ok_or_else(|| "a window was not read".into()))
            .collect()
    }
}

impl Network for OwnNetwork {
    fn read(&mut self, documents: Vec<Vec<Input>>) -> Vec<Result<Vec<Output>, String>> {
        documents
            .into_iter()
            .map(|windows| self.document(&windows))
            .collect()
    }
}
