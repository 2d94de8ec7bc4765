//! Checkpoints of others, made here with random weights, and our own weights against the int8 network.

use std::collections::HashMap;
use std::fs;

use serde_json::json;
use tch::nn::VarStore;
use tempfile::TempDir;
use tokenizers::Tokenizer;
use tokenizers::models::unigram::Unigram;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::Metaspace;
use tokenizers::processors::roberta::RobertaProcessing;

use super::*;
use crate::document::Span;
use crate::engines::tests::{unread, well_formed};
use crate::engines::{Device, EngineKind, EngineSettings};

const NAME_LABELS: [&str; 5] = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"];
const NLI_LABELS: [&str; 3] = ["contradiction", "neutral", "entailment"];

const TEXTS: [&str; 5] = [
    "Chile and Denmark reaffirmed the Paris Agreement.",
    "The ministers will meet again in Oslo, at the invitation of Norway's Prime Minister.",
    "Trade grew.",
    "",
    "外務大臣は東京で会談した。 \u{1F389}",
];

/// A folder as Hugging Face writes it, with random weights; `constant` fixes the logits at these values instead.
fn checkpoint(architecture: &str, labels: &[&str], constant: Option<&[f32]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    let vocabulary = if architecture.starts_with("XLMRoberta") {
        let pieces = [
            "<s>", "<pad>", "</s>", "<unk>", "▁", "▁the", "▁Os", "lo", "a", "e", "i",
        ];
        let pieces = pieces.map(|piece| (piece.to_string(), -1.0)).to_vec();
        let count = pieces.len();
        let mut tokenizer = Tokenizer::new(Unigram::from(pieces, Some(3), false).unwrap());
        let (close, open) = (("</s>".to_string(), 2), ("<s>".to_string(), 0));
        tokenizer
            .with_pre_tokenizer(Some(Metaspace::default()))
            .with_post_processor(Some(RobertaProcessing::new(close, open)));
        put("tokenizer.json", tokenizer.to_string(false).unwrap());
        count
    } else if architecture.starts_with("Roberta") || architecture.starts_with("Bart") {
        let special = ["<s>", "<pad>", "</s>", "<unk>"].map(str::to_string);
        let mut letters: Vec<String> = ByteLevel::alphabet().iter().map(char::to_string).collect();
        letters.sort();
        let all: Vec<String> = special.into_iter().chain(letters).collect();
        let ids: HashMap<&String, usize> = all.iter().zip(0..).collect();
        put("vocab.json", json!(ids).to_string());
        put("merges.txt", "#version: 0.2\n".into());
        all.len()
    } else {
        let letters = ('a'..='z').flat_map(|c| [c.to_string(), format!("##{c}")]);
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", ",", "'"].map(str::to_string);
        let all: Vec<String> = special.into_iter().chain(letters).collect();
        put("vocab.txt", all.join("\n"));
        all.len()
    };
    let ids: HashMap<String, &str> = labels
        .iter()
        .zip(0..)
        .map(|(l, i): (_, usize)| (i.to_string(), *l))
        .collect();
    let config = json!({
        "architectures": [architecture], "id2label": ids, "vocab_size": vocabulary,
        "hidden_size": 16, "dim": 16, "d_model": 16, "num_hidden_layers": 2, "n_layers": 2,
        "encoder_layers": 2, "decoder_layers": 2, "num_attention_heads": 2, "n_heads": 2,
        "encoder_attention_heads": 2, "decoder_attention_heads": 2, "intermediate_size": 24,
        "hidden_dim": 24, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24,
        "max_position_embeddings": 130, "type_vocab_size": if architecture.starts_with("Bert") { 2 } else { 1 },
        "num_labels": labels.len(), "bos_token_id": 0, "pad_token_id": if vocabulary == 59 { 0 } else { 1 },
        "eos_token_id": 2, "hidden_act": "gelu", "activation_function": "gelu",
    });
    put("config.json", config.to_string());
    put("model.safetensors", String::new());

    let opened = Checkpoint::open(folder.path()).unwrap();
    tch::manual_seed(7);
    let store = VarStore::new(tch::Device::Cpu);
    let _model = network::build(&opened, &store).unwrap();
    if let Some(constant) = constant {
        let mut variables = store.variables();
        let names: Vec<String> = variables.keys().cloned().collect();
        for name in names {
            let is_last = [
                "classifier.weight",
                "out_proj.weight",
                "classifier.bias",
                "out_proj.bias",
            ]
            .iter()
            .any(|end| name.ends_with(end))
                && !name.contains("attn")
                && !name.contains("pre_classifier");
            if is_last {
                let variable = variables.get_mut(&name).unwrap();
                tch::no_grad(|| match name.ends_with("bias") {
                    true => variable.copy_(&tch::Tensor::from_slice(constant)),
                    false => variable.copy_(&variable.zeros_like()),
                });
            }
        }
    }
    store.save(folder.path().join("model.safetensors")).unwrap();
    folder
}

