//! The network itself: numbers in, numbers out, run by `rten`.

use std::sync::{Arc, OnceLock};

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};

use crate::error::{Error, Result};

/// What the network reads of one window: `tokens` numbers each, unless said otherwise.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// Ids of the word pieces.
    pub ids: Vec<i32>,
    /// How the word of each piece is written, 0 to 3.
    pub casings: Vec<i32>,
    /// What the rules say of the word of each piece, by place among the tags.
    pub rule_tags: Vec<i32>,
    /// One row of `tokens` weights a sentence: each piece of the sentence has the same, and they add up to 1.
    pub pooling: Vec<f32>,
    /// One row a sentence: the probability that the rules give each theme.
    pub rule_themes: Vec<f32>,
    /// How many sentences there are.
    pub sentences: usize,
}

impl Input {
    /// Adds one token.
    pub fn push(&mut self, id: i32, casing: i32, rule_tag: i32) {
        self.ids.push(id);
        self.casings.push(casing);
        self.rule_tags.push(rule_tag);
    }
}

/// What the network says of one window.
#[derive(Debug)]
pub(super) struct Output {
    /// One row of logits a token, a column a tag.
    pub tags: Vec<f32>,
    /// One row of logits a sentence, a column a theme.
    pub themes: Vec<f32>,
}

/// A network that is ready to run.
pub(super) struct Network {
    model: Model,
    inputs: [NodeId; 6],
    outputs: [NodeId; 2],
    threads: OnceLock<Arc<ThreadPool>>,
}

/// The names of the inputs and outputs, in the order of [`Network::inputs`] and [`Network::outputs`].
const INPUTS: [&str; 6] = [
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "rule_tags",
    "pooling",
    "rule_themes",
];
const OUTPUTS: [&str; 2] = ["entity_logits", "theme_logits"];

impl Network {
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

    /// Runs `work` on the threads of the network: as many as the pool has in which it is first called.
    ///
    /// All windows are read in one pool, side by side, and the parts of one window as well: whatever is left over when
    /// windows run out goes into the last of them.
    pub fn with_threads<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.threads().run(work)
    }

    fn threads(&self) -> &Arc<ThreadPool> {
        self.threads
            .get_or_init(|| Arc::new(ThreadPool::with_num_threads(rayon::current_num_threads())))
    }

    /// Reads one window.
    ///
    /// # Errors
    /// What `rten` says, when it fails.
    pub fn run(&self, input: Input) -> Result<Output, String> {
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
            let (_, rows): ([usize; 3], Vec<f32>) =
                value.into_shape_vec().map_err(|error| error.to_string())?;
            Ok::<_, String>(rows)
        };
        Ok(Output {
            tags: rows(tags)?,
            themes: rows(themes)?,
        })
    }
}
