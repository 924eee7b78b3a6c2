//! What the sides call differently: a submission that is carried over is written in the names of the side that it goes to.

use std::sync::Arc;

use concord_sample::instance::{Asked, Wish};
use concord_sample::tables::sheet::Sheet;
use concord_sample::tree::{Child, Node};

use crate::change::{ChangePlace, Comparison, Side};

/// What the other side calls differently.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Paths of elements there, and their names here; the deepest first.
    elements: Vec<(Vec<Arc<str>>, Arc<str>)>,
    /// Columns there and here.
    columns: Vec<(Arc<str>, Arc<str>)>,
}

impl Renames {
    /// What a comparison found renamed, as a side sees it.
    pub(super) fn of(comparison: &Comparison, side: Side) -> Self {
        let mut found = Self::default();
        for change in &comparison.changes {
            let (Some(old), Some(new)) = (&change.old, &change.new) else {
                continue;
            };
            let (there, here) = match side {
                Side::Old => (new, old),
                Side::New => (old, new),
            };
            match (&*change.rule.id, &change.place) {
                ("COLUMN-RENAMED", ChangePlace::Column(..)) => {
                    found
                        .columns
                        .push((there.as_str().into(), here.as_str().into()));
                }
                ("ELEMENT-RENAMED", ChangePlace::Element(_)) => {
                    let path: Vec<Arc<str>> = there.split('/').map(Arc::from).collect();
                    let name = here.rsplit('/').next().unwrap_or(here);
                    found.elements.push((path, name.into()));
                }
                _ => {}
            }
        }
        found
            .elements
            .sort_by_key(|(path, _)| usize::MAX - path.len());
        found
    }

    /// The tree, and what is wished for in it, in the names of this side; what a wish says of the name itself stays.
    pub(super) fn in_tree(&self, tree: &Node, wish: Option<&Wish>) -> (Node, Option<Wish>) {
        let mut tree = tree.clone();
        let mut wish = wish.cloned();
        for (path, name) in &self.elements {
            if let Some(wish) = &mut wish {
                let about_it = wish.path.len() == path.len()
                    && matches!(wish.what, Asked::Present | Asked::Absent);
                if about_it && wish.path == *path {
                    continue;
                }
                if wish.path.starts_with(path)
                    && let Some(step) = wish.path.get_mut(path.len() - 1)
                {
                    *step = Arc::clone(name);
                }
            }
            if let Some((root, below)) = path.split_first()
                && tree.name.local == *root
            {
                rename(&mut tree, below, name);
            }
        }
        (tree, wish)
    }

    /// The sheet in the names of this side, but for a column that a change is about as such.
    pub(super) fn in_sheet(&self, sheet: &Sheet, but: Option<&str>) -> Sheet {
        let mut sheet = sheet.clone();
        for (there, here) in &self.columns {
            if but.is_some_and(|but| *but == **there || *but == **here) {
                continue;
            }
            if let Some(at) = sheet.column(there) {
                sheet.columns[at] = Arc::clone(here);
            }
        }
        sheet
    }

    /// A path of the other side in the names of this one.
    pub(super) fn path(&self, there: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut here = there.to_vec();
        for (path, name) in &self.elements {
            if there.starts_with(path) {
                here[path.len() - 1] = Arc::clone(name);
            }
        }
        here
    }

    /// The name of the other side's column here.
    pub(super) fn column<'n>(&'n self, there: &'n str) -> &'n str {
        let found = self.columns.iter().find(|(known, _)| **known == *there);
        found.map_or(there, |(_, here)| here)
    }
}

fn rename(node: &mut Node, path: &[Arc<str>], name: &Arc<str>) {
    let Some((first, rest)) = path.split_first() else {
        node.name.local = Arc::clone(name);
        return;
    };
    for child in &mut node.children {
        if let Child::Element(child) = child
            && child.name.local == *first
        {
            rename(child, rest, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use concord_sample::tree::Layout;

    fn path(text: &str) -> Vec<Arc<str>> {
        text.split('/').map(Arc::from).collect()
    }

    #[test]
    fn names_within_renamed_elements_are_found() {
        let renames = Renames {
            elements: vec![(path("a/b/c"), "x".into()), (path("a/b"), "y".into())],
            columns: Vec::new(),
        };
        let tree = Node::read("<a><b><c>1</c><d/></b><b/></a>").expect("a document");
        let layout = Layout {
            indent: None,
            declaration: String::new(),
            ..Layout::default()
        };
        let wish = |what| Wish {
            path: path("a/b/c"),
            what,
        };
        let (renamed, there) = renames.in_tree(&tree, Some(&wish(Asked::Text("2".into()))));
        assert_eq!(layout.write(&renamed), "<a><y><x>1</x><d/></y><y/></a>");
        assert_eq!(there.map(|wish| wish.path), Some(path("a/y/x")));
        let (renamed, there) = renames.in_tree(&tree, Some(&wish(Asked::Present)));
        assert_eq!(layout.write(&renamed), "<a><y><c>1</c><d/></y><y/></a>");
        assert_eq!(there.map(|wish| wish.path), Some(path("a/y/c")));
        assert_eq!(renames.path(&path("a/b/c/@d")), path("a/y/x/@d"));
    }
}
