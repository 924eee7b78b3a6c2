//! Lines of delimited text (RFC 4180).

/// Adds a cell; one that holds a delimiter, a quote or a line end stands in quotes.
pub(super) fn push_cell(line: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

/// Adds cells with delimiters between them.
pub(super) fn push_cells<'c>(line: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            line.push(',');
        }
        push_cell(line, cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_cell_stands_in_quotes() {
        let mut line = String::new();
        push_cells(
            &mut line,
            ["a", "b,c", "say \"d\"", "", "e\r\nf"].into_iter(),
        );
        assert_eq!(line, "a,\"b,c\",\"say \"\"d\"\"\",,\"e\r\nf\"");
    }
}
