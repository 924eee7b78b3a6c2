//! One column of both tables: mandation, format, codes, what is done about mistakes, where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, RuleId};
use concord_standards::layout::{Field, Mandation};
use concord_standards::schema::{Facts, SimpleTypeId};

use super::Tables;
use super::columns::{Columns, described};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::facts;
use crate::compare::usage::Usage;
use crate::compare::value::{self, At, Cells, Values};
use crate::subject::Aspect;

/// What went wrong, and the rule that refuses it.
type Mistakes<'m> = (Vec<&'m str>, Option<RuleId>);

impl Tables<'_, '_> {
    pub(super) fn column(
        &mut self,
        columns: &Columns<'_>,
        old: &Field,
        new: &Field,
        usage: &mut Usage,
    ) {
        let told_before = self.changes.len();
        let place = ChangePlace::Column(Arc::clone(&columns.new.name), Arc::clone(&new.column));
        let facts = |field: &Field| Facts {
            dictionary_name: Some(Arc::clone(&field.element)).filter(|name| !name.is_empty()),
            format: None,
            status: None,
            personal: field.personal,
        };
        let told = facts::compare(
            self.pair,
            (&facts(old), &old.origin),
            (&facts(new), &new.origin),
            &place,
        );
        // Under another name it may well be called otherwise in the dictionary too.
        let renamed = old.column != new.column;
        let same_name = told
            .into_iter()
            .filter(|change| !(renamed && change.is_of(Kind::IdentityChanged)));
        self.changes.extend(same_name);
        if self.pair.says(Aspect::Mandation) {
            self.mandation(columns, &place, old, new);
            self.enforced(&place, old, new);
        }
        self.span(&place, old, new);
        let cell = |table: &Arc<str>, field: &Field| (Arc::clone(table), Arc::clone(&field.column));
        let kinds = (
            old.kind(self.pair.old.schema()),
            new.kind(self.pair.new.schema()),
        );
        let (before, now) = (
            self.enforcement(Side::Old).of_field(old),
            self.enforcement(Side::New).of_field(new),
        );
        let values = Values {
            at: At::Cell {
                old: cell(&columns.old.name, old),
                new: cell(&columns.new.name, new),
            },
            old: old.value,
            new: new.value,
            submitter: self.refused_types(Side::New, old, new),
            receiver: self.refused_types(Side::Old, old, new),
            codes: (
                before.code.refuses() && !self.must_be_blank(Side::New, new),
                now.code.refuses() && !self.must_be_blank(Side::Old, old),
            ),
            cells: Some(Cells {
                old: (kinds.0, self.enforcement(Side::Old).damaged.is_reject()),
                new: (kinds.1, self.enforcement(Side::New).damaged.is_reject()),
            }),
        };
        let told = value::compare(self.pair, values, usage);
        self.changes.extend(told.into_iter().map(|mut change| {
            // The type is shared by columns; the row of the column is what people look for.
            change.old_origin = Some(old.origin.clone());
            change.new_origin = Some(new.origin.clone());
            change
        }));
        if !columns.modes.by_name && old.position != new.position {
            // What stands in the column is read as another one's.
            let told = &mut self.changes[told_before..];
            for breaks in told.iter_mut().flat_map(|change| &mut change.breaks) {
                if matches!(breaks.whom, Whom::Submitter | Whom::Receiver) {
                    breaks.certainty = Certainty::Unknown;
                }
            }
        }
    }

    /// The types that say what a side refuses of two columns' values: without their codes where it only warns of those, and
    /// none where it refuses nothing.
    pub(super) fn refused_types(
        &self,
        side: Side,
        old: &Field,
        new: &Field,
    ) -> Option<(SimpleTypeId, SimpleTypeId)> {
        let (field, sender, sent) = match side {
            Side::Old => (old, Side::New, new),
            Side::New => (new, Side::Old, old),
        };
        if self.must_be_blank(sender, sent) {
            // What must be blank holds no value that could be refused.
            return None;
        }
        let enforced = self.enforcement(side).of_field(field);
        let with_codes = enforced.code.refuses();
        (with_codes || enforced.format.refuses()).then(|| {
            let (before, now) = &self.cell_types;
            (
                before.get(old.value, with_codes),
                now.get(new.value, with_codes),
            )
        })
    }

    /// Whether a side refuses whatever stands in a column.
    pub(super) fn must_be_blank(&self, side: Side, field: &Field) -> bool {
        field.mandation == Mandation::NotUsed
            && self.enforcement(side).of_field(field).presence.refuses()
    }

