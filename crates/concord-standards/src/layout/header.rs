//! A header row against the columns of a layout.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A header as it is compared: upper case, and only the letters A to Z and the digits.
///
/// So `Financial Month`, `FINANCIAL_MONTH` and `FINANCIAL MONTH\u{a0}` are one header, and so is the damage that copying
/// from a PDF does (`IDENTI_FI_ER`).
pub fn normalised_header(text: &str) -> String {
    normalised(text).map(char::from).collect()
}

/// Whether a text is the header that [`normalised_header`] gives as `normalised`.
pub fn is_header(text: &str, normalised: &str) -> bool {
    text.len() >= normalised.len() && self::normalised(text).eq(normalised.bytes())
}

fn normalised(text: &str) -> impl Iterator<Item = u8> {
    let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
    kept.map(|byte| byte.to_ascii_uppercase())
}

/// A header row, cell by cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderMatch {
    /// The table, in [`Layout::tables`](super::Layout::tables).
    pub table: usize,
    /// For each cell the field that it names, in [`TableLayout::fields`](super::TableLayout::fields). A cell that repeats
    /// a column names none, so that each field stands once at most.
    pub columns: Vec<Option<usize>>,
    /// Fields that no cell names.
    pub missing: Vec<usize>,
    /// Cells that name no field.
    pub unknown: Vec<usize>,
    /// Cells that repeat a column that another cell has, and the field of that column.
    pub duplicated: Vec<(usize, usize)>,
    /// Cells whose header is a further spelling of the column, not its own name.
    pub by_alias: Vec<usize>,
}

impl HeaderMatch {
    /// How many columns were found.
    pub fn matched(&self) -> usize {
        self.columns.iter().flatten().count()
    }
}

/// What matching needs of a layout: the names of columns, no more.
#[derive(Debug, Clone)]
pub(crate) struct Headers<'l> {
    pub(crate) tables: Vec<TableHeaders>,
    pub(crate) aliases: &'l BTreeMap<String, Arc<str>>,
}

/// The names of the columns of one table.
#[derive(Debug, Clone)]
pub(crate) struct TableHeaders {
    pub(crate) columns: Vec<Arc<str>>,
}

impl Headers<'_> {
    /// The match with the table that has most of the cells; the first of several that have as many.
    pub(crate) fn match_header(&self, header: &[&str]) -> HeaderMatch {
        let cells: Vec<String> = header.iter().map(|cell| normalised_header(cell)).collect();
        let mut best: Option<HeaderMatch> = None;
        for index in 0..self.tables.len() {
            let found = self.match_table(index, &cells);
            let better = best.as_ref().is_none_or(|best| {
                let rank = |of: &HeaderMatch| {
                    let fewest = std::cmp::Reverse(of.missing.len());
                    (of.matched(), fewest)
                };
                rank(&found) > rank(best)
            });
            if better {
                best = Some(found);
            }
        }
        best.unwrap_or_else(|| HeaderMatch {
            columns: vec![None; header.len()],
            unknown: (0..header.len()).collect(),
            ..HeaderMatch::default()
        })
    }

    fn match_table(&self, table: usize, cells: &[String]) -> HeaderMatch {
        let columns = &self.tables[table].columns;
        let by_name: BTreeMap<String, usize> = columns
            .iter()
            .enumerate()
            .rev()
            .map(|(index, column)| (normalised_header(column), index))
            .collect();
        let mut found = HeaderMatch {
            table,
            columns: vec![None; cells.len()],
            ..HeaderMatch::default()
        };
        let mut taken = vec![false; columns.len()];
        // Own names first: a further spelling must not take the column away from a cell that has its name.
        for (cell, name) in cells.iter().enumerate() {
            if let Some(&field) = by_name.get(name) {
                found.take(cell, field, &mut taken);
            }
        }
        for (cell, name) in cells.iter().enumerate() {
            if by_name.contains_key(name) {
                continue;
            }
            let aliased = self
                .aliases
                .get(name)
                .map(|column| normalised_header(column));
            match aliased.and_then(|column| by_name.get(&column)) {
                Some(&field) => {
                    if found.take(cell, field, &mut taken) {
                        found.by_alias.push(cell);
                    }
                }
                None => found.unknown.push(cell),
            }
        }
        found.duplicated.sort_unstable();
        found.missing = (0..columns.len()).filter(|field| !taken[*field]).collect();
        found
    }
}

impl HeaderMatch {
    /// Gives a field to a cell; false when another cell has it.
    fn take(&mut self, cell: usize, field: usize, taken: &mut [bool]) -> bool {
        if taken[field] {
            self.duplicated.push((cell, field));
            return false;
        }
        taken[field] = true;
        self.columns[cell] = Some(field);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers<'l>(tables: &[&[&str]], aliases: &'l BTreeMap<String, Arc<str>>) -> Headers<'l> {
        Headers {
            tables: tables
                .iter()
                .map(|columns| TableHeaders {
                    columns: columns.iter().copied().map(Arc::from).collect(),
                })
                .collect(),
            aliases,
        }
    }

    #[test]
    fn spellings_that_are_one_header() {
        for text in [
            "NHS_NUMBER",
            "nhs number",
            "\u{feff}NHS NUMBER",
            " Nhs-Number\u{a0}",
            "NHS (NUM_BER)",
        ] {
            assert_eq!(normalised_header(text), "NHSNUMBER", "{text}");
        }
        assert_eq!(normalised_header("İ"), "");
    }

    #[test]
    fn order_does_not_matter_and_all_cells_are_accounted_for() {
        let aliases = BTreeMap::from([("POD".to_owned(), Arc::from("POINT_OF_DELIVERY_CODE"))]);
        let headers = headers(
            &[&["FINANCIAL_MONTH", "POINT_OF_DELIVERY_CODE", "TOTAL"]],
            &aliases,
        );
        let found =
            headers.match_header(&["pod", "Local", "Financial Month", "FINANCIAL_MONTH", ""]);
        assert_eq!(found.columns, [Some(1), None, Some(0), None, None]);
        assert_eq!(found.unknown, [1, 4]);
        assert_eq!(found.duplicated, [(3, 0)]);
        assert_eq!(found.missing, [2]);
        assert_eq!(found.by_alias, [0]);
    }

    #[test]
    fn the_name_wins_over_a_spelling_that_stands_first() {
        let aliases = BTreeMap::from([("OLD".to_owned(), Arc::from("NEW"))]);
        let found = headers(&[&["NEW"]], &aliases).match_header(&["old", "new"]);
        assert_eq!(found.columns, [None, Some(0)]);
        assert_eq!(found.duplicated, [(0, 0)]);
    }

    #[test]
    fn the_table_with_most_columns_is_meant() {
        let aliases = BTreeMap::new();
        let headers = headers(&[&["A", "B"], &["A", "B", "C"], &["B", "A"]], &aliases);
        assert_eq!(headers.match_header(&["a", "b", "c"]).table, 1);
        assert_eq!(headers.match_header(&["a", "b"]).table, 0);
        let none = Headers {
            tables: Vec::new(),
            aliases: headers.aliases,
        };
        assert_eq!(none.match_header(&["a"]).unknown, [0]);
    }
}
