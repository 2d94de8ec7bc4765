//! One table as a sheet: header, cells of the right kind, widths that fit. Excel's limits end in a note, not in silence.

use rust_xlsxwriter::{
    Chart, Color, ConditionalFormatDataBar, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};
use serde::Serialize;
use serde_json::Value;

use crate::output::schema::{Column, ColumnKind, TableSchema};
use crate::output::tables::flat_row;

/// The rows of a sheet, the header with them (Excel's specification).
const ROWS: u32 = 1_048_576;

/// The UTF-16 code units of a cell (Excel's specification).
const CELL: usize = 32_767;

/// What stands at the end of a cell that was too long.
const CUT: &str = " [cut: Excel holds no more]";

/// The digits of a number that Excel keeps.
const DIGITS: usize = 15;

/// No column is wider, in characters; longer text is wrapped.
const WIDEST: usize = 70;

/// The formats of cells.
#[derive(Clone)]
pub(crate) struct SheetStyle {
    pub title: Format,
    pub header: Format,
    pub text: Format,
    /// Text that would be a formula if it were typed in again.
    quoted: Format,
    date: Format,
    whole: Format,
    number: Format,
    share: Format,
    decimal: Format,
}

impl SheetStyle {
    pub(crate) fn new() -> Self {
        let cell = || Format::new().set_align(FormatAlign::Top);
        let text = cell().set_text_wrap();
        Self {
            title: Format::new().set_bold().set_font_size(16),
            header: Format::new()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(Color::RGB(0x24_3B_53))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Top)
                .set_text_wrap(),
            quoted: text.clone().set_quote_prefix(),
            text,
            date: cell().set_num_format("yyyy-mm-dd"),
            whole: cell().set_num_format("#,##0"),
            number: cell().set_num_format("#,##0.00##"),
            share: cell().set_num_format("0.0%"),
            decimal: cell().set_num_format("#,##0.00"),
        }
    }

    fn of(&self, kind: ColumnKind) -> &Format {
        match kind {
            ColumnKind::Text | ColumnKind::Truth => &self.text,
            ColumnKind::Date => &self.date,
            ColumnKind::Whole => &self.whole,
            ColumnKind::Number => &self.number,
            ColumnKind::Share | ColumnKind::ThemeShare => &self.share,
            ColumnKind::Decimal => &self.decimal,
        }
    }
}

/// A table being written; on as many sheets as it needs.
pub(crate) struct Sheet {
    pub table: TableSchema,
    style: SheetStyle,
    full: Vec<Worksheet>,
    sheet: Worksheet,
    /// The next row of `sheet`.
    row: u32,
    /// Rows of the table in all.
    written: u32,
    widths: Vec<usize>,
    limit: u32,
    cut_cells: usize,
    rounded_cells: usize,
}

impl Sheet {
    pub(crate) fn new(
        workbook: &mut Workbook,
        table: TableSchema,
        style: &SheetStyle,
    ) -> Result<Self, XlsxError> {
        let sheet = begin(workbook, &table, table.name, style)?;
        Ok(Self {
            widths: table
                .columns
                .iter()
                .map(|column| column.name.chars().count() + 3)
                .collect(),
            table,
            style: style.clone(),
            full: Vec::new(),
            sheet,
            row: 1,
            written: 0,
            limit: ROWS,
            cut_cells: 0,
            rounded_cells: 0,
        })
    }

    /// How many rows the table has.
    pub(crate) fn rows(&self) -> u32 {
        self.written
    }

    /// How many sheets the table fills.
    pub(crate) fn parts(&self) -> usize {
        self.full.len() + 1
    }

    pub(crate) fn write(
        &mut self,
        workbook: &mut Workbook,
        row: &(impl Serialize + ?Sized),
    ) -> Result<(), XlsxError> {
        if self.row == self.limit {
            let name = format!("{} {}", self.table.name, self.parts() + 1);
            let next = begin(workbook, &self.table, &name, &self.style)?;
            self.close()?;
            self.full.push(std::mem::replace(&mut self.sheet, next));
            self.row = 1;
        }
        let row = flat_row(row).map_err(|error| XlsxError::ParameterError(error.to_string()))?;
        for position in 0..self.table.columns.len() {
            let Some(column) = self.table.columns.get(position) else {
                continue;
            };
            let value = row.get(&column.name).unwrap_or(&Value::Null);
            let width = self.write_cell(position as u16, column.kind, value)?;
            if let Some(widest) = self.widths.get_mut(position) {
                *widest = (*widest).max(width);
            }
        }
        self.row += 1;
        self.written += 1;
        Ok(())
    }

