//! The tables as Apache Parquet, one file per table: for pandas, R, DuckDB and their like.
//!
//! Dates are dates and amounts are exact decimals. Rows wait in columns of [`GROUP`] rows at most.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, Int32Type, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::folder::PARQUET_EXTENSION;
use crate::output::files::{Complete, OutputFile, io_error};
use crate::output::rows::FailureRow;
use crate::output::schema::{Column, ColumnKind, TableSchema};
use crate::output::tables::{Counts, DocumentTables, Table, flat, flat_row};
use crate::output::writer::{Writer, WriterSetup};

/// Rows of a row group.
const GROUP: usize = 8_192;

/// The decimals of amounts: no currency has more (ISO 4217).
const SCALE: u32 = 4;

/// The digits of amounts: what 16 bytes hold.
const PRECISION: i32 = 38;

/// The Parquet files of one run.
pub(in crate::output) struct ParquetReport(Vec<ParquetTable>);

impl ParquetReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let themes = setup.themes();
        let create =
            |table: Table| ParquetTable::create(setup, flat(table, &themes, &setup.run.metadata));
        Table::ALL
            .into_iter()
            .map(create)
            .collect::<Result<_>>()
            .map(Self)
    }
}

impl Writer for ParquetReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let mut rows = tables.rows();
        rows.try_for_each(|(table, row)| self.0[table.place()].add(row))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.0[Table::Failures.place()].add(failure)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let files = self.0.into_iter().map(ParquetTable::finish);
        files.filter_map(Result::transpose).collect()
    }
}

/// One table being written.
struct ParquetTable {
    path: PathBuf,
    writer: SerializedFileWriter<OutputFile>,
    table: TableSchema,
    /// The cells of the rows that wait, one list per column.
    waiting: Vec<Vec<Value>>,
}

impl ParquetTable {
    fn create(setup: &WriterSetup<'_>, table: TableSchema) -> Result<Self> {
        let file = setup
            .target
            .open(&format!("{}.{PARQUET_EXTENSION}", table.name))?;
        let provenance = setup.provenance();
        let path = file.path.clone();
        let made_by = serde_json::json!(provenance).to_string();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("{} {}", provenance.program, provenance.version))
            .set_key_value_metadata(Some(vec![KeyValue::new("demarche".into(), made_by)]))
            .build();
        let columns = table.columns.iter().map(field).collect::<Result<_, _>>();
        let writer = columns
            .and_then(|fields| {
                Type::group_type_builder(table.name)
                    .with_fields(fields)
                    .build()
            })
            .and_then(|schema| {
                SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
            })
            .map_err(parquet_error(&path))?;
        Ok(Self {
            waiting: vec![Vec::new(); table.columns.len()],
            path,
            writer,
            table,
        })
    }

    fn add(&mut self, row: &(impl Serialize + ?Sized)) -> Result<()> {
        let mut row = flat_row(row).map_err(|error| Error::writing(&self.path)(error.into()))?;
        for (column, cells) in self.table.columns.iter().zip(&mut self.waiting) {
            cells.push(row.get_mut(&column.name).map_or(Value::Null, Value::take));
        }
        if self
            .waiting
            .first()
            .is_some_and(|cells| cells.len() == GROUP)
        {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.waiting.first().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let mut group = self
            .writer
            .next_row_group()
            .map_err(parquet_error(&self.path))?;
        let mut write = || {
            for (column, cells) in self.table.columns.iter().zip(&mut self.waiting) {
                write_column(&mut group, column.kind, std::mem::take(cells))?;
            }
            Ok(())
        };
        write().map_err(parquet_error(&self.path))?;
        group.close().map_err(parquet_error(&self.path))?;
        Ok(())
    }

    fn finish(mut self) -> Result<Option<Complete>> {
        self.flush()?;
        let file = self.writer.into_inner();
        file.map_err(parquet_error(&self.path))?.finish()
    }
}

