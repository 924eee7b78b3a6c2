//! Drafts: records that lack what their structure requires, written with what there is.
//!
//! What is missing is noted by its path and never made up. Of a group in which nothing stands the group is missing, not what
//! would have to be in it.

use std::io::{self, Write};
use std::sync::Arc;

use concord_check::places::PlaceId;
use concord_standards::schema::{Particle, Term};

use super::state::Mark;
use super::walk::Walk;
use crate::loss::{LossReason, Losses};

impl Walk<'_> {
    /// Notes a place that must be there and is not.
    pub(super) fn note_place(&mut self, place: PlaceId) {
        let path = self.path(place);
        self.state.note(path.into());
    }

    /// Notes a part of a content model that must be there and is not.
    pub(super) fn note(&mut self, particle: &Particle, place: PlaceId) {
        let mut path = self.path(place);
        path.push('/');
        path.push_str(&self.wanted(particle));
        self.state.note(path.into());
    }

    /// What must be there was written and carries nothing. In a draft, an element that lacks something and holds nothing is
    /// what is missing itself.
    pub(super) fn settle_empty(
        &mut self,
        particle: &Particle,
        place: PlaceId,
        mark: Mark,
        lacking: usize,
    ) {
        if self.state.lacking.len() > lacking && matches!(particle.term, Term::Element(_)) {
            self.state.give_up(mark, None);
            self.note(particle, place);
        }
    }

    /// The names from the record down to a place.
    fn path(&self, place: PlaceId) -> String {
        let above = std::iter::successors(Some(place), |id| self.plan.place(*id).parent);
        let mut names: Vec<&str> = Vec::new();
        for id in above {
            let place = self.plan.place(id);
            names.push(&place.name);
            if place.records == super::place::Records::Itself {
                break;
            }
        }
        names.reverse();
        names.join("/")
    }

    /// What a part of a content model begins with.
    fn wanted(&self, particle: &Particle) -> String {
        match &particle.term {
            Term::Element(element) => self.plan.schema.element(*element).name.local.to_string(),
            Term::Sequence(parts) | Term::All(parts) => {
                let must = parts.iter().find(|part| part.min > 0);
                let first = must.or_else(|| parts.first());
                first.map_or_else(String::new, |part| self.wanted(part))
            }
            Term::Choice(parts) => {
                let each: Vec<String> = parts.iter().map(|part| self.wanted(part)).collect();
                each.join("|")
            }
            Term::Any(_) => "*".to_owned(),
        }
    }
}

/// What drafts lack, as a table: the number of the record in the document, where it comes from, and the path of what is
/// missing. No value stands in it.
pub(super) struct Drafts {
    out: Box<dyn Write + Send>,
    /// How many things are missing.
    pub(super) lacking: u64,
}

impl std::fmt::Debug for Drafts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drafts")
            .field("lacking", &self.lacking)
            .finish_non_exhaustive()
    }
}

impl Drafts {
    pub(super) fn new(mut out: Box<dyn Write + Send>) -> io::Result<Self> {
        writeln!(out, "record,source_file,source_record,missing")?;
        Ok(Self { out, lacking: 0 })
    }

    /// Notes what a record lacks.
    pub(super) fn add(
        &mut self,
        record: u64,
        (file, number): (&str, i64),
        lacking: &[Arc<str>],
        losses: &mut Losses,
    ) -> io::Result<()> {
        for path in lacking {
            let file = quoted(file);
            writeln!(self.out, "{record},{file},{number},{}", quoted(path))?;
            let element = path.rsplit('/').next().unwrap_or(path);
            losses.add(&element.into(), LossReason::Missing, 1);
            self.lacking += 1;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.out.flush()?;
        Ok(self.lacking)
    }
}

/// A cell as tables write it (RFC 4180), that no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula || text.contains([',', '"', '\n', '\r']) {
        let guard = if formula { "'" } else { "" };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
