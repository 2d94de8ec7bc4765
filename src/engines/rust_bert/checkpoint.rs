//! A folder in the layout of Hugging Face, checked before any work: config.json, a tokenizer, model.safetensors.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{Model, Tokenizer};

use crate::analysis::UnreadDocument;
use crate::document::Kind;
use crate::engines::tagging::words::Words;
use crate::error::{Error, Result};
use crate::text::shown;

/// Longer sequences are cut into windows, whatever more the model could take: attention costs their square.
const MOST_TOKENS: usize = 512;

/// How a model is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Devlin et al. 2019.
    Bert,
    /// Sanh et al. 2019.
    DistilBert,
    /// Liu et al. 2019; also XLM-RoBERTa (Conneau et al. 2020), which differs in its vocabulary only.
    Roberta,
    /// Lewis et al. 2020.
    Bart,
}

/// What a model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// One label per word piece.
    Tokens,
    /// One label or several per text.
    Sequence,
}

/// The architectures that can be read, as config.json names them.
const ARCHITECTURES: [(&str, Family, Task); 9] = [
    ("BertForTokenClassification", Family::Bert, Task::Tokens),
    (
        "DistilBertForTokenClassification",
        Family::DistilBert,
        Task::Tokens,
    ),
    (
        "RobertaForTokenClassification",
        Family::Roberta,
        Task::Tokens,
    ),
    (
        "XLMRobertaForTokenClassification",
        Family::Roberta,
        Task::Tokens,
    ),
    (
        "BertForSequenceClassification",
        Family::Bert,
        Task::Sequence,
    ),
    (
        "DistilBertForSequenceClassification",
        Family::DistilBert,
        Task::Sequence,
    ),
    (
        "RobertaForSequenceClassification",
        Family::Roberta,
        Task::Sequence,
    ),
    (
        "XLMRobertaForSequenceClassification",
        Family::Roberta,
        Task::Sequence,
    ),
    (
        "BartForSequenceClassification",
        Family::Bart,
        Task::Sequence,
    ),
];

/// A checked folder; the weights are not read yet.
pub(super) struct Checkpoint {
    pub folder: PathBuf,
    pub family: Family,
    pub task: Task,
    /// What config.json says.
    pub config: Value,
    /// The names of the outputs, in their order.
    pub labels: Vec<String>,
    /// Whether each label is a yes or no of its own, not one of several.
    pub multi_label: bool,
    pub tokenizer: Tokenizer,
    /// The most tokens of a sequence, those that open and close it included.
    pub max_tokens: usize,
    /// The token that fills up shorter sequences.
    pub padding: i64,
}

impl Checkpoint {
    /// Checks a folder.
    ///
    /// # Errors
    /// [`Error::Settings`] with the folder and what to do: it is not a folder, a file is missing or malformed, the architecture is
    /// not one that can be read, its labels are not named.
    pub fn open(folder: &Path) -> Result<Self> {
        let wrong = |reason: String, hint: &str| wrong(folder, reason, hint);
        const LAYOUT: &str = "name a folder with config.json, tokenizer.json and model.safetensors, \
                              as `save_pretrained` of Hugging Face writes them";
        if !folder.is_dir() {
            return Err(wrong("no such folder".into(), LAYOUT));
        }
        let text = std::fs::read_to_string(folder.join("config.json"))
            .map_err(|error| wrong(format!("config.json: {error}"), LAYOUT))?;
        let config: Value = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("config.json: {error}"), LAYOUT))?;
        let name = config["architectures"][0].as_str().unwrap_or("none");
        let Some((_, family, task)) = ARCHITECTURES.iter().find(|known| known.0 == name) else {
            let known = ARCHITECTURES.map(|known| known.0).join(", ");
            return Err(wrong(
                format!("its architecture ({name}) cannot be read"),
                &format!("known are: {known}"),
            ));
        };
        let labels = labels(&config).ok_or_else(|| {
            wrong(
                "config.json has no id2label that names every output".into(),
                "add \"id2label\": {\"0\": \"...\", \"1\": \"...\"}, in the order in which it was trained",
            )
        })?;
        if !folder.join("model.safetensors").is_file() {
            return Err(wrong(
                "no model.safetensors".into(),
                "write the weights as one file with `save_pretrained(DIR, safe_serialization=True, \
                 max_shard_size=\"100GB\")`",
            ));
        }
        let tokenizer = tokenizer(folder, *family)?;
        let number = |key: &str| config[key].as_u64().and_then(|n| usize::try_from(n).ok());
        let vocabulary = number("vocab_size").unwrap_or(usize::MAX);
        let last = tokenizer.get_vocab(true).into_values().max();
        if last.is_some_and(|id| id as usize >= vocabulary) {
            return Err(wrong(
                "its tokenizer has more tokens than the model".into(),
                "take both from the same checkpoint",
            ));
        }
        let positions = number("max_position_embeddings").unwrap_or(MOST_TOKENS);
        let positions = match family {
            // Its first positions are those of the padding.
            Family::Roberta => positions.saturating_sub(2),
            _ => positions,
        };
        if positions < 8 {
            return Err(wrong(format!("{positions} positions are too few"), LAYOUT));
        }
        let padding = match family {
            Family::Bert | Family::DistilBert => 0,
            Family::Roberta | Family::Bart => 1,
        };
        Ok(Self {
            folder: folder.into(),
            family: *family,
            task: *task,
            labels,
            multi_label: config["problem_type"] == "multi_label_classification",
            tokenizer,
            max_tokens: positions.min(MOST_TOKENS),
            padding: config["pad_token_id"].as_i64().unwrap_or(padding),
            config,
        })
    }

    /// The file of the weights.
    pub fn weights(&self) -> PathBuf {
        self.folder.join("model.safetensors")
    }

    /// The words of sentences, cut into the pieces of this checkpoint; none of kinds that are not read.
    ///
    /// # Errors
    /// What the tokenizer says, when it fails.
    pub fn words(
        &self,
        sentences: &[(Kind, &str)],
        not_read: &[Kind],
    ) -> Result<Vec<Words>, String> {
        let words = sentences
            .iter()
            .map(|(kind, text)| match not_read.contains(kind) {
                true => Ok(Words::default()),
                false => Words::split(text, &self.tokenizer).map_err(|error| error.to_string()),
            });
        words.collect()
    }

    /// An error about this checkpoint.
    pub fn wrong(&self, reason: impl ToString, hint: &str) -> Error {
        wrong(&self.folder, reason.to_string(), hint)
    }
}

