//! Which table of a standard an input holds.

use concord_check::table::{TablePlan, header_row};
use concord_standards::layout::{HeaderUse, normalised_header};

/// The table of an input: by the columns that its first row names; else by its name, in which the table's stands; else by
/// how many cells its rows have; else the first.
pub(crate) fn table_of<'p>(plans: &'p [TablePlan], name: &str, first: &[u8]) -> &'p TablePlan {
    let [plan, _, ..] = plans else {
        return &plans[0];
    };
    let row = header_row(first, &plan.layout().delimiters);
    let cells: Vec<&str> = row
        .iter()
        .flat_map(|row| &row.cells)
        .map(String::as_str)
        .collect();
    if plan.layout().header != HeaderUse::None {
        let found = plan.layout.match_header(&cells);
        if found.matched() * 2 >= cells.len().min(plans[found.table].layout().fields.len()) {
            return &plans[found.table];
        }
    }
    let named = by_name(plans.iter().map(|plan| &*plan.layout().name), name);
    let counted = || {
        let mut of_this_length =
            (0..plans.len()).filter(|table| plans[*table].layout().fields.len() == cells.len());
        of_this_length
            .next()
            .filter(|_| of_this_length.next().is_none())
    };
    &plans[named.or_else(counted).unwrap_or(0)]
}

/// The table whose name stands in the last part of a path, the longest where there are several.
fn by_name<'t>(tables: impl Iterator<Item = &'t str>, path: &str) -> Option<usize> {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let file = normalised_header(file);
    tables
        .map(normalised_header)
        .enumerate()
        .filter(|(_, table)| file.contains(table.as_str()))
        .max_by_key(|(number, table)| (table.len(), std::cmp::Reverse(*number)))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::by_name;

    #[test]
    fn the_longest_name_in_the_file_name_counts() {
        let tables = ["patient", "patient_history", "encounter"];
        let of = |path: &str| by_name(tables.iter().copied(), path);
        assert_eq!(of("in/Patient.csv"), Some(0));
        assert_eq!(of("patient/1_Patient_History_2026.csv"), Some(1));
        assert_eq!(of("patient/FULL_Encounter.csv"), Some(2));
        assert_eq!(of("journal.csv"), None);
    }
}
