//! Statements as a comparison takes them: the cells of a report, whether just made or read back.
//!
//! Comparing files and comparing their finished report give the same figures, because both go this way.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::statistics::Clusters;
use crate::analysis::money::Qualifier;
use crate::document::Kind;
use crate::error::{Error, Result};
use crate::output::{DocumentTables, NO_THEME, Provenance, SCHEMA_VERSION};

/// One statement: the cells of its rows that a comparison needs.
#[derive(Debug, Clone, Deserialize)]
pub struct Statement {
    /// Its row of the documents table.
    pub document: DocumentCells,
    /// Its rows of the sentences table.
    #[serde(default)]
    pub sentences: Vec<SentenceCells>,
    /// Its rows of the entities table.
    #[serde(default)]
    pub entities: Vec<EntityCells>,
    /// Its rows of the money table.
    #[serde(default)]
    pub money: Vec<MoneyCells>,
    /// Which path of the command line it came by.
    #[serde(skip)]
    pub argument: usize,
}

/// Of a row of the documents table.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the columns of the table, by their names")]
pub struct DocumentCells {
    pub doc_id: String,
    pub date: Option<String>,
    pub place: Option<String>,
    pub language: Option<String>,
    pub sha256: String,
    /// What is known of the document besides: country, occasion and the like.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, Value>>,
}

/// Of a row of the sentences table.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the columns of the table, by their names")]
pub struct SentenceCells {
    pub doc_id: String,
    pub paragraph: u32,
    pub kind: Kind,
    pub text: String,
    pub themes: Option<String>,
}

/// Of a row of the entities table.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the columns of the table, by their names")]
pub struct EntityCells {
    pub doc_id: String,
    pub sent_id: String,
    #[serde(rename = "type")]
    pub entity_type: String,
    pub canonical: String,
    pub code: Option<String>,
}

/// Of a row of the money table.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the columns of the table, by their names")]
pub struct MoneyCells {
    pub doc_id: String,
    pub sent_id: String,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub amount: Option<Decimal>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub amount_min: Option<Decimal>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub amount_max: Option<Decimal>,
    pub currency: Option<String>,
    pub qualifier: Qualifier,
    pub period: Option<String>,
    pub equivalent_of: Option<String>,
}

impl Statement {
    /// The statement of these rows.
    ///
    /// # Errors
    /// [`Error::Report`] when the rows lack a column; a test sees to it that they do not.
    pub fn new(tables: &DocumentTables, argument: usize) -> Result<Self> {
        let path = Path::new(&tables.document.path);
        let value = serde_json::to_value(tables).map_err(|error| unreadable(path, &error))?;
        let statement: Self =
            serde_json::from_value(value).map_err(|error| unreadable(path, &error))?;
        Ok(Self {
            argument,
            ..statement
        })
    }

    /// The value of `key` in this statement: `year`, `place`, `language`, or a key of its metadata.
    pub fn value(&self, key: &str) -> Option<String> {
        let document = &self.document;
        match key {
            "year" => document
                .date
                .as_ref()
                .and_then(|date| date.get(..4))
                .map(str::to_owned),
            "place" => document.place.clone(),
            "language" => document.language.clone(),
            _ => match document.metadata.as_ref()?.get(key)? {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            },
        }
        .filter(|value| !value.is_empty())
    }
}

/// A finished report, read back.
#[derive(Debug)]
pub struct FinishedReport {
    /// What made it.
    pub provenance: Provenance,
    /// The theme ids, in the order of its taxonomy.
    pub themes: Vec<String>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// Whether a path is that of a finished report rather than of a statement.
pub fn is_report(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("json" | "jsonl")) && !path.is_dir()
}

