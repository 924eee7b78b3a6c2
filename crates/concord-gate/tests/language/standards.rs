//! Every type of the official XSDs and of the shipped standards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_gate::language::{Inclusion, children, takes_children, values};
use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{ComplexTypeId, ElementId, Schema, SimpleTypeId};

use crate::support::{official, shipped};

/// The definitions that are shipped and the official XSDs, each with a name.
fn all() -> Vec<(String, CompiledSchema)> {
    let registry = shipped();
    let mut schemas: Vec<(String, Schema)> = registry
        .list()
        .iter()
        .map(|info| {
            let name = format!("{}@{}", info.id, info.version);
            let definition = registry.load(&name).expect("a shipped definition is read");
            (name, definition.schema)
        })
        .collect();
    schemas.extend(
        official()
            .into_iter()
            .map(|(name, schema)| (name.to_owned(), schema)),
    );
    let compiled = schemas.into_iter().map(|(name, schema)| {
        let compiled = CompiledSchema::compile(Arc::new(schema)).expect("a schema that compiles");
        (name, compiled)
    });
    compiled.collect()
}

fn simple_ids(schema: &CompiledSchema) -> impl Iterator<Item = SimpleTypeId> + use<> {
    (0..schema.schema.simple_types.len() as u32).map(SimpleTypeId)
}

fn complex_ids(schema: &CompiledSchema) -> impl Iterator<Item = ComplexTypeId> + use<> {
    (0..schema.schema.complex_types.len() as u32).map(ComplexTypeId)
}

#[test]
fn every_type_includes_itself_soon() {
    for (name, schema) in all() {
        let started = Instant::now();
        let mut slowest = (Duration::ZERO, String::new());
        let mut types = 0;
        for id in simple_ids(&schema) {
            let began = Instant::now();
            assert_eq!(
                values((&schema, id), (&schema, id)),
                Inclusion::Included,
                "{name}: {id:?}"
            );
            let what = format!("{:?}", schema.schema.simple_type(id).name);
            slowest = slowest.max((began.elapsed(), what));
            types += 1;
        }
        for id in complex_ids(&schema) {
            let began = Instant::now();
            let same = |old: ElementId, new: ElementId| old == new;
            assert_eq!(
                children((&schema, id), (&schema, id), &same),
                Inclusion::Included,
                "{name}: {id:?}"
            );
            let what = format!("{:?}", schema.schema.complex_type(id).name);
            slowest = slowest.max((began.elapsed(), what));
            types += 1;
        }
        println!(
            "{name}: {types} types in {:?}, the slowest {slowest:?}",
            started.elapsed()
        );
    }
}

/// How many pairs came out how.
#[derive(Debug, Default)]
struct Count {
    included: usize,
    not: usize,
    unknown: Vec<String>,
}

#[test]
fn types_of_one_name_in_two_versions_are_decided() {
    let all: BTreeMap<String, CompiledSchema> = all().into_iter().collect();
    let pairs = [
        ("cds@6-2-2", "cds@6-2-3"),
        ("cds@6-2-3", "cds@6-3-1"),
        ("cds@6-2-2", "cds@6-3-1"),
        ("V6-2-2", "V6-2-3"),
        ("V6-2-3", "V6-3-1"),
        ("V6-2-2", "V6-3-1"),
    ];
    for (old, new) in pairs
        .into_iter()
        .flat_map(|(old, new)| [(old, new), (new, old)])
    {
        let (Some(old_schema), Some(new_schema)) = (all.get(old), all.get(new)) else {
            println!("SKIPPED: {old} and {new} are not both there");
            continue;
        };
        let started = Instant::now();
        let mut count = Count::default();
        let by_name: BTreeMap<_, _> = simple_ids(new_schema)
            .filter_map(|id| {
                Some((
                    new_schema
                        .schema
                        .simple_type(id)
                        .name
                        .as_ref()?
                        .local
                        .clone(),
                    id,
                ))
            })
            .collect();
        for id in simple_ids(old_schema) {
            let Some(name) = &old_schema.schema.simple_type(id).name else {
                continue;
            };
            let Some(other) = by_name.get(&name.local) else {
                continue;
            };
            match values((old_schema, id), (new_schema, *other)) {
                Inclusion::Included => count.included += 1,
                Inclusion::Not(text) => {
                    count.not += 1;
                    assert!(
                        old_schema.value(id).check(&text).is_ok()
                            && new_schema.value(*other).check(&text).is_err()
                    );
                }
                Inclusion::Unknown(reason) => count.unknown.push(format!("{name}: {reason}")),
            }
        }
        let by_name: BTreeMap<_, _> = complex_ids(new_schema)
            .filter_map(|id| {
                Some((
                    new_schema
                        .schema
                        .complex_type(id)
                        .name
                        .as_ref()?
                        .local
                        .clone(),
                    id,
                ))
            })
            .collect();
        let same = |old: ElementId, new: ElementId| {
            old_schema.schema.element(old).name.local == new_schema.schema.element(new).name.local
        };
        for id in complex_ids(old_schema) {
            let Some(name) = &old_schema.schema.complex_type(id).name else {
                continue;
            };
            let Some(other) = by_name.get(&name.local) else {
                continue;
            };
            match children((old_schema, id), (new_schema, *other), &same) {
                Inclusion::Included => count.included += 1,
                Inclusion::Not(names) => {
                    count.not += 1;
                    assert!(takes_children(old_schema, id, &names));
                }
                Inclusion::Unknown(reason) => count.unknown.push(format!("{name}: {reason}")),
            }
        }
        println!("{old} -> {new}: {count:?} in {:?}", started.elapsed());
        assert!(
            count.unknown.is_empty(),
            "{old} -> {new}: {:?}",
            count.unknown
        );
        assert!(count.included > 0);
    }
}
