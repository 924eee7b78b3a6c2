//! What can be said against a mapping, held against the structure that it maps and the model that it maps to.
//!
//! Forwards: every reference leads to something (in a shared file, in one of the versions that inherit it), unambiguously,
//! whose values fit the field; what identifies a person is marked so in the model. Backwards: every element with text is
//! mapped, or stands among those that are not with a reason.

use std::collections::{BTreeMap, BTreeSet};

use concord_check::places::{PlaceId, Reference, Shape};
use concord_check::wanted::{RECORD, SUBMISSION, Tables};
use concord_model::entities::{Field, Kind};
use concord_standards::definition::{
    Compact, Condition, Definition, ElementReference, FieldMapping, Files, Mapping, Problem,
    RowMapping, RowSeat, Severity, is_point,
};
use concord_standards::schema::{Builtin, Origin, Schema, Variety};

use super::coverage;
use crate::mapped::takes_points;

/// Everything that can be said against a mapping, by file and line.
pub fn lint(definition: &Definition, mapping: &Mapping) -> Vec<Problem> {
    let shape = Shape::new(&definition.schema, &definition.standard.record.elements);
    let mut linting = Linting {
        schema: &definition.schema,
        tables: Tables::new(&shape),
        files: &mapping.files,
        named: BTreeSet::new(),
        problems: mapping.lint(),
    };
    for row in &mapping.rows {
        linting.row(row);
    }
    if let Some(interchange) = &mapping.interchange {
        linting.reference(interchange, &[SUBMISSION]);
    }
    let Linting {
        named,
        mut problems,
        ..
    } = linting;
    problems.extend(coverage::problems(definition, mapping, &shape, &named));
    problems.sort_by(|left, right| {
        (&left.file, left.line, &left.message).cmp(&(&right.file, right.line, &right.message))
    });
    problems.dedup();
    problems
}

/// The references of a mapping that lead somewhere. Those of shared files must do so in one of the versions at least.
pub fn leading(definition: &Definition, mapping: &Mapping) -> BTreeMap<(String, String), bool> {
    let shape = Shape::new(&definition.schema, &definition.standard.record.elements);
    let leads = |reference: &ElementReference| {
        Reference::read(&reference.text).is_some_and(|read| !shape.candidates(&read).is_empty())
    };
    let groups = mapping.rows.iter().flat_map(|row| match &row.at {
        RowSeat::Groups(groups) => groups.as_slice(),
        RowSeat::Submission | RowSeat::Record => &[],
    });
    let fields = mapping.rows.iter().flat_map(|row| &row.fields);
    let unmapped = mapping.unmapped.iter().flat_map(|said| &said.elements);
    groups
        .chain(fields.flat_map(|field| field.from.iter().chain(&field.also)))
        .chain(unmapped)
        .map(|reference| {
            let file = reference.origin.file.to_string();
            ((file, reference.text.to_string()), leads(reference))
        })
        .collect()
}

struct Linting<'l> {
    schema: &'l Schema,
    tables: Tables<'l>,
    files: &'l Files,
    /// Places that the mapping names.
    named: BTreeSet<PlaceId>,
    problems: Vec<Problem>,
}