/// The sentences of a document, each its kind and its words.
pub(super) fn sentences_with_kinds(document: &UnreadDocument) -> Vec<(Kind, &str)> {
    let kinds = document.sentences.iter().map(|unread| unread.sentence.kind);
    kinds.zip(document.texts()).collect()
}

fn wrong(folder: &Path, reason: String, hint: &str) -> Error {
    Error::Settings {
        file: shown(folder),
        reason,
        hint: hint.into(),
    }
}

/// The names of the outputs, when every one from 0 on has one.
fn labels(config: &Value) -> Option<Vec<String>> {
    let named = config["id2label"]
        .as_object()
        .filter(|map| !map.is_empty())?;
    (0..named.len())
        .map(|id| Some(named.get(&id.to_string())?.as_str()?.to_owned()))
        .collect()
}

/// The tokenizer of a folder, from tokenizer.json or from the files of its vocabulary; it neither cuts nor fills up.
fn tokenizer(folder: &Path, family: Family) -> Result<Tokenizer> {
    let file = |name: &str| folder.join(name);
    let failed = |error: tokenizers::Error| {
        wrong(
            folder,
            format!("its tokenizer cannot be read: {error}"),
            "write it anew with `save_pretrained` of Hugging Face",
        )
    };
    let mut tokenizer = if file("tokenizer.json").is_file() {
        Tokenizer::from_file(file("tokenizer.json")).map_err(failed)?
    } else if matches!(family, Family::Bert | Family::DistilBert) && file("vocab.txt").is_file() {
        word_pieces(folder).map_err(failed)?
    } else if matches!(family, Family::Roberta | Family::Bart)
        && file("vocab.json").is_file()
        && file("merges.txt").is_file()
    {
        byte_pairs(folder).map_err(failed)?
    } else {
        return Err(wrong(
            folder,
            "no tokenizer.json".into(),
            "write it with `AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)`; vocab.txt \
             (BERT, DistilBERT) or vocab.json and merges.txt (RoBERTa, BART) will do as well",
        ));
    };
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(failed)?;
    Ok(tokenizer)
}

/// The tokenizer of BERT, from vocab.txt.
fn word_pieces(folder: &Path) -> tokenizers::Result<Tokenizer> {
    let path = folder.join("vocab.txt");
    let pieces = WordPiece::from_file(&path.to_string_lossy())
        .unk_token("[UNK]".into())
        .build()?;
    let id = |token: &str| {
        (pieces.token_to_id(token))
            .map(|id| (token.to_owned(), id))
            .ok_or_else(|| format!("vocab.txt has no {token}"))
    };
    let (close, open) = (id("[SEP]")?, id("[CLS]")?);
    let settings = std::fs::read_to_string(folder.join("tokenizer_config.json"));
    let settings: Value = serde_json::from_str(&settings.unwrap_or_default()).unwrap_or_default();
    let lower = settings["do_lower_case"].as_bool().unwrap_or(true);
    let mut tokenizer = Tokenizer::new(pieces);
    tokenizer
        .with_normalizer(Some(BertNormalizer::new(true, true, None, lower)))
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(BertProcessing::new(close, open)));
    Ok(tokenizer)
}

/// The tokenizer of RoBERTa and BART, from vocab.json and merges.txt.
fn byte_pairs(folder: &Path) -> tokenizers::Result<Tokenizer> {
    let (vocabulary, merges) = (folder.join("vocab.json"), folder.join("merges.txt"));
    let pairs = BPE::from_file(&vocabulary.to_string_lossy(), &merges.to_string_lossy()).build()?;
    let id = |token: &str| {
        (pairs.token_to_id(token))
            .map(|id| (token.to_owned(), id))
            .ok_or_else(|| format!("vocab.json has no {token}"))
    };
    let (close, open) = (id("</s>")?, id("<s>")?);
    let mut tokenizer = Tokenizer::new(pairs);
    tokenizer
        .with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(false)))
        .with_post_processor(Some(RobertaProcessing::new(close, open)));
    Ok(tokenizer)
}
