//! The report formats, one file each.

pub(super) mod brat;
pub(super) mod conll;
pub(crate) mod csv;
pub(super) mod doccano;
pub(crate) mod html;
pub(super) mod json;
pub(super) mod json_lines;
pub(super) mod label_studio;
pub(crate) mod palette;
pub(super) mod parquet;
pub(super) mod texts;
pub(crate) mod xlsx;
