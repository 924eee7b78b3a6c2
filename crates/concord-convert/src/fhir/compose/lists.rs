//! Rows inside resources, and resources in the lists of others.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Composer, Seat, is_only};
use crate::fhir::mapping::Rows;
use crate::fhir::path::Draft;
use crate::loss::LossReason;
use crate::records::Row;

/// How many fields of rows inside a resource were written, and how many of them of rows that are the row's children.
#[derive(Default)]
pub(super) struct Inside {
    pub(super) written: usize,
    pub(super) children: usize,
}

impl<'r> Composer<'_, 'r, '_> {
    /// Writes the rows of other entities that lie in a resource.
    pub(super) fn inside(&mut self, number: usize, parent: Row<'_>, draft: &mut Draft) -> Inside {
        let mapping = self.mapping;
        let of = mapping.resources[number].entity.name;
        let mut total = Inside::default();
        let has_rows = |kind: &usize| {
            let resource = &mapping.resources[*kind];
            !resource.read_only && self.record.first(resource.entity.name).is_some()
        };
        // Rows that lie in nothing else stand in the first of the resources that the record has.
        let mine: Vec<&Rows> = mapping
            .rows
            .iter()
            .filter(|rows| {
                let mut kinds = rows.within.iter();
                let is_child = rows.entity.parent == Some(of);
                rows.within.contains(&number)
                    && !rows.once
                    && (is_child || kinds.find(|kind| has_rows(kind)) == Some(&number))
            })
            .collect();
        for rows in mine {
            let entity = rows.entity;
            let inside: Vec<Row<'r>> = if entity.parent == Some(of) {
                self.record.rows_in(entity.name, parent).collect()
            } else {
                self.record.rows(entity.name).collect()
            };
            let mut first = true;
            for row in inside {
                let sequence = row.sequence().unwrap_or_default();
                if !is_only(&rows.only, entity, row) || !self.taken.insert((entity.name, sequence))
                {
                    continue;
                }
                if rows.at.is_itself() && !first {
                    self.count(entity, row, LossReason::Several, |_| true);
                    continue;
                }
                first = false;
                let is_only = |field| rows.only.iter().any(|(only, _)| *only == field);
                self.count(entity, row, LossReason::NoPlace, |field| {
                    rows.fields.of(field).is_none() && !is_only(field)
                });
                let mut item = Draft::default();
                let itself = rows.at.is_itself();
                let mut seat = Seat {
                    draft: if itself { &mut *draft } else { &mut item },
                    entity,
                    sequence,
                    hops: Vec::new(),
                };
                let here = self.fill(&rows.fields, row, &mut seat);
                if here == 0 {
                    self.count(entity, row, LossReason::Incomplete, is_only);
                } else if !itself {
                    draft.push(&rows.at, item.value);
                }
                total.written += here;
                if entity.parent == Some(of) {
                    total.children += here;
                }
            }
        }
        total
    }

    /// Puts resources into the lists of others.
    pub(super) fn list(&mut self) {
        let mapping = self.mapping;
        let mut ranks: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for at in 0..self.mains.len() {
            let number = self.mains[at].number;
            let resource = &mapping.resources[number];
            let (Some(listed), Some(row)) = (&resource.listed, self.mains[at].row) else {
                continue;
            };
            let Some(holder) = self.first_of(&listed.within) else {
                self.count(resource.entity, row, LossReason::NoPlace, |field| {
                    listed.fields.of(field).is_some()
                });
                continue;
            };
            let made = &self.mains[at].made;
            let mut item = Draft::default();
            if let Some(seat) = item.seat(&listed.reference) {
                *seat = json!({"reference": self.refer_to(&made.kind, &made.id)});
            }
            let mut seat = Seat {
                draft: &mut item,
                entity: resource.entity,
                sequence: row.sequence().unwrap_or_default(),
                hops: Vec::new(),
            };
            self.fill(&listed.fields, row, &mut seat);
            if let Some(path) = &listed.rank {
                let rank = ranks.entry((number, holder)).or_insert(0);
                *rank += 1;
                if let Some(seat) = item.seat(path) {
                    *seat = json!(*rank);
                }
            }
            self.mains[holder].made.draft.push(&listed.at, item.value);
        }
    }
}
