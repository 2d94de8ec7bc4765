//! The JSON Schema of the reports and the columns of the tables, both taken from the row types.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

use super::Provenance;
use super::rows::{
    DocumentRow, DocumentTables, EntityRow, FailureRow, MoneyRow, NO_THEME, SentenceRow, ThemeRow,
};

/// `analysis.json`: the tables of one run. Only its schema is used: the file itself is written piece by piece.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "demarche analysis")]
struct Analysis {
    /// The version of this layout.
    schema_version: String,
    /// What made the report.
    provenance: Provenance,
    /// One row a statement.
    documents: Vec<DocumentRow>,
    /// One row a sentence.
    sentences: Vec<SentenceRow>,
    /// One row a mention.
    entities: Vec<EntityRow>,
    /// One row a sum.
    money: Vec<MoneyRow>,
    /// One row a statement and theme.
    themes: Vec<ThemeRow>,
    /// One row a statement that could not be analysed.
    failures: Vec<FailureRow>,
}

/// A line of `analysis.jsonl`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "demarche analysis, a line")]
pub(super) enum Line<'a> {
    /// A statement that was analysed.
    Statement {
        /// The version of this layout.
        schema_version: &'a str,
        /// What made the line.
        provenance: &'a Provenance,
        /// The rows.
        #[serde(flatten)]
        tables: &'a DocumentTables,
    },
    /// A statement that could not be analysed.
    Failure {
        /// The version of this layout.
        schema_version: &'a str,
        /// What made the line.
        provenance: &'a Provenance,
        /// What went wrong.
        failure: &'a FailureRow,
    },
}

/// The JSON Schema (2020-12) of `analysis.json`.
pub fn report_schema() -> Value {
    of::<Analysis>()
}

/// The JSON Schema (2020-12) of one line of `analysis.jsonl`.
pub fn line_schema() -> Value {
    of::<Line<'_>>()
}

/// The JSON Schema (2020-12) of `comparison.json`.
pub fn comparison_schema() -> Value {
    of::<super::comparison::Comparison>()
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Why a theme cannot have the id `id`: its probabilities stand in a column of that name in the sentences table.
pub fn reserved_theme_id(id: &str) -> Option<String> {
    let taken = id == NO_THEME
        || properties::<SentenceRow>()
            .iter()
            .any(|column| column == id);
    taken.then(|| format!("`{id}` cannot be the id of a theme: the reports use the word already"))
}

/// The columns of every table by its name, for a taxonomy with these theme ids.
pub fn columns(themes: &[String]) -> BTreeMap<&'static str, Vec<String>> {
    let mut sentences = properties::<SentenceRow>();
    // The columns that came after the agreed ones stand after the themes.
    let agreed = sentences.iter().position(|column| column == "page");
    let later = sentences.split_off(agreed.unwrap_or(sentences.len()));
    sentences.extend(themes.iter().cloned());
    sentences.extend(later);
    BTreeMap::from([
        ("documents", properties::<DocumentRow>()),
        ("sentences", sentences),
        ("entities", properties::<EntityRow>()),
        ("money", properties::<MoneyRow>()),
        ("themes", properties::<ThemeRow>()),
        ("failures", properties::<FailureRow>()),
    ])
}

/// The fields of a row type, in the order in which it declares them.
pub(super) fn properties<T: JsonSchema>() -> Vec<String> {
    of::<T>()
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::columns;

    /// The columns are a contract: spreadsheets and scripts are built on them.
    #[test]
    fn every_table_begins_with_the_columns_agreed() {
        let themes: Vec<String> = ["security", "climate"].map(String::from).to_vec();
        let columns = columns(&themes);
        for (table, agreed) in [
            (
                "documents",
                "doc_id path title date date_source place language words sentences status warnings sha256",
            ),
            (
                "sentences",
                "doc_id sent_id paragraph section kind text start end theme themes score security climate",
            ),
            (
                "entities",
                "doc_id sent_id entity_id type text canonical code start end score",
            ),
            (
                "money",
                "doc_id sent_id money_id text amount amount_min amount_max currency qualifier period start end themes",
            ),
            (
                "themes",
                "doc_id theme sentences share_sentences share_words low high",
            ),
            ("failures", "path stage reason hint"),
        ] {
            let agreed: Vec<&str> = agreed.split(' ').collect();
            assert_eq!(columns[table][..agreed.len()], agreed, "{table}");
        }
    }
}
