//! The first sheet: what the workbook is, what made it, and what every sheet and column holds.

use rust_xlsxwriter::{Url, Worksheet, XlsxError};
use serde_json::{Value, json};

use super::sheet::{Sheet, Style};
use crate::output::{Counts, Provenance, SCHEMA_VERSION};

/// What a reader should know before the first figure.
const READING: [&str; 5] = [
    "A sentence with several themes is divided among them in equal parts; headings, datelines and boilerplate do not count.",
    "low and high are the ends of a 95% interval (Wilson): the fewer the sentences, the wider it is.",
    "start and end count characters (Unicode code points) in the text of the statement, from 0; end is not included.",
    "Never add up amounts of several currencies. A sum with equivalent_of only says another one again: leave it out.",
    "$ is read as US dollars and ¥ as yen unless the document clearly says otherwise; currency_basis tells which.",
];

/// The sheet that explains `sheets`.
pub(super) fn sheet(
    sheets: &[Sheet],
    provenance: &Provenance,
    counts: Counts,
) -> Result<Worksheet, XlsxError> {
    let style = &Style::new();
    let mut page = Page {
        sheet: Worksheet::new(),
        row: 0,
        style,
    };
    page.sheet.set_name("About")?;
    page.sheet.set_column_width(0, 24)?;
    page.sheet.set_column_width(1, 26)?;
    page.sheet.set_column_width(2, 100)?;
    page.sheet.set_landscape();
    page.sheet.set_print_fit_to_pages(1, 0);
    page.sheet.set_screen_gridlines(false);

    page.sheet
        .write_string_with_format(0, 0, "What the statements say", &style.title)?;
    page.row = 2;
    page.header(["How it was made", "", ""])?;
    page.line(["layout", "", SCHEMA_VERSION])?;
    for (name, value) in json!(provenance).as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        page.line([&name.replace('_', " "), "", &text])?;
    }
    let (analysed, failed) = (counts.documents, counts.failures);
    page.line([
        "statements",
        "",
        &format!("{analysed} analysed, {failed} failed"),
    ])?;

    page.row += 1;
    page.header(["How to read it", "", ""])?;
    for line in READING {
        page.line(["", "", line])?;
    }
    for note in sheets.iter().flat_map(Sheet::notes) {
        page.line(["Excel's limits", "", &note])?;
    }

    page.row += 1;
    page.header(["Sheet", "Rows", "A row is"])?;
    for sheet in sheets {
        let link =
            Url::new(format!("internal:'{}'!A1", sheet.table.name)).set_text(sheet.table.name);
        page.sheet.write_url(page.row, 0, link)?;
        page.sheet
            .write_number_with_format(page.row, 1, sheet.rows(), &style.text)?;
        page.cell(2, &sheet.table.about)?;
        page.row += 1;
    }

    page.row += 1;
    page.header(["Sheet", "Column", "What it holds"])?;
    for sheet in sheets {
        for column in &sheet.table.columns {
            page.line([sheet.table.name, &column.name, &column.about])?;
        }
    }
    Ok(page.sheet)
}

/// The sheet, filled from top to bottom.
struct Page<'a> {
    sheet: Worksheet,
    row: u32,
    style: &'a Style,
}

impl Page<'_> {
    /// Writes words; the backquotes around names in the data dictionary mean nothing in a cell.
    fn cell(&mut self, column: u16, text: &str) -> Result<(), XlsxError> {
        let text = text.replace('`', "");
        self.sheet
            .write_string_with_format(self.row, column, text, &self.style.text)?;
        Ok(())
    }

    fn line(&mut self, cells: [&str; 3]) -> Result<(), XlsxError> {
        for (column, text) in (0..).zip(cells) {
            self.cell(column, text)?;
        }
        self.row += 1;
        Ok(())
    }

    fn header(&mut self, cells: [&str; 3]) -> Result<(), XlsxError> {
        for (column, text) in (0..).zip(cells) {
            self.sheet
                .write_string_with_format(self.row, column, text, &self.style.header)?;
        }
        self.row += 1;
        Ok(())
    }
}
