//! Tables without a header: by how many cells their rows have, and by what stands in the first; and the XML form of a table.

use std::sync::Arc;

use concord_check::submission::seen_in_document;
use concord_check::table::HeaderRow;
use concord_standards::definition::StandardInfo;
use concord_standards::registry::Recognition;

use super::{Prepare, Prepared, Standards, Which};
use crate::failure::Failure;

impl Standards {
    /// The tabular standard that has an XML form of which a record begins here; `None` when there is none.
    pub(super) fn of_records(&self, first: &[u8]) -> Option<String> {
        let seen = seen_in_document(first);
        let mut infos = self.registry.list().iter();
        let known = infos.find(|info| {
            let element = info.recognise.element.as_ref();
            element.is_some_and(|element| seen.iter().any(|table| *table.name == **element))
        });
        known.map(StandardInfo::name)
    }

    /// The standard whose rows have as many cells as the first row, and could hold it; `None` when there is none.
    pub(super) fn of_cells(&mut self, row: &HeaderRow) -> Result<Option<Which>, Failure> {
        let count = u32::try_from(row.cells.len()).unwrap_or(u32::MAX);
        let names: Vec<String> = match self.registry.recognise_columns(count) {
            Recognition::Recognised(info) => vec![info.name()],
            Recognition::Ambiguous(infos) => infos.into_iter().map(StandardInfo::name).collect(),
            Recognition::Unknown { .. } => return Ok(None),
        };
        let mut fitting: Vec<(String, Arc<Prepared>)> = Vec::new();
        for name in names {
            let prepared = self.load(&name)?;
            let could = match &prepared.plan {
                Prepare::Tables(plans) => plans.iter().any(|plan| plan.could_hold(&row.cells)),
                _ => false,
            };
            if could {
                fitting.push((name, prepared));
            }
        }
        Ok(match &fitting[..] {
            [] => None,
            [(_, only)] => Some(Which::This(Arc::clone(only))),
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
                Some(Which::Unknown(
                    format!("several standards have rows of {count} cells and no header"),
                    format!("name one of {} with --standard", names.join(", ")),
                ))
            }
        })
    }
}
