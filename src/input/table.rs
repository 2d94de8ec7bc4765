//! Tables of statements: CSV with a header, JSON Lines with one object per line. The column `text` is the statement,
//! `id` names it, and all others are kept as metadata.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::formats::Records;
use super::origin::{Candidate, Opened, Origin, Stamp, check_size, wrong};
use super::{InputFormat, extract};
use crate::document::Decoded;
use crate::error::{Error, Result};
use crate::open::{self, MEGABYTE};

/// Longer records are refused: no statement is as long.
const LONGEST_RECORD: u64 = 100 * MEGABYTE;

/// Metadata longer than this is text, not a property.
const LONGEST_VALUE: usize = 2000;

/// The statements of a table; none when a CSV file has no column `text`.
pub(super) fn open(relative: &Path, path: &Path, records: Records) -> Result<Option<Opened>> {
    let file = open::regular(path).map_err(Error::reading(path))?;
    let metadata = file.metadata().map_err(Error::reading(path))?;
    let stamp = Stamp::of(&metadata);
    // What is added from now on belongs to the next run.
    let reader = BufReader::new(file.take(metadata.len()));
    match records {
        Records::Csv => open_csv(relative, path, reader, stamp),
        Records::JsonLines => open_lines(relative, path, reader, stamp).map(Some),
    }
}

/// What is known of a record before its text is read.
struct Record {
    id: String,
    offset: u64,
    length: u64,
    column: usize,
    metadata: BTreeMap<String, String>,
}

impl Record {
    fn into_candidate(self, relative: &Path, path: &Path, stamp: Stamp) -> Candidate {
        let mut shown = path.as_os_str().to_owned();
        shown.push(format!("#{}", self.id));
        Candidate {
            relative: relative.with_extension("").join(self.id.replace('/', "-")),
            origin: Origin::Record {
                table: path.into(),
                offset: self.offset,
                length: self.length,
                column: self.column,
                stamp,
                shown: PathBuf::from(shown),
            },
            format: InputFormat::of(path),
            metadata: self.metadata,
        }
    }
}

fn open_csv(
    relative: &Path,
    path: &Path,
    reader: BufReader<Take<File>>,
    stamp: Stamp,
) -> Result<Option<Opened>> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = csv
        .byte_headers()
        .map_err(|error| wrong(path, error))?
        .clone();
    let names: Vec<String> = header
        .iter()
        .map(|name| column_name(&String::from_utf8_lossy(name)))
        .collect();
    let Some(text) = names.iter().position(|name| name == "text") else {
        return Ok(None);
    };
    let id = names.iter().position(|name| name == "id");
    let mut opened = Opened::default();
    let mut record = csv::ByteRecord::new();
    let mut row = 0_usize;
    loop {
        let offset = csv.position().byte();
        if !csv
            .read_byte_record(&mut record)
            .map_err(|error| wrong(path, error))?
        {
            break;
        }
        row += 1;
        let value = |at: usize| -> String {
            let cell = String::from_utf8_lossy(record.get(at).unwrap_or_default());
            cell.trim().to_owned()
        };
        let metadata = names
            .iter()
            .enumerate()
            .filter(|(at, name)| *at != text && Some(*at) != id && !name.is_empty())
            .map(|(at, name)| (name.clone(), value(at)))
            .filter(|(_, value)| !value.is_empty() && value.len() <= LONGEST_VALUE)
            .collect();
        let named = id.map(value).filter(|id| !id.is_empty());
        let record = Record {
            id: named.unwrap_or_else(|| format!("row{row}")),
            offset,
            length: csv.position().byte() - offset,
            column: text,
            metadata,
        };
        opened
            .statements
            .push(record.into_candidate(relative, path, stamp));
    }
    Ok(Some(opened))
}