impl Linting<'_> {
    fn error(&mut self, origin: &Origin, message: String, help: Option<String>) {
        self.problems
            .push(problem(self.files, origin, message, help));
    }

    fn row(&mut self, row: &RowMapping) {
        let mut seats = Vec::new();
        match &row.at {
            RowSeat::Submission => seats.push(SUBMISSION),
            RowSeat::Record => seats.push(RECORD),
            RowSeat::Groups(groups) => {
                for group in groups {
                    match self.tables.group(&group.text) {
                        Ok(table) => seats.push(table),
                        Err(_) if group.shared => {}
                        Err(problem) => self.error(&group.origin, problem.message, problem.help),
                    }
                }
            }
        }
        if seats.is_empty() {
            return;
        }
        self.conditions(row.when.all(), &seats);
        for field in &row.fields {
            match &field.first {
                None => self.field(field, &seats),
                Some(first) => match self.tables.group(&first.text) {
                    Ok(group) => self.field(field, &[group]),
                    Err(_) if first.shared => {}
                    Err(problem) => self.error(&first.origin, problem.message, problem.help),
                },
            }
        }
    }

    /// Elements that conditions look at are not thereby carried.
    fn conditions<'c>(&mut self, conditions: impl Iterator<Item = &'c Condition>, seats: &[usize]) {
        let named = self.named.clone();
        for condition in conditions {
            self.reference(&condition.element, seats);
        }
        self.named = named;
    }

    fn field(&mut self, field: &FieldMapping, seats: &[usize]) {
        self.conditions(field.when.all(), seats);
        self.conditions(field.known_to.all(), seats);
        let mut found: Vec<(&ElementReference, BTreeSet<PlaceId>)> = Vec::new();
        for reference in &field.from {
            let places = self.reference(reference, seats);
            self.fits(field, reference, &places);
            found.push((reference, places));
        }
        for reference in &field.also {
            let places = self.reference(reference, seats);
            self.fits(field, reference, &places);
        }
        for (index, (_, ones)) in found.iter().enumerate() {
            for (reference, others) in &found[index + 1..] {
                self.exclusive(reference, ones, others);
            }
        }
    }

    /// The places that a reference leads to from the rows of these tables.
    fn reference(&mut self, reference: &ElementReference, seats: &[usize]) -> BTreeSet<PlaceId> {
        let mut places = BTreeSet::new();
        if reference.shared && !self.tables.is_known(&reference.text) {
            return places;
        }
        let mut refused = None;
        for &seat in seats {
            match self.tables.resolve(&reference.text, seat) {
                Ok(cell) => {
                    let column = &self.tables.tables[cell.table].columns[cell.column];
                    places.extend(column.places.iter().copied());
                }
                Err(problem) => {
                    // What is there and still cannot be resolved is ambiguous, which no other version mends.
                    if !reference.shared || self.tables.can_resolve(&reference.text, seat) {
                        refused = Some(problem);
                    }
                }
            }
        }
        if let Some(problem) = refused.filter(|_| places.is_empty()) {
            self.error(&reference.origin, problem.message, problem.help);
        }
        self.named.extend(&places);
        places
    }

    /// Several places of one field are places of which a row can hold one.
    fn exclusive(
        &mut self,
        reference: &ElementReference,
        ones: &BTreeSet<PlaceId>,
        others: &BTreeSet<PlaceId>,
    ) {
        let shape = self.tables.shape;
        let both = ones.iter().find_map(|&one| {
            let other = others
                .iter()
                .find(|&&other| one != other && !shape.exclusive(one, other))?;
            Some((one, *other))
        });
        if let Some((one, other)) = both {
            let message = format!(
                "a row can hold both {} and {}, and the field has room for one",
                shape.shown(one),
                shape.shown(other)
            );
            self.error(&reference.origin, message, None);
        }
    }

    fn fits(
        &mut self,
        mapping: &FieldMapping,
        reference: &ElementReference,
        places: &BTreeSet<PlaceId>,
    ) {
        let field: &Field = mapping.field;
        for &id in places {
            let place = self.tables.shape.place(id);
            let Some(text) = place.text else {
                continue;
            };
            let simple = self.schema.simple_type(text);
            let builtin = match &simple.variety {
                Variety::Atomic(builtin) => *builtin,
                Variety::List(_) | Variety::Union(_) => Builtin::String,
            };
            let personal = place.personal && !field.personal && !mapping.identifies_nobody;
            let compact = simple.format.as_deref().and_then(Compact::of);
            let point = simple.format.as_deref().is_some_and(is_point) && takes_points(field.kind);
            if !fits(field.kind, builtin) && !fits_compact(field.kind, compact) && !point {
                let message = format!(
                    "`{}` is a {}, and {} is {}",
                    field.name,
                    field.kind.name(),
                    self.tables.shape.shown(id),
                    builtin.name()
                );
                self.error(&reference.origin, message, None);
                return;
            }
            if personal {
                let message = format!(
                    "{} identifies a person, and the field `{}` is not marked so",
                    self.tables.shape.shown(id),
                    field.name
                );
                self.error(&reference.origin, message, None);
                return;
            }
            if let (Kind::Code { list }, Some(known), None) =
                (field.kind, &simple.code_list, &mapping.codes)
                && !list.is_empty()
                && *list != **known
            {
                let message = format!(
                    "`{}` is of the code list `{list}`, and {} of `{known}`",
                    field.name,
                    self.tables.shape.shown(id)
                );
                self.error(&reference.origin, message, None);
                return;
            }
        }
    }
}

/// Whether values of a built-in type can stand in a field. Numbers may come as texts: standards write them with a fixed
/// number of digits.
fn fits(kind: Kind, builtin: Builtin) -> bool {
    let text = matches!(
        builtin,
        Builtin::String | Builtin::NormalizedString | Builtin::Token
    );
    let number = !text && builtin.is_integer();
    match kind {
        Kind::Text | Kind::Code { .. } => true,
        Kind::Date => builtin == Builtin::Date,
        Kind::Time => builtin == Builtin::Time,
        Kind::Moment => builtin == Builtin::DateTime,
        Kind::PartialDate => text || builtin == Builtin::Date,
        // What should be a whole number and is not written as one is told as lost.
        Kind::Integer | Kind::Decimal { .. } => text || number || builtin == Builtin::Decimal,
        Kind::Boolean => builtin == Builtin::Boolean,
    }
}

/// Whether days and times that are written without signs between their parts can stand in a field.
fn fits_compact(kind: Kind, compact: Option<Compact>) -> bool {
    match kind {
        Kind::Date => compact.is_some_and(Compact::is_day),
        Kind::Time => compact == Some(Compact::Time),
        _ => false,
    }
}

/// An error about a line of a mapping file.
pub(super) fn problem(
    files: &Files,
    origin: &Origin,
    message: String,
    help: Option<String>,
) -> Problem {
    let text = files.get(&origin.file).map_or("", |text| &**text);
    let line = origin.line.saturating_sub(1) as usize;
    let mut start = 0;
    let mut length = 0;
    for (number, found) in text.split_inclusive('\n').enumerate() {
        length = found.trim_end().len();
        if number == line {
            break;
        }
        start += found.len();
    }
    Problem {
        severity: Severity::Error,
        file: origin.file.clone(),
        line: origin.line,
        column: 1,
        span: start..start + length,
        message,
        help,
    }
}
