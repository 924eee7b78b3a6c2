//! One `mapping.toml`, read key by key.

use std::ops::Range;
use std::sync::Arc;

use concord_model::entities::{self, Entity, Field, Kind};

use super::repeat::Repeat;
use super::{
    CodeMap, Concluded, Conditions, ElementReference, FieldMapping, KnownTo, RowMapping, RowSeat,
    SetField, Unmapped,
};
use crate::definition::problem::{Problem, Text};
use crate::definition::rules::{Wanted, belongs};
use crate::definition::table::{Reading, Spot, Table};
use crate::schema::Origin;

const ROW: &[&str] = &[
    "entity", "at", "set", "fields", "when", "unless", "repeat", "for", "versions",
];

/// What one file says.
pub(super) struct MappingFile {
    /// Paths of further files, relative to this one, and where they are named.
    pub(super) inherit: Vec<(String, Range<usize>)>,
    pub(super) interchange: Option<ElementReference>,
    pub(super) rows: Vec<RowMapping>,
    pub(super) unmapped: Vec<Unmapped>,
    pub(super) concluded: Vec<Concluded>,
    pub(super) problems: Vec<Problem>,
}

/// Finds a code map by its path.
type CodeMaps<'m> = dyn FnMut(&str) -> Option<Arc<CodeMap>> + 'm;

/// Reads a file and keeps the rows that belong to the standard.
pub(super) fn read(
    text: &Text,
    wanted: Wanted<'_>,
    shared: bool,
    code_maps: &mut CodeMaps<'_>,
) -> MappingFile {
    let reading = Reading::new(text);
    let (document, _) = reading.parse();
    let table = Table::new(&reading, &document);
    table.only(
        "mapping.toml",
        &["inherit", "interchange", "row", "unmapped", "concluded"],
    );
    let mut inherit = Vec::new();
    for spot in table.texts("inherit").unwrap_or_default() {
        inherit.push((spot.text.to_owned(), spot.span));
    }
    let interchange = table
        .text("interchange")
        .and_then(|spot| reference(&reading, &spot, shared));
    let mut rows: Vec<RowMapping> = Vec::new();
    let mut said: Vec<(RowMapping, Repeat)> = Vec::new();
    for table in table.tables("row") {
        let repeat = Repeat::read(&table);
        let Some(row) = read_row(&table, shared, &repeat, code_maps) else {
            continue;
        };
        if !belongs(&table, wanted) {
            continue;
        }
        // At the record, rows of one entity are told apart by what is set.
        let known = said.iter().find(|(known, counted)| {
            known.entity.name == row.entity.name
                && known.at.written() == row.at.written()
                && *counted == repeat
                && known.when == row.when
                && (known.set == row.set || row.at != RowSeat::Record)
        });
        if let Some((known, _)) = known {
            let message = format!(
                "rows of `{}` at this place are said already, in line {}",
                row.entity.name, known.origin.line
            );
            reading.error(table.head(), message);
        }
        rows.extend(
            repeat
                .each()
                .into_iter()
                .map(|numbers| row.numbered(numbers)),
        );
        said.push((row, repeat));
    }
    let unmapped = table.tables("unmapped");
    let unmapped = unmapped.iter().filter_map(|table| {
        table.only(
            "what is not mapped",
            &["elements", "why", "repeat", "for", "versions"],
        );
        let repeat = Repeat::read(table);
        let elements = references(table, "elements", shared);
        let why = table.required("what is not mapped", "why");
        if elements.is_empty() {
            let message = "what is not mapped must name its `elements`".to_owned();
            reading.error(table.head(), message);
        }
        let unmapped = Unmapped {
            elements,
            why: why?.text.into(),
            origin: table.origin(),
        };
        repeat.check(table, &unmapped.elements);
        let unmapped = unmapped.of_each(&repeat);
        belongs(table, wanted).then_some(unmapped)
    });
    let unmapped = unmapped.collect();
    let concluded = table.tables("concluded");
    let concluded = concluded
        .iter()
        .filter_map(|table| Concluded::read(table).filter(|_| belongs(table, wanted)));
    let concluded = concluded.collect();
    MappingFile {
        inherit,
        interchange,
        rows,
        unmapped,
        concluded,
        problems: reading.into_problems(),
    }
}