    fn mandation(&mut self, columns: &Columns<'_>, place: &ChangePlace, old: &Field, new: &Field) {
        use Mandation::{Mandatory, NotUsed};
        if old.mandation == new.mandation {
            return;
        }
        let words = |field: &Field| {
            format!(
                "{} ({})",
                field.mandation.letter(),
                field.mandation.meaning()
            )
        };
        let by_name = columns.modes.by_name;
        let refuses =
            |side, field: &Field| self.enforcement(side).of_field(field).presence.refuses();
        let (old_refuses, new_refuses) = (refuses(Side::Old, old), refuses(Side::New, new));
        let cell = |side: Side, text: &str| {
            let (table, field) = match side {
                Side::Old => (columns.old, old),
                Side::New => (columns.new, new),
            };
            LeadKind::Cell {
                table: Arc::clone(&table.name),
                column: Arc::clone(&field.column),
                text: text.to_owned(),
            }
        };
        let without = |side: Side| {
            let (table, field) = match side {
                Side::Old => (columns.old, old),
                Side::New => (columns.new, new),
            };
            LeadKind::Columns {
                table: Arc::clone(&table.name),
                without: Some(Arc::clone(&field.column)),
            }
        };
        let kind = match (old.mandation, new.mandation) {
            (_, NotUsed) => Kind::ColumnClosed,
            (NotUsed, _) => Kind::ColumnOpened,
            (_, Mandatory) => Kind::ColumnMadeMandatory,
            (Mandatory, _) => Kind::ColumnMadeOptional,
            _ => Kind::StatusChanged,
        };
        let mut change = Change::draft(kind, place.clone())
            .was(words(old))
            .is(words(new))
            .at(Some(&old.origin), Some(&new.origin));
        if new.mandation == NotUsed && new_refuses {
            change.break_for(
                Whom::Submitter,
                Certainty::Decided,
                "what stands there is refused",
            );
        }
        if old.mandation == NotUsed && old_refuses {
            change.break_for(
                Whom::Receiver,
                Certainty::Decided,
                "values arrive where none might",
            );
        }
        if new.mandation == Mandatory {
            if new_refuses {
                let why = "rows that leave it blank are refused";
                change = change
                    .breaking(Whom::Submitter, Certainty::Decided, why)
                    .led(Side::Old, cell(Side::Old, ""));
            } else if by_name {
                let why = "a file without the column is refused";
                change = change
                    .breaking(Whom::Submitter, Certainty::Decided, why)
                    .led(Side::Old, without(Side::Old));
            }
        }
        if old.mandation == Mandatory {
            if old_refuses {
                let why = "rows that leave it blank arrive";
                change = change
                    .breaking(Whom::Receiver, Certainty::Decided, why)
                    .led(Side::New, cell(Side::New, ""));
            } else if by_name {
                let why = "files without the column arrive";
                change = change
                    .breaking(Whom::Receiver, Certainty::Decided, why)
                    .led(Side::New, without(Side::New));
            }
        }
        if change.is_safe() {
            let why = "the specification asks for it in another way";
            change.break_for(Whom::Meaning, Certainty::Decided, why);
        }
        self.changes.push(change);
    }

    /// What is done about mistakes, where the column goes by another rule. Where it goes by the same, that tells it; where it
    /// goes by none on both sides, the effects of the standard do.
    fn enforced(&mut self, place: &ChangePlace, old: &Field, new: &Field) {
        let (before, now) = (
            self.enforcement(Side::Old).of_field(old),
            self.enforcement(Side::New).of_field(new),
        );
        let presence = match (old.mandation, new.mandation) {
            (Mandation::Mandatory, Mandation::Mandatory) => Some("a blank"),
            (Mandation::NotUsed, Mandation::NotUsed) => Some("a value"),
            _ => None,
        };
        let listed = old.code_list.is_some() && new.code_list.is_some();
        let mistakes = [
            (presence, before.presence, now.presence),
            (
                Some("a value without the format"),
                before.format,
                now.format,
            ),
            (
                listed.then_some("a code that is not on the list"),
                before.code,
                now.code,
            ),
        ];
        let mut told: BTreeMap<(Effect, Effect), Mistakes<'_>> = BTreeMap::new();
        for (what, before, now) in mistakes {
            let Some(what) = what else { continue };
            if before.rule != now.rule && before.refuses() != now.refuses() {
                let known = told.entry((before.effect, now.effect)).or_default();
                known.0.push(what);
                known.1 = now.rule.filter(|_| now.effect.is_reject()).or(before.rule);
            }
        }
        for ((before, now), (what, rule)) in told {
            let (kind, refusing) = if now.is_reject() {
                (Kind::ColumnCheckRaised, Side::New)
            } else {
                (Kind::ColumnCheckLowered, Side::Old)
            };
            let mut change = Change::draft(kind, place.clone())
                .was(before.as_str())
                .is(now.as_str())
                .with("what", what.join(", and "))
                .at(Some(&old.origin), Some(&new.origin))
                .breaking_if(now.is_reject(), Whom::Submitter, "what was told is refused")
                .breaking_if(
                    before.is_reject(),
                    Whom::Receiver,
                    "what was refused arrives",
                );
            if let Some(rule) = rule {
                change = change.led(refusing.other(), LeadKind::RuleBroken(rule));
            }
            self.changes.push(change);
        }
    }

    fn span(&mut self, place: &ChangePlace, old: &Field, new: &Field) {
        if (old.span, &old.line) == (new.span, &new.line) {
            return;
        }
        let words = |field: &Field| match field.span {
            Some((start, width)) => {
                let characters = format!("characters {} to {}", start + 1, start + width);
                match &field.line {
                    Some(line) => format!("line {line}, {characters}"),
                    None => characters,
                }
            }
            None => format!("a cell ({})", described(field)),
        };
        let change = Change::draft(Kind::SpanChanged, place.clone())
            .was(words(old))
            .is(words(new))
            .at(Some(&old.origin), Some(&new.origin))
            .breaking(
                Whom::Submitter,
                Certainty::Unknown,
                "other characters are read, and whether they fit depends on the line",
            )
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "what stood there is read as something else",
            );
        self.changes.push(change);
    }
}
