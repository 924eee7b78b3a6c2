//! `calendar.csv`: the windows in which the national system takes reporting periods.

use std::sync::Arc;

use jiff::civil::Date;

use super::at;
use crate::definition::csv_rows::rows;
use crate::definition::load::{Loading, join};
use crate::definition::problem::Problem;
use crate::definition::standard::StandardInfo;
use crate::submission::{Calendar, Scheme, Submission, Window};

const COLUMNS: [&str; 5] = [
    "opens",
    "closes",
    "earliest_period",
    "latest_period",
    "source",
];

/// Reads the windows, where the standard has them. `scheme` is what `[submission]` says of how they follow one another.
pub(super) fn read(
    info: &StandardInfo,
    scheme: Option<Scheme>,
    submission: &mut Submission,
    loading: &mut Loading<'_>,
) {
    let path = join(&info.folder, "calendar.csv");
    if loading.source().read(&path).is_err() {
        return;
    }
    let Some(text) = loading.open(&path) else {
        return;
    };
    let mut problems: Vec<Problem> = Vec::new();
    let mut windows: Vec<Window> = Vec::new();
    for row in rows(&text, COLUMNS, &mut problems) {
        let [opens, closes, earliest, latest, _] = row.cells.each_ref().map(|cell| cell.trim());
        let read = (day(opens), day(closes), month(earliest), month(latest));
        let (Some(opens), Some(closes), Some(earliest), Some(latest)) = read else {
            let message = "a window has two days (2024-06-01) and two months (2024-04)".to_owned();
            problems.push(at(&text, row.line, message));
            continue;
        };
        let follows = windows.last().is_none_or(|last| last.opens < opens);
        if opens < closes && earliest <= latest && latest < closes && follows {
            windows.push(Window {
                opens,
                closes,
                earliest,
                latest,
            });
        } else {
            let message = "a window opens before it closes and after the one above it, and takes months that have begun";
            problems.push(at(&text, row.line, message.to_owned()));
        }
    }
    if let Some(scheme) = scheme {
        submission.calendar = Some(Arc::new(Calendar { scheme, windows }));
    } else {
        let message =
            "`calendar` of [submission] says how these windows follow one another".to_owned();
        problems.push(at(&text, 1, message));
    }
    loading.problems.extend(problems);
}

fn day(text: &str) -> Option<Date> {
    concord_model::dates::date(text.as_bytes())
}

/// The first day of a month.
fn month(text: &str) -> Option<Date> {
    let (year, month) = concord_model::dates::year_month(text.as_bytes())?;
    Date::new(year, month, 1).ok()
}
