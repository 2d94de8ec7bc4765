//! What the user says of statements: a table joined by file name, a pattern of file names.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use regex::Regex;

use super::table::column_name;
use super::{Found, Origin};
use crate::error::{Error, Result};

/// The columns that may name the file in a table of metadata.
const KEYS: [&str; 6] = ["file", "filename", "path", "name", "doc_id", "id"];

/// A table of metadata, one row per statement.
#[derive(Debug)]
pub struct MetadataTable {
    rows: HashMap<String, BTreeMap<String, String>>,
}

impl MetadataTable {
    /// Reads a CSV table with a header, one column of which names the file.
    ///
    /// # Errors
    /// When it cannot be read, has no such column, or names a file twice.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |reason: String| Error::Settings {
            file: path.display().to_string(),
            reason,
            hint: format!(
                "one column names the file ({}); each file is listed once",
                KEYS.join(", ")
            ),
        };
        let text = crate::open::named_text(path)?;
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = csv.headers().map_err(|error| wrong(error.to_string()))?;
        let names: Vec<String> = header.iter().map(column_name).collect();
        let key = KEYS
            .iter()
            .find_map(|key| names.iter().position(|name| name == key))
            .ok_or_else(|| wrong("no column names the file".into()))?;
        let mut rows = HashMap::new();
        for record in csv.records() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let file = record.get(key).unwrap_or_default().trim().to_owned();
            let row = names
                .iter()
                .zip(&record)
                .enumerate()
                .filter(|(at, (name, value))| {
                    *at != key && !name.is_empty() && !value.trim().is_empty()
                })
                .map(|(_, (name, value))| (name.clone(), value.trim().to_owned()))
                .collect();
            if rows.insert(file.clone(), row).is_some() {
                return Err(wrong(format!("`{file}` is listed twice")));
            }
        }
        Ok(Self { rows })
    }

    /// Adds the columns to the statements that the table names: by path, by file name, by file name without extension,
    /// by id, in this order. Returns how many statements it does not name.
    pub fn join(&self, statements: &mut [Found]) -> usize {
        let mut missing = 0;
        for found in statements {
            let path = found.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let keys = [
                path.to_string_lossy().into_owned(),
                name.into_owned(),
                found.stem(),
                found.doc_id.clone(),
            ];
            match keys.iter().find_map(|key| self.rows.get(key)) {
                Some(row) => found.metadata.extend(row.clone()),
                None => missing += 1,
            }
        }
        missing
    }
}

/// A pattern of file names, `{country}_{session}_{year}`.
#[derive(Debug)]
pub struct NamePattern {
    pattern: Regex,
    names: Vec<String>,
}

impl NamePattern {
    /// Reads a pattern: `{name}` stands for one or more characters, up to what follows it.
    ///
    /// # Errors
    /// When a brace is not closed, a name is empty or used twice, or two names have nothing between them.
    pub fn parse(pattern: &str) -> Result<Self> {
        let wrong = |reason: &str| Error::Settings {
            file: "--name-pattern".into(),
            reason: format!("`{pattern}`: {reason}"),
            hint: "write it as {country}_{session}_{year}, without the extension".into(),
        };
        let mut regex = String::from("^");
        let mut names: Vec<String> = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            if before.is_empty() && !names.is_empty() {
                return Err(wrong("two names have nothing between them"));
            }
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| wrong("a brace is not closed"))?;
            let name = column_name(name);
            if name.is_empty() || names.contains(&name) {
                return Err(wrong("a name is empty or used twice"));
            }
            regex.push_str(&regex::escape(before));
            // Years, months and days are figures, so that "joint_2024" is not read as a year.
            regex.push_str(match name.as_str() {
                "year" => r"(\d{4})",
                "date" => r"(\d{4}-\d{2}-\d{2})",
                _ => "(.+?)",
            });
            names.push(name);
            rest = after;
        }
        if names.is_empty() {
            return Err(wrong("it names nothing"));
        }
        regex.push_str(&regex::escape(rest));
        regex.push('$');
        let pattern = Regex::new(&regex).map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { pattern, names })
    }

    /// Adds what the file names say. Returns how many do not fit the pattern.
    pub fn apply(&self, statements: &mut [Found]) -> usize {
        let mut missing = 0;
        for found in statements {
            let stem = match &found.origin {
                // The id of a record is its name.
                Origin::Record { .. } => {
                    let id = found.doc_id.rsplit('/').next();
                    id.unwrap_or_default().to_owned()
                }
                _ => found.stem(),
            };
            match self.pattern.captures(&stem) {
                Some(parts) => {
                    for (name, part) in self.names.iter().zip(parts.iter().skip(1)) {
                        let value = part.map_or("", |part| part.as_str());
                        // A table takes precedence over a name.
                        found
                            .metadata
                            .entry(name.clone())
                            .or_insert_with(|| value.into());
                    }
                }
                None => missing += 1,
            }
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InputFormat;

    fn found(path: &str) -> Found {
        Found {
            doc_id: path.trim_end_matches(".txt").into(),
            origin: Origin::File(path.into()),
            format: InputFormat::Text,
            metadata: BTreeMap::new(),
        }
    }

    #[test]
    fn a_name_pattern_gives_metadata() {
        let pattern = NamePattern::parse("{country}_{session}_{year}").unwrap();
        let mut statements = [found("FJI_78_2023.txt"), found("notes.txt")];
        assert_eq!(pattern.apply(&mut statements), 1);
        let read: Vec<_> = statements[0].metadata.iter().collect();
        let wanted = [("country", "FJI"), ("session", "78"), ("year", "2023")];
        for ((name, value), wanted) in read.into_iter().zip(wanted) {
            assert_eq!((name.as_str(), value.as_str()), wanted);
        }
        for wrong in ["{country", "{a}{b}", "{}", "plain", "{a}_{a}"] {
            assert!(NamePattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_table_is_joined_by_file_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docs.csv");
        std::fs::write(&path, "File,Country\nsuva.txt,Fiji\napia,Samoa\n").unwrap();
        let table = MetadataTable::read(&path).unwrap();
        let mut statements = [found("suva.txt"), found("apia.txt"), found("x.txt")];
        assert_eq!(table.join(&mut statements), 1);
        assert_eq!(statements[0].metadata["country"], "Fiji");
        assert_eq!(statements[1].metadata["country"], "Samoa");
        std::fs::write(&path, "File,Country\na,b\na,c\n").unwrap();
        assert!(MetadataTable::read(&path).is_err());
        std::fs::write(&path, "Country\nb\n").unwrap();
        assert!(MetadataTable::read(&path).is_err());
    }
}