fn settings(models: &[&TempDir]) -> EngineSettings {
    EngineSettings {
        kind: EngineKind::RustBert,
        models: ModelSettings {
            model: models.iter().map(|folder| folder.path().into()).collect(),
            device: Some(Device::Cpu),
            ..ModelSettings::default()
        },
    }
}

fn load_with(settings: &EngineSettings) -> Result<Box<dyn Engine>> {
    let entities = Arc::new(EntityGrammar::embedded().unwrap());
    settings.load(&Taxonomy::embedded().unwrap(), &entities)
}

fn read(engine: &mut dyn Engine, texts: &[&str]) -> Vec<Reading> {
    engine.read(&[&unread(texts)]).unwrap().remove(0)
}

#[test]
fn every_architecture_reads_any_text() {
    let long = "The Council met in Oslo and adopted conclusions on the matter. ".repeat(20);
    let unbroken = "a".repeat(3000);
    let texts: Vec<&str> = TEXTS
        .into_iter()
        .chain([long.as_str(), &unbroken])
        .collect();
    for family in ["Bert", "DistilBert", "Roberta", "XLMRoberta"] {
        let names = checkpoint(
            &format!("{family}ForTokenClassification"),
            &NAME_LABELS,
            None,
        );
        let themes = checkpoint(
            &format!("{family}ForSequenceClassification"),
            &["security", "ECO", "Other"],
            None,
        );
        let mut engine = load_with(&settings(&[&names, &themes])).unwrap();
        well_formed(family, engine.as_mut(), &texts);
        assert_eq!(engine.thresholds()[0], 0.5);
        assert_ne!(engine.thresholds()[1], 0.5);
        let notes = engine.notes().join("\n");
        assert!(
            notes.contains("found by the rules: NORP, GPE, LOC"),
            "{notes}"
        );
        assert!(
            notes.contains("scored by their cues: climate, technology"),
            "{notes}"
        );
    }
    for family in ["Bert", "Roberta", "XLMRoberta", "Bart"] {
        let model = checkpoint(
            &format!("{family}ForSequenceClassification"),
            &NLI_LABELS,
            None,
        );
        let mut asked = settings(&[]);
        asked.models.zero_shot = Some(model.path().into());
        let mut engine = load_with(&asked).unwrap();
        well_formed(family, engine.as_mut(), &texts);
    }
}

#[test]
fn what_fills_up_a_batch_changes_nothing() {
    let runner = |tokens| Runner::new(Some(crate::engines::Device::Cpu), Some(tokens)).unwrap();
    for architecture in [
        "BertForTokenClassification",
        "DistilBertForTokenClassification",
        "RobertaForTokenClassification",
        "BertForSequenceClassification",
        "DistilBertForSequenceClassification",
        "XLMRobertaForSequenceClassification",
        "BartForSequenceClassification",
    ] {
        let folder = checkpoint(architecture, &NLI_LABELS, None);
        let opened = Checkpoint::open(folder.path()).unwrap();
        let sequences: Vec<torch::Sequence> = TEXTS[..3]
            .iter()
            .map(|text| {
                let encoding = opened
                    .tokenizer
                    .encode(&text[..text.len().min(50)], true)
                    .unwrap();
                torch::Sequence {
                    ids: encoding.get_ids().iter().map(|id| i64::from(*id)).collect(),
                    types: vec![0; encoding.len()],
                }
            })
            .collect();
        let read = |tokens| {
            let network = network::CheckpointNetwork::load(&opened, runner(tokens)).unwrap();
            network.read(&sequences).unwrap()
        };
        let (alone, together) = (read(1), read(10_000));
        for (alone, together) in alone.iter().flatten().zip(together.iter().flatten()) {
            assert!((alone - together).abs() < 1e-5, "{architecture}");
        }
        let differ = alone[0][..3]
            .iter()
            .zip(&alone[2][..3])
            .any(|(a, b)| (a - b).abs() > 1e-6);
        assert!(differ, "{architecture}: the text makes no difference");
    }
}

