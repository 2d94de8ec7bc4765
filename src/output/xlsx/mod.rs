//! One workbook, `analysis.xlsx`: a sheet a table, a chart, and a first sheet that explains the others.
//!
//! Rows go to files as they come, so that memory stays flat whatever the number of statements.

mod about;
mod sheet;

use std::path::PathBuf;

use rust_xlsxwriter::{Chart, ChartType, DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::Serialize;

use super::palette;
use super::rows::{DocumentTables, FailureRow};
use super::schema::{self, SHARES};
use super::totals::{ShareRow, Sums};
use super::{Counts, OutputFile, Provenance, Target, Writer, write_error};
use crate::error::{Error, Result};
use sheet::{Sheet, Style};

/// More bars than this in one chart cannot be read.
const CHARTED: u32 = 40;

/// The workbook of one run.
pub(super) struct Xlsx {
    file: OutputFile,
    workbook: Workbook,
    sheets: Vec<Sheet>,
    shares: Sheet,
    totals: Sheet,
    sums: Sums,
    themes: Vec<String>,
    provenance: Provenance,
}

impl Xlsx {
    pub(super) fn create(
        target: &Target,
        themes: &[String],
        metadata: &[String],
        provenance: &Provenance,
    ) -> Result<Self> {
        let file = target.open("analysis.xlsx")?;
        let failed = xlsx_error(&file);
        let mut workbook = Workbook::new();
        if let Target::Folder(folder) = target {
            workbook.set_tempdir(folder).map_err(&failed)?;
        }
        let style = Style::new();
        let sheets = schema::flat_tables(themes, metadata)
            .into_iter()
            .map(|table| Sheet::new(&mut workbook, table, &style))
            .collect::<Result<_, _>>()
            .map_err(&failed)?;
        let [shares, sums] = schema::workbook_tables(themes);
        let shares = Sheet::new(&mut workbook, shares, &style).map_err(&failed)?;
        let totals = Sheet::new(&mut workbook, sums, &style).map_err(&failed)?;
        drop(failed);
        Ok(Self {
            file,
            sheets,
            shares,
            totals,
            workbook,
            sums: Sums::default(),
            themes: themes.to_vec(),
            provenance: provenance.clone(),
        })
    }

    /// Writes rows to the sheet of the table `name`.
    fn add<T: Serialize>(&mut self, name: &str, rows: &[T]) -> Result<()> {
        let failed = xlsx_error(&self.file);
        let sheet = self
            .sheets
            .iter_mut()
            .find(|sheet| sheet.table.name == name);
        let Some(sheet) = sheet else {
            return Ok(());
        };
        rows.iter()
            .try_for_each(|row| sheet.write(&mut self.workbook, row))
            .map_err(failed)
    }

    /// Puts the sheets in their order and the workbook into its file.
    fn save(mut self, counts: Counts) -> Result<OutputFile, XlsxError> {
        let workbook = &mut self.workbook;
        for row in self.sums.rows() {
            self.totals.write(workbook, row)?;
        }
        add_chart(&mut self.shares, &self.themes, counts.documents)?;
        let mut sheets = vec![self.shares, self.totals];
        sheets.append(&mut self.sheets);
        workbook.push_worksheet(about::sheet(&sheets, &self.provenance, counts)?);
        for sheet in sheets {
            for worksheet in sheet.finish()? {
                workbook.push_worksheet(worksheet);
            }
        }
        // A workbook says when it was made; this one says by what alone, so that the same run gives the same bytes.
        let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let Provenance {
            program, version, ..
        } = &self.provenance;
        workbook.set_properties(
            &DocProperties::new()
                .set_title("What the statements say")
                .set_author(format!("{program} {version}"))
                .set_creation_datetime(&made),
        );
        workbook.save_to_writer(&mut self.file)?;
        Ok(self.file)
    }
}

impl Writer for Xlsx {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        self.sums.add(tables);
        self.add("documents", std::slice::from_ref(&tables.document))?;
        self.add("sentences", &tables.sentences)?;
        self.add("entities", &tables.entities)?;
        self.add("money", &tables.money)?;
        self.add("themes", &tables.themes)?;
        let failed = xlsx_error(&self.file);
        self.shares
            .write(&mut self.workbook, &ShareRow::new(tables))
            .map_err(failed)
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.add("failures", std::slice::from_ref(failure))
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.sheets.iter().flat_map(Sheet::notes);
        notes.map(|note| format!("analysis.xlsx: {note}")).collect()
    }

    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<PathBuf>> {
        let failed = xlsx_error(&self.file);
        let file = self.save(counts).map_err(failed)?;
        Ok(file.finish()?.into_iter().collect())
    }
}

/// A bar a statement, divided among the themes.
fn add_chart(shares: &mut Sheet, themes: &[String], documents: usize) -> Result<(), XlsxError> {
    let last = shares.rows().min(CHARTED);
    if last == 0 {
        return Ok(());
    }
    let mut chart = Chart::new(ChartType::BarStacked);
    let first_column = shares.table.columns.len() - themes.len() - 1;
    for position in 0..=themes.len() {
        let (red, green, blue) = if position == themes.len() {
            palette::NONE
        } else {
            palette::theme(position)
        };
        let colour = u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue);
        let column = (first_column + position) as u16;
        chart
            .add_series()
            .set_name((SHARES, 0, column))
            .set_categories((SHARES, 1, 0, last, 0))
            .set_values((SHARES, 1, column, last, column))
            .set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(colour)),
            )
            .set_gap(40);
    }
    let title = if documents > last as usize {
        format!("Theme shares: the first {last} of {documents} statements")
    } else {
        "Theme shares by statement".to_owned()
    };
    chart.title().set_name(title.as_str());
    // The first statement on top, as in the table.
    chart.x_axis().set_reverse();
    chart
        .y_axis()
        .set_min(0.0)
        .set_max(1.0)
        .set_num_format("0%");
    chart.set_width(760).set_height(140 + 26 * last);
    chart.set_alt_text("Stacked bars of the theme shares; the figures are in the table beside it");
    let column = shares.table.columns.len() as u16 + 1;
    shares.insert_chart(column, &chart)
}

/// An [`Error::Write`] for the workbook.
fn xlsx_error(file: &OutputFile) -> impl Fn(XlsxError) -> Error + use<> {
    let path = file.path.clone();
    move |error| {
        let source = match error {
            XlsxError::IoError(source) => source,
            other => std::io::Error::other(other.to_string()),
        };
        write_error(&path)(source)
    }
}
