//! Drops what need not be there.

use concord_sample::tables::sheet::Sheet;
use concord_sample::tree::{Child, Node};

/// Leaves out every element and attribute without which `holds` still does, the largest first; not those on the way to
/// `place`, and only as long as `tries` lasts.
pub(super) fn tree(
    mut tree: Node,
    place: &[usize],
    tries: &mut u32,
    holds: &mut dyn FnMut(&Node) -> bool,
) -> Node {
    let mut place = place.to_vec();
    below(&mut tree, &mut Vec::new(), &mut place, tries, holds);
    tree
}

fn below(
    tree: &mut Node,
    here: &mut Vec<usize>,
    place: &mut Vec<usize>,
    tries: &mut u32,
    holds: &mut dyn FnMut(&Node) -> bool,
) {
    attributes(tree, here, place, tries, holds);
    let count = tree.at(here).map_or(0, |node| node.children.len());
    // From the end, so that the indexes of what is still to be tried do not change.
    for index in (0..count).rev() {
        let is_element = |node: &Node| matches!(node.children.get(index), Some(Child::Element(_)));
        if !tree.at(here).is_some_and(is_element) {
            continue;
        }
        let depth = here.len();
        let on_the_way = place.starts_with(here) && place.get(depth) == Some(&index);
        if !on_the_way && *tries > 0 {
            *tries -= 1;
            let mut less = tree.clone();
            if let Some(node) = less.at_mut(here) {
                node.children.remove(index);
            }
            if holds(&less) {
                *tree = less;
                if place.starts_with(here)
                    && let Some(step) = place.get_mut(depth).filter(|step| **step > index)
                {
                    *step -= 1;
                }
                continue;
            }
        }
        here.push(index);
        below(tree, here, place, tries, holds);
        here.pop();
    }
}

fn attributes(
    tree: &mut Node,
    here: &[usize],
    place: &[usize],
    tries: &mut u32,
    holds: &mut dyn FnMut(&Node) -> bool,
) {
    if *here == *place {
        return;
    }
    let count = tree.at(here).map_or(0, |node| node.attributes.len());
    for index in (0..count).rev() {
        if *tries == 0 {
            return;
        }
        *tries -= 1;
        let mut less = tree.clone();
        if let Some(node) = less.at_mut(here) {
            node.attributes.remove(index);
        }
        if holds(&less) {
            *tree = less;
        }
    }
}

/// Leaves out rows, and blanks cells, without which `holds` still does; not those of the columns in `kept`.
pub(super) fn sheet(
    mut sheet: Sheet,
    kept: &[&str],
    tries: &mut u32,
    holds: &mut dyn FnMut(&Sheet) -> bool,
) -> Sheet {
    let mut step = sheet.rows.len() / 2;
    // Halves first, then smaller parts, then row by row.
    while step > 0 {
        let mut start = 0;
        while start < sheet.rows.len() && sheet.rows.len() > step && *tries > 0 {
            *tries -= 1;
            let mut less = sheet.clone();
            less.rows.drain(start..(start + step).min(sheet.rows.len()));
            if holds(&less) {
                sheet = less;
            } else {
                start += step;
            }
        }
        step /= 2;
    }
    for row in 0..sheet.rows.len() {
        for column in 0..sheet.columns.len() {
            let cells = &sheet.rows[row];
            if cells[column].is_empty() || kept.contains(&&*sheet.columns[column]) {
                continue;
            }
            // A row that is blank altogether is none.
            if cells.iter().filter(|cell| !cell.is_empty()).count() == 1 {
                break;
            }
            if *tries == 0 {
                return sheet;
            }
            *tries -= 1;
            let mut less = sheet.clone();
            less.rows[row][column].clear();
            if holds(&less) {
                sheet = less;
            }
        }
    }
    sheet
}

/// Leaves out lines without which `holds` still does, but for the first.
pub(super) fn lines(text: &[u8], tries: &mut u32, holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut step = lines.len() / 2;
    while step > 0 {
        let mut start = 1;
        while start < lines.len() && *tries > 0 {
            *tries -= 1;
            let mut less = lines.clone();
            less.drain(start..(start + step).min(lines.len()));
            if holds(&less.concat()) {
                lines = less;
            } else {
                start += step;
            }
        }
        step /= 2;
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use concord_sample::tree::Layout;

    #[test]
    fn what_is_not_needed_goes() {
        let start = Node::read(
            "<a><b x='1' y='2'><c>1</c><d>2</d></b><b><c>3</c></b><e/><f><g/><h/></f></a>",
        )
        .expect("a document");
        let place = [3, 0];
        let layout = Layout {
            indent: None,
            declaration: String::new(),
            ..Layout::default()
        };
        let mut tries = 100;
        let mut holds = |node: &Node| layout.write(node).contains("<d>2</d>");
        let less = tree(start.clone(), &place, &mut tries, &mut holds);
        assert_eq!(layout.write(&less), "<a><b><d>2</d></b><f><g/></f></a>");
        assert!(tries < 100);
        let text = b"names\n1\n2\n3\n4\n5\n6\n".to_vec();
        let mut holds = |text: &[u8]| text.contains(&b'2') && text.contains(&b'6');
        assert_eq!(lines(&text, &mut tries, &mut holds), b"names\n2\n6\n");
        let mut holds = |node: &Node| layout.write(node).contains("<d>2</d>");
        let mut tries = 0;
        assert_eq!(tree(start.clone(), &place, &mut tries, &mut holds), start);
    }
}