#[test]
fn names_of_the_model_give_way_to_rules_where_it_has_no_label() {
    // Every word is the first of a person's name.
    let folder = checkpoint(
        "BertForTokenClassification",
        &NAME_LABELS,
        Some(&[0.0, 9.0, 0.0, 0.0, 0.0]),
    );
    let mut engine = load_with(&settings(&[&folder])).unwrap();
    let text = "Japan met Ana";
    let mentions = read(engine.as_mut(), &[text]).remove(0).mentions;
    let found: Vec<(&str, EntityType)> = mentions
        .iter()
        .map(|mention| (mention.span.of(text), mention.entity_type))
        .collect();
    let person = EntityType::Person;
    assert_eq!(
        found,
        [("Japan", EntityType::Gpe), ("met", person), ("Ana", person)]
    );
}

#[test]
fn a_scheme_without_first_words_is_understood() {
    let folder = checkpoint(
        "RobertaForTokenClassification",
        &["O", "PER"],
        Some(&[0.0, 9.0]),
    );
    let mut engine = load_with(&settings(&[&folder])).unwrap();
    let mentions = read(engine.as_mut(), &["ana maria met"]).remove(0).mentions;
    assert_eq!(mentions.len(), 1);
    assert_eq!(mentions[0].span, Span::new(0, 13));
}

#[test]
fn labels_become_themes() {
    let labels = ["warfare", "ECO", "TRADE", "Other"];
    let logits = [1.0, 2.0, 2.0, 0.0];
    let folder = checkpoint(
        "DistilBertForSequenceClassification",
        &labels,
        Some(&logits),
    );
    let mut asked = settings(&[&folder]);
    let file = folder.path().join("labels.toml");
    fs::write(
        &file,
        "[themes]\nwarfare = 'security'\ntrade = 'economics'\n",
    )
    .unwrap();
    asked.models.labels = Some(file);
    let mut engine = load_with(&asked).unwrap();
    let scores = read(engine.as_mut(), &["Trade grew."])
        .remove(0)
        .theme_scores;
    let sum: f32 = logits.iter().map(|logit: &f32| logit.exp()).sum();
    assert!((scores[0] - 1f32.exp() / sum).abs() < 1e-5, "{scores:?}");
    assert!(
        (scores[3] - 2.0 * 2f32.exp() / sum).abs() < 1e-5,
        "{scores:?}"
    );

    // The same as labels that do not exclude each other.
    let path = folder.path().join("config.json");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        config.replacen('{', "{\"problem_type\":\"multi_label_classification\",", 1),
    )
    .unwrap();
    let mut engine = load_with(&asked).unwrap();
    let scores = read(engine.as_mut(), &["Trade grew."])
        .remove(0)
        .theme_scores;
    assert!(
        (scores[3] - 1.0 / (1.0 + (-2f32).exp())).abs() < 1e-5,
        "{scores:?}"
    );
}

