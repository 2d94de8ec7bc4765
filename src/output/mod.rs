//! Analyses to files: tables of rows, and one file per format that writes them.

mod code_points;
pub(crate) mod files;
mod finished;
mod format;
pub(crate) mod formats;
mod report;
pub mod rows;
pub mod run;
pub(crate) mod schema;
pub mod shard;
pub mod summary;
mod tables;
pub(crate) mod totals;
mod writer;

pub use files::Target;
pub use finished::Finished;
pub use format::{ReportFiles, ReportFormat};
pub use formats::json::report_schema;
pub use formats::json_lines::{line_schema, write_line};
pub use report::Report;
pub use run::{Provenance, run_schema};
pub use schema::{Column, ColumnKind, NO_THEME, TableSchema};
pub use tables::{Counts, DocumentTables, Table, WorkbookTable};

/// The version of the tables and of the JSON layout. It changes when a column does.
pub const SCHEMA_VERSION: &str = "1.1";
