//! The first sheet: what the workbook is, what made it, and what every sheet and column holds.

use rust_xlsxwriter::{Url, Worksheet, XlsxError};
use serde::Serialize;
use serde_json::{Value, json};

use super::sheet::{Sheet, SheetStyle};

/// What the first sheet says before it explains the others.
pub(crate) struct About<'a> {
    /// What the workbook says, in a line.
    pub title: &'a str,
    /// How it was made: names and values.
    pub made: Vec<(String, String)>,
    /// What a reader should know before the first figure.
    pub reading: &'a [&'a str],
}

/// The fields of `of`, each with its value in words.
pub(crate) fn fields(of: &impl Serialize) -> Vec<(String, String)> {
    let fields = json!(of);
    let fields = fields.as_object().into_iter().flatten();
    let field = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (name.replace('_', " "), text)
    };
    fields.map(field).collect()
}

/// The sheet that explains `sheets`.
pub(crate) fn sheet(sheets: &[Sheet], about: About<'_>) -> Result<Worksheet, XlsxError> {
    let style = &SheetStyle::new();
    let mut page = AboutPage {
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
        .write_string_with_format(0, 0, about.title, &style.title)?;
    page.row = 2;
    page.header(["How it was made", "", ""])?;
    for (name, value) in &about.made {
        page.line([name, "", value])?;
    }

    page.row += 1;
    page.header(["How to read it", "", ""])?;
    for line in about.reading {
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
struct AboutPage<'a> {
    sheet: Worksheet,
    row: u32,
    style: &'a SheetStyle,
}

impl AboutPage<'_> {
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
