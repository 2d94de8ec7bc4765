//! One workbook, `analysis.xlsx`: one sheet per table, a chart, and a first sheet that explains the others.
//!
//! Rows go to files as they come, so that memory stays flat whatever the number of statements.

pub(crate) mod about;
pub(crate) mod chart;
pub(crate) mod sheet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::folder::XLSX_FILE;
use crate::folder::unfinished;
use crate::output::SCHEMA_VERSION;
use crate::output::files::{Complete, OutputFile, io_error};
use crate::output::rows::{FailureRow, WideShareRow};
use crate::output::run::Provenance;
use crate::output::tables::{Counts, DocumentTables, Table, WorkbookTable, flat};
use crate::output::totals::CurrencySums;
use crate::output::writer::{Writer, WriterSetup};
use about::About;
use sheet::{Sheet, SheetStyle};

const TITLE: &str = "What the statements say";

/// What a reader should know before the first figure.
const READING: [&str; 5] = [
    "A sentence with several themes is divided among them in equal parts; headings, datelines and boilerplate do not count.",
    "low and high are the ends of a 95% interval (Wilson): the fewer the sentences, the wider it is.",
    "start and end count characters (Unicode code points) in the text of the statement, from 0; end is not included.",
    "Never add up amounts of several currencies. A sum with equivalent_of only says another one again: leave it out.",
    "$ is read as US dollars and ¥ as yen unless the document clearly says otherwise; currency_basis tells which.",
];

/// The workbook of one run.
pub(in crate::output) struct XlsxReport {
    file: OutputFile,
    workbook: Workbook,
    /// One per table.
    sheets: Vec<Sheet>,
    shares: Sheet,
    totals: Sheet,
    sums: CurrencySums,
    themes: Vec<String>,
    provenance: Provenance,
}

impl XlsxReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let file = setup.target.open(XLSX_FILE)?;
        let failed = xlsx_error(&file);
        let mut workbook = Workbook::new();
        if let Some(folder) = setup.target.folder().map(unfinished) {
            workbook.set_tempdir(folder).map_err(&failed)?;
        }
        let (style, themes) = (SheetStyle::new(), setup.themes());
        let mut sheet = |table| Sheet::new(&mut workbook, table, &style).map_err(&failed);
        let sheets = Table::ALL.map(|table| sheet(flat(table, &themes, &setup.run.metadata)));
        let shares = sheet(WorkbookTable::Shares.for_themes(&themes))?;
        let totals = sheet(WorkbookTable::Sums.for_themes(&themes))?;
        Ok(Self {
            file,
            sheets: sheets.into_iter().collect::<Result<_>>()?,
            shares,
            totals,
            workbook,
            sums: CurrencySums::default(),
            themes,
            provenance: setup.provenance().clone(),
        })
    }

    /// Writes a row to the sheet of its table.
    fn add(&mut self, table: Table, row: &(impl Serialize + ?Sized)) -> Result<()> {
        let sheet = &mut self.sheets[table.place()];
        sheet
            .write(&mut self.workbook, row)
            .map_err(xlsx_error(&self.file))
    }

    /// Puts the sheets in their order and the workbook into its file.
    fn save(mut self, counts: Counts) -> Result<OutputFile, XlsxError> {
        let workbook = &mut self.workbook;
        for row in self.sums.rows() {
            self.totals.write(workbook, row)?;
        }
        chart::stacked(&mut self.shares, &self.themes, "statement")?;
        let mut sheets = vec![self.shares, self.totals];
        sheets.append(&mut self.sheets);
        let mut made = vec![("layout".into(), SCHEMA_VERSION.into())];
        made.extend(about::fields(&self.provenance));
        let (analysed, failed) = (counts.of(Table::Documents), counts.of(Table::Failures));
        let statements = format!("{analysed} analysed, {failed} failed");
        made.push(("statements".into(), statements));
        let about = About {
            title: TITLE,
            made,
            reading: &READING,
        };
        workbook.push_worksheet(about::sheet(&sheets, about)?);
        for sheet in sheets {
            for worksheet in sheet.finish()? {
                workbook.push_worksheet(worksheet);
            }
        }
        let Provenance {
            program, version, ..
        } = &self.provenance;
        set_properties(workbook, TITLE, program, version)?;
        workbook.save_to_writer(&mut self.file)?;
        Ok(self.file)
    }
}

impl Writer for XlsxReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        self.sums.add(tables);
        let mut rows = tables.rows();
        rows.try_for_each(|(table, row)| self.add(table, row))?;
        let failed = xlsx_error(&self.file);
        self.shares
            .write(
                &mut self.workbook,
                &WideShareRow::new(&tables.document, &tables.themes),
            )
            .map_err(failed)
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.add(Table::Failures, failure)
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.sheets.iter().flat_map(Sheet::notes);
        notes.map(|note| format!("analysis.xlsx: {note}")).collect()
    }

    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>> {
        let failed = xlsx_error(&self.file);
        let file = self.save(counts).map_err(failed)?;
        Ok(file.finish()?.into_iter().collect())
    }
}

/// Sets what a workbook says of itself. It says when it was made; here it says by what alone, so that the same input
/// gives the same bytes.
pub(crate) fn set_properties(
    workbook: &mut Workbook,
    title: &str,
    program: &str,
    version: &str,
) -> Result<(), XlsxError> {
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties = DocProperties::new()
        .set_title(title)
        .set_author(format!("{program} {version}"))
        .set_creation_datetime(&made);
    workbook.set_properties(&properties);
    Ok(())
}

/// An [`Error::Write`] for the workbook.
pub(crate) fn xlsx_error(file: &OutputFile) -> impl Fn(XlsxError) -> Error + use<> {
    let path = file.path.clone();
    move |error| Error::writing(&path)(io_error(&error))
}
