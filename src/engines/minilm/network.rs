//! The seam between what the network reads and what runs it: numbers in, numbers out.

/// What the network reads of one window: `tokens` numbers each, unless said otherwise.
#[derive(Debug, Default)]
pub(in crate::engines) struct Input {
    /// Ids of the word pieces.
    pub ids: Vec<i32>,
    /// How the word of each piece is written, 0 to 3.
    pub casings: Vec<i32>,
    /// What the rules say of the word of each piece, by place among the tags.
    pub rule_tags: Vec<i32>,
    /// One row of `tokens` weights per sentence: each piece of the sentence has the same, and they add up to 1.
    pub pooling: Vec<f32>,
    /// One row per sentence: the probability that the rules give each theme.
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
pub(in crate::engines) struct Output {
    /// One row of logits per token, one column per tag.
    pub tags: Vec<f32>,
    /// One row of logits per sentence, one column per theme.
    pub themes: Vec<f32>,
}

/// Our network, whatever runs it.
pub(in crate::engines) trait Network: Send {
    /// Reads windows, by document: one list of outputs per document, one output per window, or why there are none.
    ///
    /// What it says of a document does not depend on the others.
    fn read(&mut self, documents: Vec<Vec<Input>>) -> Vec<Result<Vec<Output>, String>>;
}
