//! One workbook, `comparison.xlsx`: one sheet per table, a chart of the shares, and a first sheet that explains the others.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::compare::rows::{Comparison, ComparisonTable};
use crate::error::Result;
use crate::output::Target;
use crate::output::files::OutputFile;
use crate::output::formats::xlsx::about::{self, About, fields};
use crate::output::formats::xlsx::sheet::{Sheet, SheetStyle};
use crate::output::formats::xlsx::{chart, set_properties, xlsx_error};
use crate::text::counted;

const TITLE: &str = "What sets the statements apart";

/// What a reader should know before the first figure.
const READING: [&str; 6] = [
    "A sentence with several themes is divided among them in equal parts; headings, datelines and boilerplate do not count.",
    "low and high are the ends of a 95% interval that allows for the sentences of one paragraph being alike.",
    "Differences are in percentage points; is_clear says whether one is more than chance once all rows are allowed for (p_holm under 0.05).",
    "A difference that is not clear may be real and the texts too short to tell.",
    "A divergence means something only beside its chance_level: chance alone passes that once in twenty times.",
    "A sheet without rows is a table that this comparison does not have: trends need three dates, baseline needs --baseline.",
];

/// The workbook as bytes, to be written to `file`.
///
/// # Errors
/// When its sheets cannot be written.
pub(super) fn workbook(of: &Comparison, target: &Target, file: &OutputFile) -> Result<Vec<u8>> {
    bytes(of, target).map_err(xlsx_error(file))
}

fn bytes(of: &Comparison, target: &Target) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    if let Target::Folder(folder) = target {
        workbook.set_tempdir(folder)?;
    }
    let style = SheetStyle::new();
    let mut sheets = Vec::new();
    for table in ComparisonTable::ALL {
        let mut sheet = Sheet::new(&mut workbook, table.for_themes(&of.themes), &style)?;
        for row in of.rows(table) {
            sheet.write(&mut workbook, &row)?;
        }
        if table == ComparisonTable::Matrix {
            match of.sides.len() {
                2 => chart::clustered(&mut sheet, &of.themes)?,
                _ => chart::stacked(&mut sheet, &of.themes, "side")?,
            }
        }
        sheets.push(sheet);
    }
    // What most readers want stands first.
    sheets.sort_by_key(|sheet| sheet.table.name != ComparisonTable::Matrix.name());
    let about = About {
        title: TITLE,
        made: made(of),
        reading: &READING,
    };
    workbook.push_worksheet(about::sheet(&sheets, about)?);
    for sheet in sheets {
        for worksheet in sheet.finish()? {
            workbook.push_worksheet(worksheet);
        }
    }
    set_properties(&mut workbook, TITLE, &of.program, &of.version)?;
    workbook.save_to_buffer()
}

/// What made the comparison and what it compared, as names and values.
pub(super) fn made(of: &Comparison) -> Vec<(String, String)> {
    let mut made = vec![
        ("layout".into(), of.schema_version.clone()),
        ("program".into(), of.program.clone()),
        ("version".into(), of.version.clone()),
        ("sides".into(), counted(of.sides.len(), "side")),
    ];
    made.extend(fields(&of.method));
    for (number, provenance) in of.made_from.iter().enumerate() {
        let of_one = fields(provenance).into_iter();
        let which = match of.made_from.len() {
            1 => "analysis".to_owned(),
            _ => format!("analysis {}", number + 1),
        };
        made.extend(of_one.map(|(name, value)| (format!("{which}: {name}"), value)));
    }
    made
}