#[test]
fn entailment_is_where_the_labels_say() {
    let expected = 1.0 / (1.0 + (-2f32).exp());
    for (architecture, labels, logits) in [
        ("BartForSequenceClassification", NLI_LABELS, [0.0, 5.0, 2.0]),
        (
            "RobertaForSequenceClassification",
            ["ENTAILMENT", "neutral", "Contradiction"],
            [2.0, 5.0, 0.0],
        ),
    ] {
        let folder = checkpoint(architecture, &labels, Some(&logits));
        let mut asked = settings(&[]);
        asked.models.zero_shot = Some(folder.path().into());
        let mut engine = load_with(&asked).unwrap();
        assert_eq!(engine.thresholds(), [0.5; 5]);
        for score in read(engine.as_mut(), &["Trade grew."])
            .remove(0)
            .theme_scores
        {
            assert!((score - expected).abs() < 1e-5, "{architecture}: {score}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_folder_that_is_no_checkpoint_is_refused_before_any_work() {
    let refused = |change: &dyn Fn(&Path), message: &str| {
        let folder = checkpoint("BertForTokenClassification", &NAME_LABELS, None);
        change(folder.path());
        let error = load_with(&settings(&[&folder])).err().unwrap();
        assert!(matches!(error, Error::Settings { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(message), "{text}");
        assert!(
            text.starts_with(&folder.path().display().to_string()),
            "{text}"
        );
        assert!(!error.hint().is_empty());
    };
    let config = |folder: &Path, change: &dyn Fn(String) -> String| {
        let path = folder.join("config.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, change(text)).unwrap();
    };
    let remove =
        |name: &'static str| move |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
    refused(
        &|folder| fs::remove_dir_all(folder).unwrap(),
        "no such folder",
    );
    refused(&remove("config.json"), "config.json");
    refused(&remove("vocab.txt"), "no tokenizer.json");
    refused(&remove("model.safetensors"), "no model.safetensors");
    refused(&|folder| config(folder, &|_| "{".into()), "config.json");
    refused(
        &|folder| config(folder, &|text| text.replace("id2label", "labels")),
        "no id2label",
    );
    refused(
        &|folder| config(folder, &|text| text.replace("BertFor", "DebertaFor")),
        "its architecture (DebertaForTokenClassification) cannot be read",
    );
    refused(
        &|folder| {
            config(folder, &|text| {
                text.replace("\"hidden_size\":16", "\"hidden_size\":32")
            })
        },
        "has the shape",
    );
    refused(
        &|folder| {
            config(folder, &|text| {
                text.replace("\"hidden_act\":\"gelu\"", "\"hidden_act\":\"snake\"")
            })
        },
        "config.json",
    );
    refused(
        &|folder| {
            config(folder, &|text| {
                text.replace("\"vocab_size\":59", "\"vocab_size\":9")
            })
        },
        "more tokens than the model",
    );
    refused(
        &|folder| {
            config(folder, &|text| {
                text.replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":3")
            })
        },
        "it has no bert.encoder.layer.2",
    );
    refused(
        &|folder| {
            config(folder, &|text| {
                text.replace("PER", "GENE").replace("ORG", "CELL")
            })
        },
        "none of its labels is known",
    );
    refused(
        &|folder| {
            let path = folder.join("model.safetensors");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        },
        "model.safetensors",
    );
    let folder = checkpoint("BertForTokenClassification", &NAME_LABELS, None);
    let twice = load_with(&settings(&[&folder, &folder])).err().unwrap();
    assert!(twice.to_string().contains("another folder"), "{twice}");
    let mut asked = settings(&[]);
    asked.models.zero_shot = Some(folder.path().into());
    let error = load_with(&asked).err().unwrap();
    assert!(error.hint().contains("inference"), "{error}");
    asked = settings(&[]);
    asked.models.device = Some(Device::Cuda(99));
    let error = load_with(&asked).err().unwrap();
    assert!(error.to_string().starts_with("--device cuda:99"), "{error}");
}

#[test]
fn the_weights_are_those_of_the_manifest() {
    let manifest = crate::engines::manifest::Manifest::embedded().unwrap();
    let (file, bytes) = own::WEIGHTS;
    manifest.checked(file, bytes).unwrap();
    let (ours, theirs) = (manifest.network("rust-bert"), manifest.network("minilm"));
    let order = |network: Option<&crate::engines::manifest::WeightFile>| {
        network.map(|entry| (entry.tags.clone(), entry.themes.clone()))
    };
    assert_eq!(order(ours), order(theirs));
}
