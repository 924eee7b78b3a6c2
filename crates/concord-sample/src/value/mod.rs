//! Values of simple types: made from the built-in type and the facets, kept when all facets take them.

mod check;
mod dates;
mod numbers;
mod patterns;
mod texts;

use std::collections::BTreeMap;

use concord_standards::schema::{Builtin, Facets, Schema, SimpleType, SimpleTypeId, Variety};

use crate::Dice;
pub(crate) use check::Accepts;
use patterns::PatternMaker;

/// Which values are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The shortest text or the smallest number or date.
    Smallest,
    /// The longest text or the greatest number or date.
    Largest,
    /// Any.
    Random,
}

/// Why no value could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The facets leave no value, or none was found in many tries.
    #[error("found no value that all facets of {0} take")]
    None(String),
    /// The type makes no sense.
    #[error("{name}: {reason}")]
    Type {
        /// The type.
        name: String,
        /// Why.
        reason: String,
    },
    /// A pattern could not be read.
    #[error("pattern {pattern:?} of {name} cannot be read: {reason}")]
    Pattern {
        /// The type.
        name: String,
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
}

/// How many candidates are looked at before giving up.
const TRIES: u32 = 400;
/// How deep lists and unions may nest.
const DEPTH: u32 = 16;

/// Makes values of one schema's simple types.
#[derive(Debug)]
pub struct Values<'s> {
    schema: &'s Schema,
    accepts: Accepts<'s>,
    patterns: BTreeMap<String, PatternMaker>,
    made: u64,
}

impl<'s> Values<'s> {
    /// For a schema.
    pub fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            accepts: Accepts::new(schema),
            patterns: BTreeMap::new(),
            made: 0,
        }
    }

    /// The schema whose values are made.
    pub fn schema(&self) -> &'s Schema {
        self.schema
    }

    /// The codes that the type is restricted to; empty when it is not restricted to codes.
    pub fn codes(&self, id: SimpleTypeId) -> &'s [String] {
        let steps = &self.schema.simple_type(id).steps;
        steps
            .iter()
            .rev()
            .find(|step| !step.enumeration.is_empty())
            .map_or(&[], |step| &step.enumeration)
    }

    /// Whether the type takes the text.
    ///
    /// # Errors
    /// [`ValueError::Type`] when the type makes no sense.
    pub fn accepts(&mut self, id: SimpleTypeId, text: &str) -> Result<bool, ValueError> {
        self.accepts.accepts(id, text)
    }

    /// A value of the type.
    ///
    /// # Errors
    /// [`ValueError`] when none was found.
    pub fn make(
        &mut self,
        id: SimpleTypeId,
        extent: Extent,
        dice: &mut Dice,
    ) -> Result<String, ValueError> {
        self.make_within(id, extent, dice, DEPTH)
    }

    fn make_within(
        &mut self,
        id: SimpleTypeId,
        extent: Extent,
        dice: &mut Dice,
        depth: u32,
    ) -> Result<String, ValueError> {
        let simple = self.schema.simple_type(id);
        if depth == 0 {
            return Err(ValueError::None(name_of(simple)));
        }
        let codes = self.codes(id);
        if !codes.is_empty() {
            let start = dice.index(codes.len());
            for code in codes[start..].iter().chain(&codes[..start]) {
                if self.accepts(id, code)? {
                    return Ok(code.clone());
                }
            }
            return Err(ValueError::None(name_of(simple)));
        }
        for attempt in 0..TRIES {
            // An extreme that the facets do not allow is no reason to give up.
            let extent = if attempt < TRIES / 4 {
                extent
            } else {
                Extent::Random
            };
            let candidate = match &simple.variety {
                Variety::Union(members) => {
                    let Some(&member) = dice.pick(members) else {
                        break;
                    };
                    self.make_within(member, extent, dice, depth - 1)?
                }
                Variety::List(item) => self.list(simple, *item, extent, dice, depth)?,
                Variety::Atomic(builtin) => self.atomic(simple, *builtin, extent, dice, attempt)?,
            };
            if self.accepts(id, &candidate)? {
                return Ok(candidate);
            }
        }
        Err(ValueError::None(name_of(simple)))
    }

    fn list(
        &mut self,
        simple: &SimpleType,
        item: SimpleTypeId,
        extent: Extent,
        dice: &mut Dice,
        depth: u32,
    ) -> Result<String, ValueError> {
        let (least, most) = lengths(&simple.steps);
        let count = count_in(least, most.unwrap_or(least + 3), extent, dice);
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.make_within(item, extent, dice, depth - 1)?);
        }
        Ok(items.join(" "))
    }

    fn atomic(
        &mut self,
        simple: &SimpleType,
        builtin: Builtin,
        extent: Extent,
        dice: &mut Dice,
        attempt: u32,
    ) -> Result<String, ValueError> {
        let steps = &simple.steps;
        let patterned = steps.iter().rev().find(|step| !step.patterns.is_empty());
        if let Some(step) = patterned {
            // Numbers, dates and times are better made from what they mean; the pattern only narrows how they are written.
            if texts::is_text(builtin) || attempt % 2 == 1 {
                let pattern = dice.pick(&step.patterns).map_or("", String::as_str);
                let (least, most) = lengths(steps);
                return self.patterned(simple, pattern, least, most, extent, dice);
            }
        }
        self.made += 1;
        Ok(numbers::make(builtin, steps, extent, dice)
            .or_else(|| dates::make(builtin, steps, extent, dice))
            .unwrap_or_else(|| texts::make(builtin, lengths(steps), extent, self.made, dice)))
    }

    fn patterned(
        &mut self,
        simple: &SimpleType,
        pattern: &str,
        least: u64,
        most: Option<u64>,
        extent: Extent,
        dice: &mut Dice,
    ) -> Result<String, ValueError> {
        if !self.patterns.contains_key(pattern) {
            let maker = PatternMaker::new(pattern).map_err(|reason| ValueError::Pattern {
                name: name_of(simple),
                pattern: pattern.to_owned(),
                reason,
            })?;
            self.patterns.insert(pattern.to_owned(), maker);
        }
        let length = count_in(least, most.unwrap_or(least + 8), extent, dice);
        Ok(self
            .patterns
            .get(pattern)
            .map(|maker| maker.make(length, dice))
            .unwrap_or_default())
    }
}

fn name_of(simple: &SimpleType) -> String {
    simple
        .name
        .as_ref()
        .map_or_else(|| "an anonymous type".to_owned(), ToString::to_string)
}

/// Least and greatest length that all steps together allow.
pub(crate) fn lengths(steps: &[Facets]) -> (u64, Option<u64>) {
    let mut least = 0;
    let mut most: Option<u64> = None;
    for step in steps {
        if let Some(length) = step.length {
            return (length, Some(length));
        }
        least = least.max(step.min_length.unwrap_or(0));
        most = match (most, step.max_length) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    (least, most)
}

fn count_in(least: u64, most: u64, extent: Extent, dice: &mut Dice) -> u64 {
    let most = most.max(least);
    match extent {
        Extent::Smallest => least,
        Extent::Largest => most,
        Extent::Random => {
            let most = if dice.once_in(6) {
                most
            } else {
                most.min(least + 12)
            };
            least + dice.below(most - least + 1)
        }
    }
}