fn read_row(
    table: &Table<'_>,
    shared: bool,
    repeat: &Repeat,
    code_maps: &mut CodeMaps<'_>,
) -> Option<RowMapping> {
    table.only("a row", ROW);
    let name = table.required("a row", "entity")?;
    let Some(entity) = entities::entity(name.text) else {
        let known = entities::ENTITIES.iter().map(|entity| entity.name);
        table.reading.unknown(&name, "entity", known);
        return None;
    };
    let set = set(table, entity);
    let mut fields = fields(table, entity, shared, code_maps);
    if let Some(mark) = repeat.innermost() {
        // What has no number of its own is said of all the rows.
        for field in &mut fields {
            let mut places = field.from.iter().chain(&field.also);
            field.own &= places.any(|place| place.text.contains(mark));
        }
    }
    for constant in &set {
        if fields.iter().any(|field| field.field == constant.field) {
            let message = format!("`{}` is set, and mapped too", constant.field.name);
            table.error("set", message);
        }
    }
    if set.is_empty() && fields.is_empty() {
        let message = "a row must have `fields`, or `set` something".to_owned();
        table.reading.error(table.head(), message);
    }
    let row = RowMapping {
        entity,
        at: seat(table, shared)?,
        set,
        when: Conditions::read(table, shared),
        fields,
        numbers: Vec::new(),
        origin: table.origin(),
        shared,
    };
    let at = match &row.at {
        RowSeat::Groups(groups) => groups.as_slice(),
        RowSeat::Submission | RowSeat::Record => &[],
    };
    let of_fields = row.fields.iter();
    let of_fields = of_fields.flat_map(|field| field.from.iter().chain(&field.also));
    repeat.check(table, at.iter().chain(of_fields));
    Some(row)
}

fn seat(table: &Table<'_>, shared: bool) -> Option<RowSeat> {
    if !table.has("at") {
        let message = "a row must say what it stands `at`".to_owned();
        let help = "write \"record\", \"submission\", or the groups whose occurrences make rows";
        table
            .reading
            .error_with_help(table.head(), message, help.to_owned());
        return None;
    }
    let spots = table.texts("at")?;
    if let [only] = spots.as_slice() {
        match only.text {
            "submission" => return Some(RowSeat::Submission),
            "record" => return Some(RowSeat::Record),
            _ => {}
        }
    }
    let groups = references(table, "at", shared);
    if groups.is_empty() {
        table.error("at", "a row stands `at` something".to_owned());
    }
    (!groups.is_empty()).then_some(RowSeat::Groups(groups))
}

/// The constants. Only texts and codes can be constant: what else a row says comes from the record.
pub(super) fn set(table: &Table<'_>, entity: &'static Entity) -> Vec<SetField> {
    let Some(set) = table.has("set").then(|| table.table("set")).flatten() else {
        return Vec::new();
    };
    let mut constants = Vec::new();
    for (key, value) in set.entries {
        let name = key.get_ref().as_ref();
        let Some(field) = field(&set, entity, name, key.span()) else {
            continue;
        };
        if !matches!(field.kind, Kind::Text | Kind::Code { .. }) {
            let message = format!("`{name}` is a {}, not a text", field.kind.name());
            set.reading.error(value.span(), message);
            continue;
        }
        let mut values = set.texts(name).unwrap_or_default().into_iter();
        match values.next() {
            Some(value) => constants.push(SetField {
                field,
                value: value.text.into(),
                others: values.map(|other| other.text.into()).collect(),
            }),
            None => set.error(name, format!("`{name}` must have a value")),
        }
    }
    constants.sort_by_key(|constant| constant.field.name);
    constants
}

