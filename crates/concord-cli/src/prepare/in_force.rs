//! Standards that are in force on the day by which a run judges.

use concord_finding::{Notice, NoticeKind};
use concord_standards::definition::StandardInfo;

use super::Standards;
use crate::failure::Report;

impl Standards {
    /// The one of several standards that is in force on the day; `None` without a day, or when none or several are.
    pub(super) fn only_in_force<'i>(&self, infos: &[&'i StandardInfo]) -> Option<&'i StandardInfo> {
        let day = self.as_at?.to_string();
        let mut found = infos.iter().filter(|info| info.is_in_force(&day));
        let only = found.next()?;
        found.next().is_none().then_some(*only)
    }

    /// Standards of this run that are not in force on the day.
    pub(crate) fn not_in_force(&self) -> Vec<(Report, Notice)> {
        let Some(day) = self.as_at.map(|day| day.to_string()) else {
            return Vec::new();
        };
        let used = |info: &&StandardInfo| {
            let name = info.name();
            self.prepared.contains_key(&name)
                || self
                    .many
                    .as_ref()
                    .is_some_and(|many| many.standard.name() == name)
        };
        let infos = self.registry.list().iter().filter(used);
        let told = infos.filter(|info| !info.is_in_force(&day)).map(|info| {
            let message = format!("{} is not in force on {day}{}", info.name(), in_force(info));
            let report = Report::new(message.clone(), None).into_warning();
            let notice = Notice {
                kind: NoticeKind::NotInForce,
                message,
                file: None,
                line: None,
            };
            (report, notice)
        });
        told.collect()
    }
}

/// From when to when.
fn in_force(info: &StandardInfo) -> String {
    let day = |word: &str, day: Option<&str>| {
        day.map_or_else(String::new, |day| format!(" {word} {day}"))
    };
    let from = day("from", info.effective_from.as_deref());
    let to = day("to", info.effective_to.as_deref());
    format!(", but{from}{to}")
}