impl FinishedReport {
    /// Reads `analysis.json` or `analysis.jsonl`.
    ///
    /// # Errors
    /// When the file cannot be read or is no such report.
    pub fn read(path: &Path, argument: usize) -> Result<Self> {
        let text = crate::open::report(path)?;
        let mut report = if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            Self::of_lines(path, &text)?
        } else {
            Self::of_tables(path, &text)?
        };
        for statement in &mut report.statements {
            statement.argument = argument;
        }
        Ok(report)
    }

    fn of_tables(path: &Path, text: &str) -> Result<Self> {
        let report: ReportTables = parse(path, text)?;
        let mut statements: Vec<Statement> = report
            .documents
            .into_iter()
            .map(|document| Statement {
                document,
                sentences: Vec::new(),
                entities: Vec::new(),
                money: Vec::new(),
                argument: 0,
            })
            .collect();
        let places: BTreeMap<String, usize> = statements
            .iter()
            .enumerate()
            .map(|(place, statement)| (statement.document.doc_id.clone(), place))
            .collect();
        let of = |id: &str| places.get(id).copied();
        for row in report.sentences {
            if let Some(place) = of(&row.doc_id) {
                statements[place].sentences.push(row);
            }
        }
        for row in report.entities {
            if let Some(place) = of(&row.doc_id) {
                statements[place].entities.push(row);
            }
        }
        for row in report.money {
            if let Some(place) = of(&row.doc_id) {
                statements[place].money.push(row);
            }
        }
        Ok(Self {
            provenance: report.provenance,
            themes: theme_ids(&report.themes),
            statements,
        })
    }

    fn of_lines(path: &Path, text: &str) -> Result<Self> {
        let mut report: Option<Self> = None;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let head: ReportLine = parse(path, line)?;
            let report = report.get_or_insert(Self {
                provenance: head.provenance,
                themes: Vec::new(),
                statements: Vec::new(),
            });
            if head.failure.is_some() {
                continue;
            }
            if report.themes.is_empty() {
                report.themes = theme_ids(&head.themes);
            }
            let statement = serde_json::from_str(line).map_err(|error| unreadable(path, &error))?;
            report.statements.push(statement);
        }
        report.ok_or_else(|| Error::Empty { path: path.into() })
    }
}

/// A finished comparison as a baseline: its sides are the clusters.
#[derive(Debug)]
pub struct FinishedComparison {
    /// What made the analyses that it compared.
    pub made_from: Vec<Provenance>,
    /// The theme ids, in the order of its taxonomy.
    pub themes: Vec<String>,
    /// Its sentences, side by side.
    pub clusters: Clusters,
}

impl FinishedComparison {
    /// Reads `comparison.json`; none when the file is a report of another kind.
    ///
    /// # Errors
    /// When the file cannot be read, or is no report at all.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        #[derive(Deserialize)]
        struct Cells {
            #[serde(default)]
            made_from: Vec<Provenance>,
            #[serde(default)]
            shares: Option<Vec<ShareCells>>,
        }
        #[derive(Deserialize)]
        struct ShareCells {
            side: String,
            theme: String,
            sentences: f64,
        }
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            return Ok(None);
        }
        let text = crate::open::report(path)?;
        let Cells { made_from, shares } = parse(path, &text)?;
        let Some(shares) = shares else {
            return Ok(None);
        };
        let sides: Vec<&[ShareCells]> = shares.chunk_by(|a, b| a.side == b.side).collect();
        let first = sides.first().copied().unwrap_or_default().iter();
        let ids = first.map(|row| row.theme.clone());
        let themes: Vec<String> = ids.filter(|id| id != NO_THEME).collect();
        let mut clusters = Clusters::new(themes.len());
        for side in sides {
            clusters.push(&side.iter().map(|row| row.sentences).collect::<Vec<_>>());
        }
        Ok(Some(Self {
            made_from,
            themes,
            clusters,
        }))
    }
}

/// `analysis.json`, as far as it is needed.
#[derive(Deserialize)]
struct ReportTables {
    provenance: Provenance,
    documents: Vec<DocumentCells>,
    sentences: Vec<SentenceCells>,
    entities: Vec<EntityCells>,
    money: Vec<MoneyCells>,
    themes: Vec<ThemeCells>,
}

/// What a line of `analysis.jsonl` says before its rows.
#[derive(Deserialize)]
struct ReportLine {
    provenance: Provenance,
    #[serde(default)]
    themes: Vec<ThemeCells>,
    failure: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct ThemeCells {
    doc_id: String,
    theme: String,
}

/// The themes of the first document: every document has all of them, in order.
fn theme_ids(rows: &[ThemeCells]) -> Vec<String> {
    let first = rows.chunk_by(|a, b| a.doc_id == b.doc_id).next();
    let ids = first
        .unwrap_or_default()
        .iter()
        .map(|row| row.theme.clone());
    ids.filter(|id| id != NO_THEME).collect()
}

/// Reads a JSON text after a look at the version of its layout.
fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: String,
    }
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    let Version { schema_version } =
        serde_json::from_str(text).map_err(|error| unreadable(path, &error))?;
    if major(&schema_version) != major(SCHEMA_VERSION) {
        return Err(Error::Report {
            path: path.into(),
            reason: format!(
                "a report of version {schema_version}; this program reads version {SCHEMA_VERSION}"
            ),
        });
    }
    serde_json::from_str(text).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &serde_json::Error) -> Error {
    Error::Report {
        path: path.into(),
        reason: format!("not a finished analysis: {error}"),
    }
}
