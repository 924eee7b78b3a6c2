//! Files of further spellings of column headers, which several standards share.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::csv_rows::rows;
use crate::definition::load::Loading;
use crate::definition::standard::StandardInfo;
use crate::layout::normalised_header;

const COLUMNS: [&str; 4] = ["header", "column", "feed", "source"];

/// The further spellings, normalised, that lead to these columns. A column's own name is never a further spelling, and
/// columns that other standards have are left out.
pub(super) fn read<'c>(
    info: &StandardInfo,
    columns: impl Iterator<Item = &'c Arc<str>>,
    loading: &mut Loading<'_>,
) -> BTreeMap<String, Arc<str>> {
    let columns: BTreeMap<String, &Arc<str>> = columns
        .map(|column| (normalised_header(column), column))
        .collect();
    let mut aliases: BTreeMap<String, Arc<str>> = BTreeMap::new();
    for path in &info.aliases {
        let Some(text) = loading.open(path) else {
            continue;
        };
        let mut problems = Vec::new();
        for row in rows(&text, COLUMNS, &mut problems) {
            let header = normalised_header(&row.cells[0]);
            let column = normalised_header(&row.cells[1]);
            if header.is_empty() || header == column {
                let message = format!("`{}` says nothing new of its column", row.cells[0]);
                let help = "case, blanks, underscores and punctuation do not matter in headers";
                problems.push(row.problem(&text, 0, message, Some(help.to_owned())));
                continue;
            }
            let Some(column) = columns.get(&column) else {
                continue;
            };
            if columns.contains_key(&header) {
                continue;
            }
            let before = aliases.insert(header, Arc::clone(column));
            if let Some(before) = before.filter(|before| before != *column) {
                let message = format!(
                    "`{}` is a spelling of `{before}` already, and cannot be one of `{column}`",
                    row.cells[0]
                );
                problems.push(row.problem(&text, 0, message, None));
            }
        }
        loading.problems.extend(problems);
    }
    aliases
}