    /// Writes one cell; how many characters wide it is.
    fn write_cell(
        &mut self,
        column: u16,
        kind: ColumnKind,
        value: &Value,
    ) -> Result<usize, XlsxError> {
        let (sheet, row) = (&mut self.sheet, self.row);
        let format = self.style.of(kind);
        match (kind, value) {
            (_, Value::Null) => return Ok(0),
            (ColumnKind::Date, Value::String(text)) => {
                // Excel's calendar begins in 1900.
                match ExcelDateTime::parse_from_str(text) {
                    Ok(date) => sheet.write_datetime_with_format(row, column, &date, format)?,
                    Err(_) => sheet.write_string_with_format(row, column, text, format)?,
                };
            }
            (_, Value::String(text)) => {
                let fits = fitting(text);
                self.cut_cells += usize::from(fits.is_some());
                let format = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                    true => &self.style.quoted,
                    false => format,
                };
                let shown = fits.unwrap_or_else(|| text.clone());
                sheet.write_string_with_format(row, column, shown, format)?;
            }
            (_, Value::Number(number)) => {
                let text = number.to_string();
                let digits = text.chars().filter(char::is_ascii_digit).count();
                if kind == ColumnKind::Decimal && digits > DIGITS {
                    self.rounded_cells += 1;
                }
                let whole = kind == ColumnKind::Decimal && !text.contains('.');
                let format = if whole { &self.style.whole } else { format };
                let value = number.as_f64().unwrap_or_default();
                sheet.write_number_with_format(row, column, value, format)?;
                return Ok(text.len() + text.len() / 3 + 1);
            }
            (_, Value::Bool(is)) => {
                sheet.write_boolean_with_format(row, column, *is, format)?;
            }
            (_, other) => {
                sheet.write_string_with_format(row, column, other.to_string(), format)?;
            }
        }
        Ok(value.as_str().map_or(5, |text| text.chars().count()) + 1)
    }

    /// What is set when the last row of a sheet is known.
    fn close(&mut self) -> Result<(), XlsxError> {
        let (last, columns) = (self.row - 1, &self.table.columns);
        let right = (columns.len().max(1) - 1) as u16;
        self.sheet.autofilter(0, 0, last, right)?;
        for (position, (column, width)) in (0u16..).zip(columns.iter().zip(&self.widths)) {
            self.sheet
                .set_column_width(position, (*width).min(WIDEST) as f64)?;
            if last > 0 && has_bar(column) {
                let bar = ConditionalFormatDataBar::new()
                    .set_fill_color(Color::RGB(0x9B_C2_E6))
                    .set_solid_fill(true)
                    .set_minimum(rust_xlsxwriter::ConditionalFormatType::Number, 0)
                    .set_maximum(rust_xlsxwriter::ConditionalFormatType::Number, 1);
                self.sheet
                    .add_conditional_format(1, position, last, position, &bar)?;
            }
        }
        Ok(())
    }

    pub(crate) fn insert_chart(&mut self, column: u16, chart: &Chart) -> Result<(), XlsxError> {
        let first = self.full.first_mut().unwrap_or(&mut self.sheet);
        first.insert_chart(1, column, chart)?;
        Ok(())
    }

    /// The sheets that the table fills.
    pub(crate) fn finish(mut self) -> Result<Vec<Worksheet>, XlsxError> {
        self.close()?;
        let mut sheets = self.full;
        sheets.push(self.sheet);
        Ok(sheets)
    }

    /// What Excel's limits did to the table.
    pub(crate) fn notes(&self) -> Vec<String> {
        let name = self.table.name;
        let mut notes = Vec::new();
        if self.cut_cells > 0 {
            notes.push(format!(
                "{} cells of {name} were longer than Excel's {CELL} characters and end in \"{}\"; CSV and JSON have them whole",
                self.cut_cells,
                CUT.trim()
            ));
        }
        if self.rounded_cells > 0 {
            notes.push(format!(
                "{} amounts of {name} have more than the {DIGITS} digits that Excel keeps; CSV and JSON have them exact",
                self.rounded_cells
            ));
        }
        if self.parts() > 1 {
            notes.push(format!(
                "{name} has more rows than a sheet of Excel and goes on in \"{name} {}\"",
                self.parts()
            ));
        }
        notes
    }
}

/// An empty sheet with its header, frozen.
fn begin(
    workbook: &mut Workbook,
    table: &TableSchema,
    name: &str,
    style: &SheetStyle,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    for (position, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, position, &column.name, &style.header)?;
    }
    Ok(sheet)
}

/// Whether the cells of a column show their value as a bar: shares do, probabilities and intervals do not.
fn has_bar(column: &Column) -> bool {
    match column.kind {
        ColumnKind::ThemeShare => true,
        ColumnKind::Share => column.name.starts_with("share"),
        ColumnKind::Text
        | ColumnKind::Date
        | ColumnKind::Whole
        | ColumnKind::Number
        | ColumnKind::Decimal
        | ColumnKind::Truth => false,
    }
}

/// The beginning of a text that is too long for a cell, and a word that says so; none for a text that fits.
fn fitting(text: &str) -> Option<String> {
    if text.len() <= CELL || text.encode_utf16().count() <= CELL {
        return None;
    }
    let mut room = CELL - CUT.len();
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    });
    Some(kept.chain(CUT.chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::rows::FailureRow;
    use crate::output::tables::Table;

    fn failure(reason: &str) -> FailureRow {
        FailureRow {
            path: "a.txt".into(),
            stage: "read".into(),
            reason: reason.into(),
            hint: "none".into(),
        }
    }

    #[test]
    fn text_that_is_too_long_is_cut_with_a_word() {
        assert_eq!(fitting("short"), None);
        assert_eq!(fitting(&"é".repeat(CELL)), None);
        let cut = fitting(&"\u{1F54A}".repeat(CELL)).unwrap();
        assert!(cut.ends_with(CUT));
        assert!((CELL - 1..=CELL).contains(&cut.encode_utf16().count()));
    }

    #[test]
    fn a_table_that_is_too_long_goes_on_in_another_sheet() {
        let mut workbook = Workbook::new();
        let table = Table::Failures.schema();
        let mut sheet = Sheet::new(&mut workbook, table, &SheetStyle::new()).unwrap();
        sheet.limit = 4;
        for number in 0..7 {
            let row = failure(&number.to_string());
            sheet.write(&mut workbook, &row).unwrap();
        }
        sheet
            .write(&mut workbook, &failure(&"x".repeat(CELL + 1)))
            .unwrap();
        assert_eq!((sheet.rows(), sheet.parts()), (8, 3));
        assert_eq!(sheet.notes().len(), 2, "{:?}", sheet.notes());
        let names: Vec<String> = sheet
            .finish()
            .unwrap()
            .iter()
            .map(|sheet| sheet.name())
            .collect();
        assert_eq!(names, ["failures", "failures 2", "failures 3"]);
    }
}
