//! Native charts of theme shares, beside the table that they show.

use rust_xlsxwriter::{Chart, ChartFormat, ChartSolidFill, ChartType, XlsxError};

use super::sheet::Sheet;
use crate::output::formats::palette;

/// More bars than this in one chart cannot be read.
const CHARTED: u32 = 40;

/// The height of a bar and of what stands around the bars, in pixels.
const BAR: u32 = 26;
const AROUND: u32 = 140;

/// One bar per row, divided among the themes, whose columns are the last ones of the table, `none` after them. `row` is
/// what a row is, in the singular.
pub(crate) fn stacked(sheet: &mut Sheet, themes: &[String], row: &str) -> Result<(), XlsxError> {
    let (all, last) = (sheet.rows(), sheet.rows().min(CHARTED));
    if last == 0 {
        return Ok(());
    }
    let name = sheet.table.name;
    let mut chart = Chart::new(ChartType::BarStacked);
    let first_column = sheet.table.columns.len() - themes.len() - 1;
    for position in 0..=themes.len() {
        let colour = if position == themes.len() {
            palette::NONE
        } else {
            palette::theme(position)
        };
        let column = (first_column + position) as u16;
        chart
            .add_series()
            .set_name((name, 0, column))
            .set_categories((name, 1, 0, last, 0))
            .set_values((name, 1, column, last, column))
            .set_format(&mut fill(colour))
            .set_gap(40);
    }
    let title = if all > last {
        format!("Theme shares: the first {last} of {all} {row}s")
    } else {
        format!("Theme shares by {row}")
    };
    place(sheet, chart, &title, last, Some(1.0))
}

/// One group of bars per theme, one bar per row of the table, which has two or so.
pub(crate) fn clustered(sheet: &mut Sheet, themes: &[String]) -> Result<(), XlsxError> {
    let (name, rows) = (sheet.table.name, sheet.rows());
    let (left, right) = (1, themes.len() as u16 + 1);
    let mut chart = Chart::new(ChartType::Bar);
    for row in 1..=rows {
        chart
            .add_series()
            .set_name((name, row, 0))
            .set_categories((name, 0, left, 0, right))
            .set_values((name, row, left, row, right))
            .set_format(&mut fill(palette::theme(row as usize - 1)))
            .set_gap(60);
    }
    let bars = rows * u32::from(right);
    place(sheet, chart, "Theme shares side by side", bars, None)
}

fn place(
    sheet: &mut Sheet,
    mut chart: Chart,
    title: &str,
    bars: u32,
    most: Option<f64>,
) -> Result<(), XlsxError> {
    chart.title().set_name(title);
    // The first one on top, as in the table.
    chart.x_axis().set_reverse();
    chart.y_axis().set_min(0.0).set_num_format("0%");
    if let Some(most) = most {
        chart.y_axis().set_max(most);
    }
    chart.set_width(760).set_height(AROUND + BAR * bars);
    chart.set_alt_text("Bars of the theme shares; the figures are in the table beside it");
    let column = sheet.table.columns.len() as u16 + 1;
    sheet.insert_chart(column, &chart)
}

fn fill((red, green, blue): (u8, u8, u8)) -> ChartFormat {
    let colour = u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue);
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(colour));
    format
}
