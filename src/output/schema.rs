//! What a table is: its columns, taken from its row type, and its JSON Schema.
//!
//! Lists of tables are declared with [`table_list`], for example [`Table`](super::Table).

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The main theme of a sentence that has none, and the last row of a document's theme shares.
pub const NO_THEME: &str = "none";

/// Declares the tables of a report as an enum, each once: what it holds, its name, the type of its rows.
///
/// The enum has `ALL`, in the order of the reports, and for each table `name`, `schema` (its columns) and `list_schema`
/// (the JSON Schema of the list of its rows).
macro_rules! table_list {
    (
        $(#[$meta:meta])*
        $list:ident {
            $( #[doc = $about:literal] $variant:ident = $name:literal: $row:ty, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $list {
            $( #[doc = $about] $variant, )+
        }

        impl $list {
            /// All of them, in the order in which reports have them.
            pub const ALL: [Self; [$( $name ),+].len()] = [$( Self::$variant ),+];

            /// The name in every format.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// The table as its row type defines it; columns per theme are not among its columns.
            pub(crate) fn schema(self) -> $crate::output::schema::TableSchema {
                match self { $( Self::$variant => $crate::output::schema::table::<$row>($name), )+ }
            }

            /// The JSON Schema of the list of its rows.
            pub fn list_schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let (mut list, about) = match self {
                    $( Self::$variant => (generator.subschema_for::<Vec<$row>>(), $about), )+
                };
                list.insert("description".into(), about.trim().into());
                list
            }
        }
    };
}
pub(crate) use table_list;

/// The JSON Schema (2020-12) of a type.
pub(crate) fn json_schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Adds properties that are always there to the schema of an object.
pub(crate) fn add_properties(
    object: &mut Schema,
    added: impl IntoIterator<Item = (&'static str, Schema)>,
) {
    for (name, schema) in added {
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            properties.insert(name.into(), schema.to_value());
        }
        if let Some(Value::Array(required)) = object.get_mut("required") {
            required.push(name.into());
        }
    }
}

/// A table: what its rows and columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
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
    /// The share of the theme that the column is named by, 0 to 1.
    ThemeShare,
    /// A decimal number that is exact.
    Decimal,
    /// Yes or no.
    Truth,
}

/// The table `name` that the row type `T` defines.
pub(crate) fn table<T: JsonSchema>(name: &'static str) -> TableSchema {
    let schema = json_schema_of::<T>();
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
    TableSchema {
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

impl TableSchema {
    /// The same table with the share of each theme, and last of the sentences that have none, behind its own columns.
    pub(crate) fn with_shares(mut self, themes: &[String]) -> Self {
        let all = themes.iter().map(String::as_str).chain([NO_THEME]);
        self.columns.extend(all.map(|theme| Column {
            name: theme.into(),
            about: match theme {
                NO_THEME => "The share of the sentences that have no theme.".into(),
                theme => format!("The share of the theme {theme} in the sentences that count."),
            },
            kind: ColumnKind::ThemeShare,
        }));
        self
    }
}

/// One number per theme, in columns that are named by theme id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeColumns(pub Vec<(String, f64)>);

impl Serialize for ThemeColumns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(theme, number)| (theme, number)))
    }
}

impl<'de> Deserialize<'de> for ThemeColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let columns = serde_json::Map::deserialize(deserializer)?.into_iter();
        let columns = columns.map(|(name, value)| match value.as_f64() {
            Some(number) => Ok((name, number)),
            None => Err(D::Error::custom(format!(
                "`{name}` is neither a column of the table nor a theme"
            ))),
        });
        columns.collect::<Result<_, _>>().map(Self)
    }
}

// The schema of a number from 0 to 1: a share or a probability.
#[derive(JsonSchema)]
#[schemars(inline, extend("minimum" = 0, "maximum" = 1))]
pub(crate) struct ShareSchema(#[expect(dead_code, reason = "only its schema is used")] f64);

// The schema of an amount of money: a decimal number that is exact.
#[derive(JsonSchema)]
#[schemars(inline, extend("format" = "decimal"))]
pub(crate) struct DecimalSchema(#[expect(dead_code, reason = "only its schema is used")] f64);
