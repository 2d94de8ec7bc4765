//! The network compiled in, with int8 weights, run by `rten`.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};

use super::network::{Input, Network, Output};
use crate::error::{Error, Result};

/// A network that is ready to run.
pub(super) struct RtenNetwork {
    model: Model,
    inputs: [NodeId; 6],
    outputs: [NodeId; 2],
    threads: OnceLock<Arc<ThreadPool>>,
}

/// The names of the inputs and outputs, in the order of [`RtenNetwork::inputs`] and [`RtenNetwork::outputs`].
const INPUTS: [&str; 6] = [
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "rule_tags",
    "pooling",
    "rule_themes",
];
const OUTPUTS: [&str; 2] = ["entity_logits", "theme_logits"];

impl RtenNetwork {
    /// Prepares the network; `file` is its name for messages.
    ///
    /// # Errors
    /// [`Error::Weights`] when the bytes are not an ONNX model with these inputs and outputs.
    pub fn load(bytes: &'static [u8], file: &str) -> Result<Self> {
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_static_slice(bytes)
            .map_err(|error| Error::weights(file, error))?;
        let node = |name: &str| {
            model
                .node_id(name)
                .map_err(|error| Error::weights(file, format!("{name}: {error}")))
        };
        let mut inputs = [model
            .node_id(INPUTS[0])
            .map_err(|e| Error::weights(file, e))?; 6];
        for (input, name) in inputs.iter_mut().zip(INPUTS) {
            *input = node(name)?;
        }
        let outputs = [node(OUTPUTS[0])?, node(OUTPUTS[1])?];
        Ok(Self {
            inputs,
            outputs,
            model,
            threads: OnceLock::new(),
        })
    }

    /// As many threads as the pool has in which it is first called.
    fn threads(&self) -> &Arc<ThreadPool> {
        self.threads
            .get_or_init(|| Arc::new(ThreadPool::with_num_threads(rayon::current_num_threads())))
    }

    /// Reads one window.
    ///
    /// # Errors
    /// What `rten` says, when it fails.
    fn run(&self, input: Input) -> Result<Output, String> {
        let (tokens, sentences) = (input.ids.len(), input.sentences);
        let themes = input.rule_themes.len() / sentences.max(1);
        let ints = |values: Vec<i32>| {
            Value::from_shape([1, tokens], values).map_err(|error| error.to_string())
        };
        let floats = |columns, values: Vec<f32>| {
            Value::from_shape([1, sentences, columns], values).map_err(|error| error.to_string())
        };
        let values = [
            ints(input.ids),
            ints(vec![1; tokens]),
            ints(input.casings),
            ints(input.rule_tags),
            floats(tokens, input.pooling),
            floats(themes, input.rule_themes),
        ];
        let values = (self.inputs.into_iter().zip(values))
            .map(|(node, value)| Ok((node, value?.into())))
            .collect::<Result<_, String>>()?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(self.threads())));
        let [tags, themes] = self
            .model
            .run_n(values, self.outputs, Some(options))
            .map_err(|error| error.to_string())?;
        let rows = |value: Value| {
            let (_, mut rows): ([usize; 3], Vec<f32>) =
                value.into_shape_vec().map_err(|error| error.to_string())?;
            // rten lends buffers again: this one may be a hundred times too large, and it is kept for a while.
            rows.shrink_to_fit();
            Ok::<_, String>(rows)
        };
        Ok(Output {
            tags: rows(tags)?,
            themes: rows(themes)?,
        })
    }
}

impl Network for RtenNetwork {
    /// All windows are read in one pool, side by side, and the parts of one window as well: whatever is left over when
    /// windows run out goes into the last of them.
    fn read(&mut self, documents: Vec<Vec<Input>>) -> Vec<Result<Vec<Output>, String>> {
        let network = &*self;
        let lengths: Vec<usize> = documents.iter().map(Vec::len).collect();
        let windows: Vec<Input> = documents.into_iter().flatten().collect();
        let outputs: Vec<Result<Output, String>> = network.threads().run(|| {
            windows
                .into_par_iter()
                .with_max_len(1)
                .map(|window| network.run(window))
                .collect()
        });
        let mut outputs = outputs.into_iter();
        lengths
            .into_iter()
            .map(|length| outputs.by_ref().take(length).collect())
            .collect()
    }
}
