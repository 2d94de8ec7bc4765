//! The tables of an analysis: the one list, and what a statement puts into them.
//!
//! Formats, counts, the summary and the schema loop over [`Table::ALL`]. Where tables differ, a `match` without `_` says
//! how, so that the compiler asks for whatever is forgotten.

use std::borrow::Cow;
use std::collections::BTreeMap;

use erased_serde::Serialize as AnyRow;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::code_points::CodePoints;
use super::rows::{
    DocumentRow, EntityRow, FailureRow, MoneyRow, NumberedSentence, SentenceRow, SumRow, ThemeRow,
    WideShareRow,
};
use super::schema::{self, Column, ColumnKind, TableSchema, table_list};
use crate::analysis::DocumentAnalysis;
use crate::analysis::themes::Taxonomy;
use crate::text::counted;

table_list! {
    /// A table of an analysis.
    Table {
        /// One row per statement.
        Documents = "documents": DocumentRow,
        /// One row per sentence.
        Sentences = "sentences": SentenceRow,
        /// One row per mention.
        Entities = "entities": EntityRow,
        /// One row per sum.
        Money = "money": MoneyRow,
        /// One row per statement and theme.
        Themes = "themes": ThemeRow,
        /// One row per statement that could not be analysed.
        Failures = "failures": FailureRow,
    }
}

table_list! {
    /// A table that only a workbook has, since it adds up what the others hold.
    WorkbookTable {
        /// One row per statement, its theme shares side by side; the chart shows it.
        Shares = "theme shares": WideShareRow,
        /// One row per currency.
        Sums = "sums by currency": SumRow,
    }
}

/// The rows of one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentTables {
    /// The row of the documents table.
    pub document: DocumentRow,
    /// The rows of the sentences table.
    pub sentences: Vec<SentenceRow>,
    /// The rows of the entities table.
    pub entities: Vec<EntityRow>,
    /// The rows of the money table.
    pub money: Vec<MoneyRow>,
    /// The rows of the themes table.
    pub themes: Vec<ThemeRow>,
}

impl DocumentTables {
    /// The rows of one analysis.
    pub fn new(analysis: &DocumentAnalysis, taxonomy: &Taxonomy) -> Self {
        let offsets = CodePoints::new(&analysis.document.text);
        let mut tables = Self {
            document: DocumentRow::new(analysis),
            sentences: Vec::with_capacity(analysis.sentences.len()),
            entities: Vec::new(),
            money: Vec::new(),
            themes: ThemeRow::all(analysis, taxonomy),
        };
        for (position, of) in analysis.sentences.iter().enumerate() {
            let sentence = NumberedSentence::new(&analysis.document, position, of, taxonomy);
            tables
                .sentences
                .push(SentenceRow::new(&sentence, taxonomy, &offsets));
            tables.entities.extend(EntityRow::all(&sentence, &offsets));
            tables.money.extend(MoneyRow::all(&sentence, &offsets));
        }
        tables
    }

    /// All rows, table by table.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Table, &dyn AnyRow)> {
        Table::ALL
            .into_iter()
            .flat_map(|table| self.rows_of(table).map(move |row| (table, row)))
    }

    fn rows_of(&self, table: Table) -> Box<dyn Iterator<Item = &dyn AnyRow> + '_> {
        fn each<T: Serialize>(rows: &[T]) -> Box<dyn Iterator<Item = &dyn AnyRow> + '_> {
            Box::new(rows.iter().map(|row| row as &dyn AnyRow))
        }
        match table {
            Table::Documents => each(std::slice::from_ref(&self.document)),
            Table::Sentences => each(&self.sentences),
            Table::Entities => each(&self.entities),
            Table::Money => each(&self.money),
            Table::Themes => each(&self.themes),
            // A statement that was analysed has none; those of a run come by themselves.
            Table::Failures => each::<FailureRow>(&[]),
        }
    }
}

impl Table {
    /// The table with its columns, for a taxonomy with these theme ids.
    pub fn for_themes(self, themes: &[String]) -> TableSchema {
        match self {
            Self::Sentences => with_probabilities(self.schema(), themes),
            Self::Documents | Self::Entities | Self::Money | Self::Themes | Self::Failures => {
                self.schema()
            }
        }
    }

    /// The place in [`Table::ALL`], and so in lists that have one entry per table.
    pub(super) const fn place(self) -> usize {
        self as usize
    }

    /// What a summary counts: a row of the table, in the singular; none for what it does not count or counts apart.
    const fn noun(self) -> Option<&'static str> {
        match self {
            Self::Sentences => Some("sentence"),
            Self::Entities => Some("entity mention"),
            Self::Money => Some("sum"),
            Self::Documents | Self::Themes | Self::Failures => None,
        }
    }
}

impl WorkbookTable {
    /// The table with its columns, for a taxonomy with these theme ids.
    pub fn for_themes(self, themes: &[String]) -> TableSchema {
        match self {
            Self::Shares => self.schema().with_shares(themes),
            Self::Sums => self.schema(),
        }
    }
}

/// The sentences table with the probability of each theme. Columns that came after those that were agreed on first stand
/// behind the themes.
fn with_probabilities(mut sentences: TableSchema, themes: &[String]) -> TableSchema {
    let columns = &mut sentences.columns;
    let score = columns.iter().position(|column| column.name == "score");
    let at = score.map_or(columns.len(), |score| score + 1);
    let probabilities = themes.iter().map(|theme| Column {
        name: theme.clone(),
        about: format!("The probability that the sentence is about the theme {theme}."),
        kind: ColumnKind::Share,
    });
    columns.splice(at..at, probabilities);
    sentences
}

