//! The places of a structure, and what of the model stands in each.

use std::sync::Arc;

use concord_check::places::{PlaceId, Shape};
use concord_model::entities::Entity;
use concord_standards::definition::CodeMap;

/// Number of a source among those of the plan.
pub(super) type SourceId = usize;

/// Groups whose occurrences are rows of an entity.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) entity: &'static Entity,
    /// What rows say that go here: number of the field and its values, that first which rows made here have.
    pub(super) constants: Vec<(usize, Vec<Arc<str>>)>,
    /// The fields that are written, and where.
    pub(super) fields: Vec<(usize, Vec<PlaceId>)>,
}

impl Source {
    /// Whether rows that are made here say that.
    pub(super) fn says(&self, field: usize, value: &str) -> bool {
        let mut constants = self.constants.iter();
        let said = constants.find(|(other, _)| *other == field);
        said.and_then(|(_, values)| values.first())
            .is_some_and(|said| **said == *value)
    }
}

/// What gives a place its text.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) source: SourceId,
    pub(super) field: usize,
    pub(super) codes: Option<Arc<CodeMap>>,
    /// Whether the place stands outside the source's groups, so that all their rows share it.
    pub(super) shared: bool,
    /// Whether the place repeats what stands elsewhere.
    pub(super) again: bool,
}

/// Where a place stands to the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    /// Inside one, or beside them.
    None,
    /// They lie in it.
    Inside,
    /// It is one.
    Itself,
}

/// An element or attribute in one place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: Arc<str>,
    pub(super) parent: Option<PlaceId>,
    /// Whether it is a record or repeats, so that what lies in one occurrence belongs together.
    pub(super) frame: bool,
    pub(super) personal: bool,
    pub(super) records: Records,
    /// What stands in it, by name; attributes with `@` before it.
    children: Vec<(Arc<str>, PlaceId)>,
    /// Sources whose rows its occurrences are.
    pub(super) seats: Vec<SourceId>,
    /// Sources without fields: it stands only in records with such a row.
    pub(super) conditions: Vec<SourceId>,
    pub(super) providers: Vec<Provider>,
}

impl Place {
    pub(super) fn child(&self, name: &str) -> Option<PlaceId> {
        let found = self
            .children
            .binary_search_by(|(other, _)| (**other).cmp(name));
        found.ok().map(|index| self.children[index].1)
    }
}

/// The places of a structure, in document order, with nothing in them yet.
pub(super) fn places(shape: &Shape<'_>) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(shape.places.len());
    for (index, place) in shape.places.iter().enumerate() {
        let id = index as PlaceId;
        places.push(Place {
            name: Arc::clone(&place.name),
            parent: place.parent,
            frame: place.repeats || place.record == Some(id),
            personal: place.personal,
            records: Records::None,
            children: Vec::new(),
            seats: Vec::new(),
            conditions: Vec::new(),
            providers: Vec::new(),
        });
        if let Some(parent) = place.parent {
            places[parent as usize]
                .children
                .push((Arc::clone(&place.name), id));
        }
        if place.record == Some(id) {
            for above in shape.upwards(id).skip(1) {
                places[above as usize].records = Records::Inside;
            }
            places[index].records = Records::Itself;
        }
    }
    for place in &mut places {
        place.children.sort();
    }
    places
}