fn open_lines(
    relative: &Path,
    path: &Path,
    mut reader: BufReader<Take<File>>,
    stamp: Stamp,
) -> Result<Opened> {
    let mut opened = Opened::default();
    let mut offset = 0_u64;
    for row in 1_usize.. {
        let mut line = Vec::new();
        let length = reader
            .by_ref()
            .take(LONGEST_RECORD)
            .read_until(b'\n', &mut line)
            .map_err(Error::reading(path))? as u64;
        if length == 0 {
            break;
        }
        if length == LONGEST_RECORD {
            return Err(wrong(
                path,
                format!("line {row} is too long for a statement"),
            ));
        }
        let start = offset;
        offset += length;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match of_line(&line, row) {
            Ok((id, metadata)) => {
                let record = Record {
                    id,
                    offset: start,
                    length,
                    column: 0,
                    metadata,
                };
                opened
                    .statements
                    .push(record.into_candidate(relative, path, stamp));
            }
            Err(reason) => {
                let place = PathBuf::from(format!("{}#line{row}", path.display()));
                opened.failures.push((place.clone(), wrong(&place, reason)));
            }
        }
    }
    Ok(opened)
}

/// The id and the metadata of the statement in line `row`, or why there is none.
pub(super) fn of_line(
    line: &[u8],
    row: usize,
) -> Result<(String, BTreeMap<String, String>), String> {
    let object = object_of(line).map_err(|error| error.to_string())?;
    if !object.get("text").is_some_and(Value::is_string) {
        return Err("it has no `text`".into());
    }
    let metadata = object
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "text" | "id"))
        .filter_map(|(name, value)| Some((column_name(name), plain(value)?)))
        .filter(|(_, value)| value.len() <= LONGEST_VALUE)
        .collect();
    let id = object.get("id").and_then(plain);
    Ok((id.unwrap_or_else(|| format!("line{row}")), metadata))
}

fn object_of(line: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_slice(line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line))
}

/// A value as text: lists with `;` between their items, objects left out.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(plain).collect();
            Some(items.join(";"))
        }
        other => Some(other.to_string()),
    }
    .filter(|text| !text.is_empty())
}

/// The name of a column as reports show it: in lower case, with `_` for anything but letters and digits.
pub(super) fn column_name(name: &str) -> String {
    let name = name.trim_start_matches('\u{feff}').trim().to_lowercase();
    name.chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect()
}

/// The bytes of one record.
pub(super) fn read(origin: &Origin, limit: u64) -> Result<Vec<u8>> {
    let Origin::Record {
        table,
        offset,
        length,
        stamp,
        shown,
        ..
    } = origin
    else {
        return Ok(Vec::new());
    };
    check_size(shown, *length, limit)?;
    let mut file = open::regular(table).map_err(Error::reading(table))?;
    if Stamp::of(&file.metadata().map_err(Error::reading(table))?) != *stamp {
        return Err(Error::Changed {
            path: table.clone(),
        });
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(*offset))
        .and_then(|_| file.take(*length).read_to_end(&mut bytes))
        .map_err(Error::reading(table))?;
    Ok(bytes)
}

/// The text of one record.
pub(super) fn decode(origin: &Origin, records: Records, bytes: &[u8]) -> Result<Decoded> {
    let path = origin.path();
    let cell = match records {
        Records::Csv => {
            let mut csv = csv::ReaderBuilder::new()
                .flexible(true)
                .has_headers(false)
                .from_reader(bytes);
            let mut record = csv::ByteRecord::new();
            csv.read_byte_record(&mut record)
                .map_err(|error| wrong(path, error))?;
            let column = origin.column().unwrap_or_default();
            record.get(column).unwrap_or_default().to_vec()
        }
        Records::JsonLines => {
            let object = object_of(bytes).map_err(|error| wrong(path, error))?;
            let text = object.get("text").and_then(Value::as_str);
            text.unwrap_or_default().as_bytes().to_vec()
        }
    };
    extract::text(&cell, path)
}