/// How many rows every table has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([usize; Table::ALL.len()]);

impl Counts {
    /// The rows of one table.
    pub const fn of(&self, table: Table) -> usize {
        self.0[table.place()]
    }

    /// "3 sentences, 5 entity mentions, 1 sum".
    pub fn listed(&self) -> String {
        let counted = |table: Table| Some(counted(self.of(table), table.noun()?));
        let counts: Vec<String> = Table::ALL.into_iter().filter_map(counted).collect();
        counts.join(", ")
    }

    /// Counts the rows of a statement.
    pub fn add(&mut self, tables: &DocumentTables) {
        for (table, _) in tables.rows() {
            self.0[table.place()] += 1;
        }
    }

    /// Counts a statement that could not be analysed.
    pub fn add_failure(&mut self) {
        self.0[Table::Failures.place()] += 1;
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Table::ALL.map(|table| (table.name(), self.of(table))))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_name = BTreeMap::<String, usize>::deserialize(deserializer)?;
        let mut counts = Self::default();
        for table in Table::ALL {
            let count = by_name.get(table.name());
            counts.0[table.place()] =
                *count.ok_or_else(|| D::Error::missing_field(table.name()))?;
        }
        Ok(counts)
    }
}

impl JsonSchema for Counts {
    fn schema_name() -> Cow<'static, str> {
        "Counts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut counts = json_schema!({
            "type": "object", "description": "Rows per table.", "properties": {}, "required": []
        });
        let columns = Table::ALL.map(|table| {
            let mut column = usize::json_schema(generator);
            column.insert(
                "description".into(),
                format!("Rows of the {} table.", table.name()).into(),
            );
            (table.name(), column)
        });
        schema::add_properties(&mut counts, columns);
        counts
    }
}

/// The column of the documents table that holds several cells: what the user says of a statement.
const METADATA: &str = "metadata";

/// A table where a cell holds one value: it has one column per name of `metadata`, `meta_` before the name.
pub(super) fn flat(table: Table, themes: &[String], metadata: &[String]) -> TableSchema {
    let mut schema = table.for_themes(themes);
    let nested = schema
        .columns
        .iter()
        .position(|column| column.name == METADATA);
    if let Some(at) = nested {
        let Column { about, kind, .. } = schema.columns.remove(at);
        schema.columns.extend(metadata.iter().map(|name| Column {
            name: format!("meta_{name}"),
            about: about.clone(),
            kind,
        }));
    }
    schema
}

/// A row as an object whose keys are columns of [`flat`].
///
/// # Errors
/// When the row cannot be serialised.
pub(crate) fn flat_row(row: &(impl Serialize + ?Sized)) -> serde_json::Result<Value> {
    let mut row = serde_json::to_value(row)?;
    if let Some(Value::Object(metadata)) = row.get_mut(METADATA).map(Value::take) {
        for (name, text) in metadata {
            row[format!("meta_{name}")] = text;
        }
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_says_what_its_cells_are() {
        let tables = Table::ALL.map(|table| table.for_themes(&["security".into()]));
        let kind = |table: Table, column: &str| {
            let columns = &tables[table.place()].columns;
            columns.iter().find(|c| c.name == column).unwrap().kind
        };
        assert_eq!(kind(Table::Documents, "date"), ColumnKind::Date);
        assert_eq!(kind(Table::Documents, "words"), ColumnKind::Whole);
        assert_eq!(kind(Table::Sentences, "kind"), ColumnKind::Text);
        assert_eq!(kind(Table::Sentences, "security"), ColumnKind::Share);
        assert_eq!(kind(Table::Money, "amount_min"), ColumnKind::Decimal);
        assert_eq!(kind(Table::Themes, "sentences"), ColumnKind::Number);
        assert_eq!(kind(Table::Themes, "themed_high"), ColumnKind::Share);
        let columns = tables.iter().flat_map(|table| &table.columns);
        assert!(columns.clone().all(|column| !column.about.is_empty()));
    }

    #[test]
    fn counts_are_read_back_and_none_may_be_missing() {
        let mut counts = Counts::default();
        counts.add_failure();
        let mut json = serde_json::to_value(counts).unwrap();
        assert_eq!(
            serde_json::from_value::<Counts>(json.clone()).unwrap(),
            counts
        );
        json.as_object_mut().unwrap().remove("money");
        let error = serde_json::from_value::<Counts>(json).unwrap_err();
        assert!(
            error.to_string().contains("missing field `money`"),
            "{error}"
        );
    }

    /// The columns are a contract: spreadsheets and scripts are built on them.
    #[test]
    fn every_table_begins_with_the_columns_agreed() {
        let themes: Vec<String> = ["security", "climate"].map(String::from).to_vec();
        let agreed = |table: Table| match table {
            Table::Documents => {
                "doc_id path title date date_source place language words sentences status warnings sha256"
            }
            Table::Sentences => {
                "doc_id sent_id paragraph section kind text start end theme themes score security climate"
            }
            Table::Entities => "doc_id sent_id entity_id type text canonical code start end score",
            Table::Money => {
                "doc_id sent_id money_id text amount amount_min amount_max currency qualifier period start end themes"
            }
            Table::Themes => "doc_id theme sentences share_sentences share_words low high",
            Table::Failures => "path stage reason hint",
        };
        for table in Table::ALL {
            let columns = flat(table, &themes, &[]).columns.into_iter();
            let columns: Vec<String> = columns.map(|column| column.name).collect();
            let agreed: Vec<&str> = agreed(table).split(' ').collect();
            assert_eq!(columns[..agreed.len()], agreed, "{}", table.name());
        }
    }
}
