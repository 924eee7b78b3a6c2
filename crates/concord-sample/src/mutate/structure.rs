//! Changes of elements: left out, added, out of place, out of order.

use concord_standards::schema::QName;

use super::{Change, Changed};
use crate::tree::{Child, Node};

/// A child of `place`'s parent, and the parent's place.
fn split(place: &[usize]) -> Option<(&[usize], usize)> {
    place.split_last().map(|(last, parent)| (parent, *last))
}

pub(super) fn missing(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|_, place| !place.is_empty())?;
    let (parent, index) = split(&place)?;
    let mut tree = change.instance.clone();
    tree.at_mut(parent)?.children.remove(index);
    change.tree(&tree, &place, "left out")
}

pub(super) fn unknown(change: &mut Change<'_>) -> Option<Changed> {
    let parent =
        change.place(|node, _| node.elements().next().is_some() || node.children.is_empty())?;
    let mut tree = change.instance.clone();
    let node = tree.at_mut(&parent)?;
    let mut extra = Node::new(QName::new(node.name.namespace.clone(), "Unheard_Of"));
    if change.dice.percent(50) {
        extra.children.push(Child::Text("1".to_owned()));
    }
    let at = change.dice.index(node.children.len() + 1);
    node.children.insert(at, Child::Element(extra));
    change.tree(&tree, &parent, format!("Unheard_Of put in as child {at}"))
}

pub(super) fn duplicated(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|_, place| !place.is_empty())?;
    let (parent, index) = split(&place)?;
    let mut tree = change.instance.clone();
    let children = &mut tree.at_mut(parent)?.children;
    let copy = children.get(index)?.clone();
    children.insert(index, copy);
    change.tree(&tree, &place, "stands twice")
}

pub(super) fn swapped(change: &mut Change<'_>) -> Option<Changed> {
    let instance = change.instance;
    let place = change.place(|_, place| {
        split(place).is_some_and(|(parent, index)| {
            instance
                .at(parent)
                .is_some_and(|node| matches!(node.children.get(index + 1), Some(Child::Element(_))))
        })
    })?;
    let (parent, index) = split(&place)?;
    let mut tree = change.instance.clone();
    tree.at_mut(parent)?.children.swap(index, index + 1);
    change.tree(&tree, &place, "changed places with the next")
}

pub(super) fn renamed(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|_, _| true)?;
    let mut tree = change.instance.clone();
    let node = tree.at_mut(&place)?;
    let mut name: Vec<char> = node.name.local.chars().collect();
    let at = change.dice.index(name.len());
    let letter = name.get_mut(at)?;
    *letter = match *letter {
        'x' => 'y',
        upper if upper.is_ascii_uppercase() => upper.to_ascii_lowercase(),
        _ => 'x',
    };
    let name: String = name.into_iter().collect();
    node.name.local = name.as_str().into();
    change.tree(&tree, &place, format!("renamed {name}"))
}

pub(super) fn moved(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|_, place| !place.is_empty())?;
    let (parent, index) = split(&place)?;
    let mut tree = change.instance.clone();
    let taken = tree.at_mut(parent)?.children.remove(index);
    let targets: Vec<Vec<usize>> = tree
        .places()
        .into_iter()
        .filter(|place| {
            tree.at(place)
                .is_some_and(|node| node.elements().next().is_some())
        })
        .collect();
    // Half of the time within the parent, where it is hardest to see.
    let target = if change.dice.percent(50) {
        parent.to_vec()
    } else {
        change.dice.pick(&targets)?.clone()
    };
    let node = tree.at_mut(&target)?;
    let at = change.dice.index(node.children.len() + 1);
    node.children.insert(at, taken);
    let description = format!("moved to {} as child {at}", change.instance.path(&target));
    change.tree(&tree, &place, description)
}

pub(super) fn repeated(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, place| {
        !place.is_empty() && node.at_most.is_some_and(|most| (1..1001).contains(&most))
    })?;
    let (parent, index) = split(&place)?;
    let mut tree = change.instance.clone();
    let most = tree.at(&place)?.at_most? as usize;
    let name = tree.at(&place)?.name.clone();
    let children = &mut tree.at_mut(parent)?.children;
    let there = children
        .iter()
        .filter(|child| matches!(child, Child::Element(node) if node.name == name))
        .count();
    let copy = children.get(index)?.clone();
    // Exactly the greatest number is as worth trying as one more.
    let wanted = if change.dice.percent(25) {
        most
    } else {
        most + 1
    };
    for _ in there..wanted {
        children.insert(index, copy.clone());
    }
    change.tree(
        &tree,
        &place,
        format!("stands {wanted} times, {most} allowed"),
    )
}

pub(super) fn emptied(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| node.elements().next().is_some())?;
    let mut tree = change.instance.clone();
    tree.at_mut(&place)?.children.clear();
    change.tree(&tree, &place, "emptied")
}

pub(super) fn grafted(change: &mut Change<'_>) -> Option<Changed> {
    let place =
        change.place(|node, place| !place.is_empty() && node.elements().next().is_some())?;
    let other = change.place(|_, other| {
        !other.is_empty() && !other.starts_with(&place) && !place.starts_with(other)
    })?;
    let mut tree = change.instance.clone();
    let content = change.instance.at(&other)?.children.clone();
    tree.at_mut(&place)?.children = content;
    let description = format!("has the content of {}", change.instance.path(&other));
    change.tree(&tree, &place, description)
}
