//! The JSON Schema of the reports and the columns of the tables, both taken from the row types.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

use super::Provenance;
use super::comparison::rows::{MATRIX, MatrixRow};
use super::rows::{
    DocumentRow, DocumentTables, EntityRow, FailureRow, MoneyRow, NO_THEME, SentenceRow, ThemeRow,
};
use super::totals::{ShareRow, SumRow};

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

/// The JSON Schema (2020-12) of `run.json`.
pub fn run_schema() -> Value {
    of::<super::run::RunRecord>()
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Why a theme cannot have the id `id`: its probabilities stand in a column of that name in the sentences table.
pub fn reserved_theme_id(id: &str) -> Option<String> {
    let tables = [
        table::<SentenceRow>("sentences"),
        table::<ShareRow>(SHARES),
        table::<MatrixRow>(MATRIX),
    ];
    let mut columns = tables.iter().flat_map(|table| &table.columns);
    let taken = id == NO_THEME || columns.any(|column| column.name == id);
    taken.then(|| format!("`{id}` cannot be the id of a theme: the reports use the word already"))
}

/// A table: what its rows and columns are, taken from the row type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name in every format.
    pub name: &'static str,
    /// What a row is.
    pub about: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in every format.
    pub name: String,
    /// What it holds, in plain words.
    pub about: String,
    /// What its cells are; a cell may always be empty.
    pub kind: ColumnKind,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// A day, ISO 8601.
    Date,
    /// A whole number from 0.
    Whole,
    /// Any number.
    Number,
    /// A share or a probability, 0 to 1.
    Share,
    /// A decimal number that is exact.
    Decimal,
    /// Yes or no.
    Truth,
}

/// Every table, in the order in which reports have them, for a taxonomy with these theme ids.
pub fn tables(themes: &[String]) -> Vec<Table> {
    let mut sentences = table::<SentenceRow>("sentences");
    // The columns that came after the agreed ones stand after the themes.
    let agreed = (sentences.columns.iter()).position(|column| column.name == "page");
    let agreed = agreed.unwrap_or(sentences.columns.len());
    let probabilities = themes.iter().map(|theme| Column {
        name: theme.clone(),
        about: format!("The probability that the sentence is about the theme {theme}."),
        kind: ColumnKind::Share,
    });
    sentences.columns.splice(agreed..agreed, probabilities);
    vec![
        table::<DocumentRow>("documents"),
        sentences,
        table::<EntityRow>("entities"),
        table::<MoneyRow>("money"),
        table::<ThemeRow>("themes"),
        table::<FailureRow>("failures"),
    ]
}

/// The column of the documents table that holds several cells: what the user says of a statement.
const METADATA: &str = "metadata";

/// The same tables where a cell holds one value: a column for each of these names of metadata, `meta_` before its name.
pub(super) fn flat_tables(themes: &[String], metadata: &[String]) -> Vec<Table> {
    let mut tables = tables(themes);
    for table in &mut tables {
        let Some(at) = (table.columns.iter()).position(|column| column.name == METADATA) else {
            continue;
        };
        let Column { about, kind, .. } = table.columns.remove(at);
        table.columns.extend(metadata.iter().map(|name| Column {
            name: format!("meta_{name}"),
            about: about.clone(),
            kind,
        }));
    }
    tables
}

/// A row as an object whose keys are columns of [`flat_tables`].
///
/// # Errors
/// When the row cannot be serialised.
pub(super) fn flat_row(row: &impl Serialize) -> serde_json::Result<Value> {
    let mut row = serde_json::to_value(row)?;
    if let Some(Value::Object(metadata)) = row.get_mut(METADATA).map(Value::take) {
        for (name, text) in metadata {
            row[format!("meta_{name}")] = text;
        }
    }
    Ok(row)
}

/// The name of the table with a row a statement and a column a theme.
pub const SHARES: &str = "theme shares";

/// The name of the table of sums by currency.
pub const SUMS: &str = "sums by currency";

/// The tables that only a workbook has, since they add up what the others hold: theme shares side by side, behind the
/// chart, and sums by currency.
pub fn workbook_tables(themes: &[String]) -> [Table; 2] {
    let mut shares = table::<ShareRow>(SHARES);
    let share = |theme: &str, about: String| Column {
        name: theme.into(),
        about,
        kind: ColumnKind::Share,
    };
    shares.columns.extend(themes.iter().map(|theme| {
        let about = format!("The share of the theme {theme} in the sentences that count.");
        share(theme, about)
    }));
    let about = "The share of the sentences that have no theme.";
    shares.columns.push(share(NO_THEME, about.into()));
    [shares, table::<SumRow>(SUMS)]
}

/// The table that the row type `T` defines.
pub(super) fn table<T: JsonSchema>(name: &'static str) -> Table {
    let schema = of::<T>();
    let about = |of: &Value| {
        let text = of.get("description").and_then(Value::as_str);
        // Doc comments are wrapped.
        text.unwrap_or_default().replace('\n', " ")
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let columns = properties.into_iter().flatten().map(|(name, of)| Column {
        name: name.clone(),
        about: about(of),
        kind: kind(of),
    });
    Table {
        name,
        about: about(&schema),
        columns: columns.collect(),
    }
}

/// What a property's cells are; the `format` that a row type gives it decides first.
fn kind(property: &Value) -> ColumnKind {
    let types = property.get("type");
    let is = |name: &str| match types {
        Some(Value::Array(types)) => types.iter().any(|of| of == name),
        Some(one) => one == name,
        None => false,
    };
    match property.get("format").and_then(Value::as_str) {
        Some("date") => ColumnKind::Date,
        Some("decimal") => ColumnKind::Decimal,
        _ if is("boolean") => ColumnKind::Truth,
        _ if is("integer") => ColumnKind::Whole,
        _ if is("number") && property.get("maximum").is_some() => ColumnKind::Share,
        _ if is("number") => ColumnKind::Number,
        _ => ColumnKind::Text,
    }
}

/// The columns of every table where a cell holds one value, by its name, for a taxonomy with these theme ids and
/// statements with metadata of these names.
pub fn columns(themes: &[String], metadata: &[String]) -> BTreeMap<&'static str, Vec<String>> {
    let names = |table: Table| table.columns.into_iter().map(|column| column.name);
    flat_tables(themes, metadata)
        .into_iter()
        .map(|table| (table.name, names(table).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_says_what_its_cells_are() {
        let tables = tables(&["security".into()]);
        let kind = |table: usize, column: &str| {
            let columns = &tables[table].columns;
            columns.iter().find(|c| c.name == column).unwrap().kind
        };
        assert_eq!(kind(0, "date"), ColumnKind::Date);
        assert_eq!(kind(0, "words"), ColumnKind::Whole);
        assert_eq!(kind(1, "kind"), ColumnKind::Text);
        assert_eq!(kind(1, "security"), ColumnKind::Share);
        assert_eq!(kind(3, "amount_min"), ColumnKind::Decimal);
        assert_eq!(kind(4, "sentences"), ColumnKind::Number);
        assert_eq!(kind(4, "themed_high"), ColumnKind::Share);
        let columns = tables.iter().flat_map(|table| &table.columns);
        assert!(columns.clone().all(|column| !column.about.is_empty()));
    }

    /// The columns are a contract: spreadsheets and scripts are built on them.
    #[test]
    fn every_table_begins_with_the_columns_agreed() {
        let themes: Vec<String> = ["security", "climate"].map(String::from).to_vec();
        let columns = columns(&themes, &[]);
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