/// A column of the schema; every cell may be empty.
fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let of = |physical| {
        Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::OPTIONAL)
    };
    let builder = match column.kind {
        ColumnKind::Text => of(Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String)),
        ColumnKind::Date => of(Physical::INT32).with_logical_type(Some(LogicalType::Date)),
        ColumnKind::Whole => of(Physical::INT64),
        ColumnKind::Truth => of(Physical::BOOLEAN),
        ColumnKind::Number | ColumnKind::Share | ColumnKind::ThemeShare => of(Physical::DOUBLE),
        ColumnKind::Decimal => of(Physical::FIXED_LEN_BYTE_ARRAY)
            .with_length(16)
            .with_logical_type(Some(LogicalType::decimal(SCALE as i32, PRECISION)))
            .with_precision(PRECISION)
            .with_scale(SCALE as i32),
    };
    builder.build().map(Arc::new)
}

fn write_column(
    group: &mut SerializedRowGroupWriter<'_, OutputFile>,
    kind: ColumnKind,
    cells: Vec<Value>,
) -> Result<(), ParquetError> {
    match kind {
        ColumnKind::Text => write_cells::<ByteArrayType>(group, &cells, |cell| match cell {
            Value::String(text) => Some(ByteArray::from(text.as_str())),
            other => Some(ByteArray::from(other.to_string().as_str())),
        }),
        ColumnKind::Date => write_cells::<Int32Type>(group, &cells, days),
        ColumnKind::Whole => write_cells::<Int64Type>(group, &cells, Value::as_i64),
        ColumnKind::Truth => write_cells::<BoolType>(group, &cells, Value::as_bool),
        ColumnKind::Number | ColumnKind::Share | ColumnKind::ThemeShare => {
            write_cells::<DoubleType>(group, &cells, Value::as_f64)
        }
        ColumnKind::Decimal => write_cells::<FixedLenByteArrayType>(group, &cells, decimal),
    }
}

/// Writes the next column of a row group; cells that are null or have no value are empty.
fn write_cells<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, OutputFile>,
    cells: &[Value],
    value: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells = cells.iter().map(|cell| match cell {
        Value::Null => None,
        cell => value(cell),
    });
    let cells: Vec<Option<T::T>> = cells.collect();
    let present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    if let Some(mut column) = group.next_column()? {
        column
            .typed::<T>()
            .write_batch(&values, Some(&present), None)?;
        column.close()?;
    }
    Ok(())
}

/// Days since 1970-01-01.
fn days(cell: &Value) -> Option<i32> {
    let day: Date = cell.as_str()?.parse().ok()?;
    Some(day.since(date(1970, 1, 1)).ok()?.get_days())
}

/// An amount as a whole number of units of [`SCALE`] decimals, big-endian.
fn decimal(cell: &Value) -> Option<FixedLenByteArray> {
    let amount = Decimal::from_str(&cell.as_number()?.to_string()).ok()?;
    let amount = amount.round_dp(SCALE).normalize();
    let units = amount
        .mantissa()
        .checked_mul(10i128.checked_pow(SCALE - amount.scale())?)?;
    Some(FixedLenByteArray::from(units.to_be_bytes().to_vec()))
}

/// An [`Error::Write`] for a Parquet file.
fn parquet_error(path: &std::path::Path) -> impl Fn(ParquetError) -> Error + '_ {
    move |error| Error::writing(path)(io_error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn days_count_from_1970() {
        assert_eq!(days(&json!("1970-01-02")), Some(1));
        assert_eq!(days(&json!("1969-12-31")), Some(-1));
        assert_eq!(days(&json!("2024-02-29")), Some(19_782));
        assert_eq!(days(&json!("soon")), None);
    }

    #[test]
    fn amounts_are_exact() {
        let units = |text: &str| {
            let cell: Value = serde_json::from_str(text).unwrap();
            let bytes = decimal(&cell).unwrap();
            i128::from_be_bytes(bytes.data().try_into().unwrap())
        };
        assert_eq!(units("60000000"), 600_000_000_000);
        assert_eq!(units("0.5"), 5_000);
        assert_eq!(
            units("79228162514264337593543950335"),
            792_281_625_142_643_375_935_439_503_350_000
        );
    }
}
