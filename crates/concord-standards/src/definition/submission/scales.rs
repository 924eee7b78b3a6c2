//! `scales.csv`: assessment scales and their scores.

use std::sync::Arc;

use super::at;
use crate::definition::csv_rows::rows;
use crate::definition::load::{Loading, join};
use crate::definition::standard::StandardInfo;
use crate::submission::Submission;
use crate::submission::form::Form;
use crate::submission::scale::Scale;

const COLUMNS: [&str; 7] = [
    "tool", "name", "least", "greatest", "decimals", "values", "format",
];

/// Reads the scales, where the standard has them.
pub(super) fn read(info: &StandardInfo, submission: &mut Submission, loading: &mut Loading<'_>) {
    let path = join(&info.folder, "scales.csv");
    if loading.source().read(&path).is_err() {
        return;
    }
    let Some(text) = loading.open(&path) else {
        return;
    };
    let mut problems = Vec::new();
    for row in rows(&text, COLUMNS, &mut Vec::new()) {
        let [tool, name, least, greatest, decimals, values, format] =
            row.cells.each_ref().map(|cell| cell.trim());
        let mut wrong = |message: String| problems.push(at(&text, row.line, message));
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let range = match (number(least), number(greatest)) {
            (Some(least), Some(greatest)) if least <= greatest => Some((least, greatest)),
            (None, None) if least.is_empty() && greatest.is_empty() => None,
            _ => {
                wrong(format!("`{least}` to `{greatest}` is no range"));
                None
            }
        };
        let decimals = match decimals {
            "" => None,
            said => {
                let count = said.parse().ok().filter(|count| *count <= 10);
                if count.is_none() {
                    wrong(format!("`{said}` is no number of decimals"));
                }
                count
            }
        };
        let form = Form::parse(format);
        if form.is_none() && !format.is_empty() {
            wrong(format!("there is no format `{format}`"));
        }
        if range.is_none() && values.is_empty() {
            wrong("a scale has a range or values".to_owned());
        }
        let values = values.split('|').filter(|value| !value.is_empty());
        let scale = Scale {
            name: name.into(),
            range,
            decimals,
            values: values.map(Arc::from).collect(),
            form,
        };
        if submission.scales.insert(tool.into(), scale).is_some() {
            problems.push(at(
                &text,
                row.line,
                format!("the tool `{tool}` stands twice"),
            ));
        }
    }
    // Rows that cannot be read are told by reading them again for their problems alone.
    rows(&text, COLUMNS, &mut problems);
    loading.problems.extend(problems);
}