fn fields(
    table: &Table<'_>,
    entity: &'static Entity,
    shared: bool,
    code_maps: &mut CodeMaps<'_>,
) -> Vec<FieldMapping> {
    let Some(fields) = table.has("fields").then(|| table.table("fields")).flatten() else {
        return Vec::new();
    };
    let mut mappings = Vec::new();
    for (key, value) in fields.entries {
        let name = key.get_ref().as_ref();
        let Some(field) = field(&fields, entity, name, key.span()) else {
            continue;
        };
        let origin = fields.reading.origin(key.span().start);
        let mapping = match fields.as_table(value) {
            Some(said) => detailed(&said, field, shared, code_maps, origin),
            None => FieldMapping {
                field,
                from: references(&fields, name, shared),
                also: Vec::new(),
                codes: None,
                first: None,
                when: Conditions::default(),
                known_to: KnownTo::default(),
                identifies_nobody: false,
                own: true,
                origin,
            },
        };
        if mapping.from.is_empty() {
            let message = format!("`{name}` must say where its value comes `from`");
            fields.reading.error(key.span(), message);
        }
        mappings.push(mapping);
    }
    mappings.sort_by_key(|mapping| mapping.origin.line);
    mappings
}

/// `{ first = …, when = …, from = …, also = …, codes = …, own = …, year = …, month = … }`.
fn detailed(
    table: &Table<'_>,
    field: &'static Field,
    shared: bool,
    code_maps: &mut CodeMaps<'_>,
    origin: Origin,
) -> FieldMapping {
    table.only(
        "a field",
        &[
            "from", "also", "codes", "own", "first", "when", "unless", "year", "month", "personal",
        ],
    );
    if table.flag("personal") == Some(true) {
        let message = "what is personal is said by the standard and the model".to_owned();
        table.error("personal", message);
    }
    let codes = table.text("codes").and_then(|spot| {
        if !matches!(field.kind, Kind::Text | Kind::Code { .. }) {
            let message = format!("`{}` is a {}, not a code", field.name, field.kind.name());
            table.error("codes", message);
        }
        let map = code_maps(spot.text);
        if map.is_none() {
            let message = format!("there is no file {}", spot.text);
            let help = "a code map is named by its path from the root of the definitions";
            table
                .reading
                .error_with_help(spot.span, message, help.to_owned());
        }
        map
    });
    let known_to = KnownTo::read(table, shared);
    if !known_to.is_day() && field.kind != Kind::PartialDate {
        let message = format!(
            "`{}` is a {}, not a day that may be known in part",
            field.name,
            field.kind.name()
        );
        let key = if known_to.year.is_empty() {
            "month"
        } else {
            "year"
        };
        table.error(key, message);
    }
    FieldMapping {
        field,
        from: references(table, "from", shared),
        also: references(table, "also", shared),
        codes,
        first: references(table, "first", shared).into_iter().next(),
        when: Conditions::read(table, shared),
        known_to,
        identifies_nobody: table.flag("personal") == Some(false),
        own: table.flag("own").unwrap_or(true),
        origin,
    }
}

fn field(
    table: &Table<'_>,
    entity: &'static Entity,
    name: &str,
    span: Range<usize>,
) -> Option<&'static Field> {
    let found = entity.field(name);
    if found.is_none() {
        let what = format!("field of {}", entity.name);
        let known = entity.fields.iter().map(|field| field.name);
        let spot = Spot { text: name, span };
        table.reading.unknown(&spot, &what, known);
    }
    found
}

fn references(table: &Table<'_>, key: &str, shared: bool) -> Vec<ElementReference> {
    let mut references = Vec::new();
    for spot in table.texts(key).unwrap_or_default() {
        references.extend(reference(table.reading, &spot, shared));
    }
    references
}

pub(super) fn reference(
    reading: &Reading<'_>,
    spot: &Spot<'_>,
    shared: bool,
) -> Option<ElementReference> {
    if spot.text.split('/').any(str::is_empty) {
        let message = format!("`{}` is not a reference to an element", spot.text);
        let help = "a reference is a name, @name for an attribute, or names with `/` between them";
        reading.error_with_help(spot.span.clone(), message, help.to_owned());
        return None;
    }
    Some(ElementReference {
        text: spot.text.into(),
        origin: reading.origin(spot.span.start),
        shared,
    })
}
