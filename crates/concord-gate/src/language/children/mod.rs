//! Inclusion of content models.

mod all;
mod letters;
mod side;
mod walk;

use concord_standards::compile::{Automaton, CompiledSchema, Label, Model};
use concord_standards::schema::{ComplexTypeId, ElementId, QName};

use super::Inclusion;
use letters::{Letter, Letters};
use side::{Side, Spot};
use walk::Found;

/// Longest sequence of children that is given as a witness.
const LONGEST: u64 = 100_000;

/// Whether the content model of NEW takes every sequence of children that OLD's takes; if not, a shortest sequence that OLD takes and
/// NEW refuses, by OLD's names.
///
/// `same` says which elements correspond; it should pair each old element with at most one new one. What stands inside the
/// children, attributes and text between them are looked at elsewhere. Wildcards count by namespace and, where they are strict, by global
/// declarations; where NEW would check what a wildcard of OLD let through unchecked, the answer is [`Inclusion::Unknown`].
///
/// # Panics
/// When an id is not of its schema, as [`CompiledSchema::model`] does.
pub fn children(
    old: (&CompiledSchema, ComplexTypeId),
    new: (&CompiledSchema, ComplexTypeId),
    same: &dyn Fn(ElementId, ElementId) -> bool,
) -> Inclusion<Vec<QName>> {
    let (old_model, new_model) = (old.0.model(old.1), new.0.model(new.1));
    let letters = match Letters::of((old.0, old_model), (new.0, new_model), same) {
        Ok(letters) => letters,
        Err(reason) => return Inclusion::Unknown(reason),
    };
    let found = match (old_model, new_model) {
        (Model::Ordered { automaton: old, .. }, Model::Ordered { automaton: new, .. })
            if alike(old, new) && letters.correspond() =>
        {
            Found::Included { doubt: None }
        }
        (Model::All { group: old, .. }, Model::All { group: new, .. }) => {
            match all::witness(old, new, &letters.all) {
                Some(witness) => Found::Not(witness.into_iter().map(|it| (it, 1)).collect()),
                None => Found::Included { doubt: None },
            }
        }
        (Model::All { .. }, _) => {
            // Any number of its children in any order is more than the group takes; often even that is taken.
            match walk::walk(&Side::AnyOf, &Side::of(new_model), &letters.all) {
                included @ Found::Included { .. } => included,
                _ => walk::walk(&Side::of(old_model), &Side::of(new_model), &letters.all),
            }
        }
        (_, Model::All { group, .. }) => {
            // An `all` group takes what each of its slots is content with.
            let sides = Side::slots(group);
            let found = sides
                .iter()
                .map(|side| walk::walk(&Side::of(old_model), side, &letters.all));
            found
                .reduce(Found::worse)
                .unwrap_or(Found::Included { doubt: None })
        }
        _ => walk::walk(&Side::of(old_model), &Side::of(new_model), &letters.all),
    };
    let witness = match found {
        Found::Included { doubt: None } => return Inclusion::Included,
        Found::Included { doubt: Some(name) } => {
            return Inclusion::Unknown(format!(
                "`{name}` is let through unchecked by a wildcard of the old model, or by one of the new model as another declaration: \
                 what it holds is not compared"
            ));
        }
        Found::TooLarge(reason) => return Inclusion::Unknown(reason),
        Found::Not(witness) => witness,
    };
    let length: u64 = witness.iter().map(|(_, times)| times).sum();
    if length > LONGEST {
        return Inclusion::Unknown(format!(
            "the shortest sequence that tells the models apart has {length} children"
        ));
    }
    let sequence: Vec<&Letter> = witness
        .iter()
        .flat_map(|(letter, times)| std::iter::repeat_n(&letters.all[*letter], *times as usize))
        .collect();
    let taken = takes(&Side::of(old_model), &sequence, |letter| &letter.old);
    let refused = !takes(&Side::of(new_model), &sequence, |letter| &letter.new);
    if taken && refused {
        Inclusion::Not(sequence.into_iter().map(|it| it.name.clone()).collect())
    } else {
        Inclusion::Unknown("the sequence that was found could not be confirmed".to_owned())
    }
}

/// Whether two automata are the same but for what their labels mean.
fn alike(old: &Automaton, new: &Automaton) -> bool {
    let states = |automaton: &Automaton| -> Vec<_> {
        let each = automaton.states.iter();
        each.map(|it| (it.first, it.count, it.accepting, it.counter))
            .collect()
    };
    old.transitions == new.transitions && states(old) == states(new)
}

/// Whether a content model takes a sequence of children, by their names. What stands inside them is not looked at.
///
/// # Panics
/// When the id is not of the schema, as [`CompiledSchema::model`] does.
pub fn takes_children(compiled: &CompiledSchema, id: ComplexTypeId, names: &[QName]) -> bool {
    let model = compiled.model(id);
    let labels: Vec<Vec<Label>> = names
        .iter()
        .map(|name| letters::labels_of_name(compiled, model, name))
        .collect();
    let sequence: Vec<&Vec<_>> = labels.iter().collect();
    takes(&Side::of(model), &sequence, |labels| labels.as_slice())
}

/// Takes a sequence child by child.
fn takes<T>(side: &Side<'_>, sequence: &[&T], labels: impl Fn(&T) -> &[Label]) -> bool {
    let end = sequence.iter().try_fold(side.start(), |spot, item| {
        match side.step(spot, labels(item)) {
            Spot::Refused => None,
            spot => Some(spot),
        }
    });
    end.is_some_and(|spot| side.accepts(spot))
}
