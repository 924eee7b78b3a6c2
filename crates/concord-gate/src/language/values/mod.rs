//! Inclusion of simple types.

mod battery;
mod implied;
mod lexical;
mod machine;
mod shape;
mod walk;

use concord_standards::compile::CompiledSchema;
use concord_standards::schema::SimpleTypeId;
use concord_standards::value::ValueChecker;

use super::Inclusion;
use shape::Shape;

/// Whether NEW takes every text that OLD takes; if not, a text that OLD takes and NEW refuses: a shortest one (in UTF-8) where
/// everything is decided exactly, letters and digits before other characters.
///
/// Texts are those that XML 1.0 can hold (its production `Char`), before white space is treated. Decided exactly: patterns,
/// lengths, enumerations, white space, digits and bounds of decimal numbers, bounds of dates and times without a time zone,
/// lists and unions of these. Where values with a time zone that lie within a year of a bound, floating numbers and durations
/// are bounded or enumerated, the answer rests on facets that imply each other and on values tried, and may be
/// [`Inclusion::Unknown`]; so it may where patterns make too large an automaton. A witness was given to both checkers
/// before it is returned.
///
/// # Panics
/// When an id is not of its schema, as [`CompiledSchema::value`] does.
pub fn values(
    old: (&CompiledSchema, SimpleTypeId),
    new: (&CompiledSchema, SimpleTypeId),
) -> Inclusion<String> {
    let (old_shape, new_shape) = (
        Shape::of(&old.0.schema, old.1),
        Shape::of(&new.0.schema, new.1),
    );
    let both = Both {
        old: old.0.value(old.1),
        new: new.0.value(new.1),
    };
    if implied::included(&old_shape, &new_shape) {
        return Inclusion::Included;
    }
    let reason = match walk::walk(&old_shape, &new_shape, &both) {
        walk::Outcome::Included => return Inclusion::Included,
        walk::Outcome::Not(witness) => return Inclusion::Not(witness),
        walk::Outcome::Undecided(reason) => reason,
    };
    match battery::try_values(old, &old_shape, &new_shape, &both) {
        Some(witness) => Inclusion::Not(witness),
        None => Inclusion::Unknown(reason),
    }
}

/// The checkers of the two sides.
struct Both<'c> {
    old: &'c ValueChecker,
    new: &'c ValueChecker,
}

impl Both<'_> {
    /// Whether OLD takes the text and NEW refuses it.
    fn confirm(&self, text: &str) -> bool {
        self.old.check(text).is_ok() && self.new.check(text).is_err()
    }
}
