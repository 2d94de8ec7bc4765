//! The network of a checkpoint: sequences in, logits out.

use rust_bert::bart::{BartConfig, BartForSequenceClassification};
use rust_bert::bert::{BertConfig, BertForSequenceClassification, BertForTokenClassification};
use rust_bert::distilbert::{
    DistilBertConfig, DistilBertForTokenClassification, DistilBertModelClassifier,
};
use rust_bert::roberta::{RobertaForSequenceClassification, RobertaForTokenClassification};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tch::Tensor;
use tch::nn::VarStore;

use super::checkpoint::{Checkpoint, Family, Task};
use super::torch::{Batch, Runner, Sequence, batches, guarded, numbers};
use crate::error::{Error, Result};

/// The networks of rust-bert, each with its head.
pub(super) enum Model {
    BertTokens(BertForTokenClassification),
    BertSequence(BertForSequenceClassification),
    DistilBertTokens(DistilBertForTokenClassification),
    DistilBertSequence(DistilBertModelClassifier),
    RobertaTokens(RobertaForTokenClassification),
    RobertaSequence(RobertaForSequenceClassification),
    BartSequence(Box<BartForSequenceClassification>),
}

/// A network with the weights of a checkpoint, ready to run.
pub(super) struct CheckpointNetwork {
    model: Model,
    padding: i64,
    runner: Runner,
    /// Holds what the model refers to.
    _store: VarStore,
}

impl CheckpointNetwork {
    /// Builds the network that the checkpoint describes and fills it with its weights.
    ///
    /// # Errors
    /// [`Error::Settings`] with the folder, when weights are missing or do not fit; [`Error::Read`] when they cannot be
    /// read.
    pub fn load(checkpoint: &Checkpoint, runner: Runner) -> Result<Self> {
        let path = checkpoint.weights();
        let bytes = std::fs::read(&path).map_err(|source| Error::Read { path, source })?;
        let built = guarded(|| {
            let mut store = VarStore::new(runner.device);
            let model = build(checkpoint, &store)?;
            runner
                .fill(&mut store, &bytes)
                .map_err(|reason| format!("model.safetensors: {reason}"))?;
            Ok((model, store))
        });
        let (model, store) = built.map_err(|reason| {
            checkpoint.wrong(
                reason,
                "take all files from one checkpoint of a known architecture",
            )
        })?;
        Ok(Self {
            model,
            padding: checkpoint.padding,
            runner,
            _store: store,
        })
    }

    /// The logits of every sequence: one row per token or per sequence, one column per label.
    ///
    /// Sequences of about the same length are read together, filled up and masked.
    ///
    /// # Errors
    /// What libtorch says, when it fails.
    pub fn read(&self, sequences: &[Sequence]) -> Result<Vec<Vec<f32>>, String> {
        let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
        let mut logits = vec![Vec::new(); sequences.len()];
        for places in batches(&lengths, self.runner.batch_tokens) {
            let read: Vec<&Sequence> = places.iter().map(|&place| &sequences[place]).collect();
            let rows = guarded(|| {
                let batch = Batch::new(&read, self.padding, self.runner);
                let said = self.forward(&batch)?;
                (read.iter().enumerate())
                    .map(|(row, sequence)| {
                        let row = said.select(0, row as i64);
                        match row.dim() {
                            1 => numbers(&row),
                            _ => numbers(&row.narrow(0, 0, sequence.ids.len() as i64)),
                        }
                    })
                    .collect::<Result<Vec<_>, _>>()
            })?;
            for (place, row) in places.into_iter().zip(rows) {
                logits[place] = row;
            }
        }
        Ok(logits)
    }

    fn forward(&self, batch: &Batch) -> Result<Tensor, String> {
        let (ids, mask) = (Some(&batch.ids), Some(&batch.mask));
        let types = Some(&batch.types);
        Ok(match &self.model {
            Model::BertTokens(model) => model.forward_t(ids, mask, types, None, None, false).logits,
            Model::BertSequence(model) => {
                model.forward_t(ids, mask, types, None, None, false).logits
            }
            // One type of token only; positions go by what is not padding.
            Model::RobertaTokens(model) => {
                model.forward_t(ids, mask, None, None, None, false).logits
            }
            Model::RobertaSequence(model) => {
                model.forward_t(ids, mask, None, None, None, false).logits
            }
            Model::DistilBertTokens(model) => {
                let said = model.forward_t(ids, mask, None, false);
                said.map_err(|error| error.to_string())?.logits
            }
            Model::DistilBertSequence(model) => {
                let said = model.forward_t(ids, mask, None, false);
                said.map_err(|error| error.to_string())?.logits
            }
            Model::BartSequence(model) => {
                let said = model.forward_t(&batch.ids, mask, None, None, None, false);
                said.decoder_output
            }
        })
    }
}

/// The network that config.json describes, not yet filled.
pub(super) fn build(checkpoint: &Checkpoint, store: &VarStore) -> Result<Model, String> {
    let root = &store.root();
    let bert = || config(&checkpoint.config, &BertConfig::default());
    let distilbert = || config(&checkpoint.config, &DistilBertConfig::default());
    let bart = || config(&checkpoint.config, &BartConfig::default());
    let model = match (checkpoint.family, checkpoint.task) {
        (Family::Bert, Task::Tokens) => {
            BertForTokenClassification::new(root, &bert()?).map(Model::BertTokens)
        }
        (Family::Bert, Task::Sequence) => {
            BertForSequenceClassification::new(root, &bert()?).map(Model::BertSequence)
        }
        (Family::DistilBert, Task::Tokens) => {
            DistilBertForTokenClassification::new(root, &distilbert()?).map(Model::DistilBertTokens)
        }
        (Family::DistilBert, Task::Sequence) => {
            DistilBertModelClassifier::new(root, &distilbert()?).map(Model::DistilBertSequence)
        }
        (Family::Roberta, Task::Tokens) => {
            RobertaForTokenClassification::new(root, &bert()?).map(Model::RobertaTokens)
        }
        (Family::Roberta, Task::Sequence) => {
            RobertaForSequenceClassification::new(root, &bert()?).map(Model::RobertaSequence)
        }
        (Family::Bart, _) => BartForSequenceClassification::new(root, &bart()?)
            .map(|model| Model::BartSequence(Box::new(model))),
    };
    model.map_err(|error| error.to_string())
}

/// A configuration of rust-bert from what config.json says, and its defaults for what it leaves out, as the library that
/// wrote it does.
fn config<T: Serialize + DeserializeOwned>(written: &Value, default: &T) -> Result<T, String> {
    let mut whole = serde_json::to_value(default).map_err(|error| error.to_string())?;
    if let (Value::Object(whole), Value::Object(written)) = (&mut whole, written) {
        let written = written.iter().filter(|(_, value)| !value.is_null());
        whole.extend(written.map(|(key, value)| (key.clone(), value.clone())));
    }
    serde_json::from_value(whole).map_err(|error| format!("config.json: {error}"))
}
