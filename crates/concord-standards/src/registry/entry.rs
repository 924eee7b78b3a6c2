//! The standards of a registry, each read when it is first asked for.

use std::sync::OnceLock;

use crate::definition::{DefinitionErrors, StandardInfo, read_standard};
use crate::source::Source;

/// What the carriers are called whose content is recognised in the same way.
pub(super) const DOCUMENTS: &[&str] = &["xml"];
pub(super) const MESSAGES: &[&str] = &["hl7", "edifact"];
pub(super) const RESOURCES: &[&str] = &["fhir"];
pub(super) const SUBMISSIONS: &[&str] = &["tables"];
pub(super) const TABULAR: &[&str] = &["delimited", "fixed-width"];

/// A standard of which no more is known yet than what tells whether it may be the one that is wanted.
pub(super) struct Entry {
    folder: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) carrier: String,
    read: OnceLock<Result<StandardInfo, DefinitionErrors>>,
}

impl Entry {
    /// The standard of a folder. It is read later if its source says that it is right, and its head is plainly written.
    ///
    /// # Errors
    /// [`DefinitionErrors`] when it is read, and wrong.
    pub(super) fn new(
        source: &dyn Source,
        folder: &str,
        is_right: bool,
    ) -> Result<Self, DefinitionErrors> {
        let text = is_right.then(|| source.read(&format!("{folder}/standard.toml")).ok());
        let head = text.flatten().and_then(|text| head(&text));
        let (read, [id, version, carrier]) = if let Some(head) = head {
            (OnceLock::new(), head)
        } else {
            let info = read_standard(source, folder)?;
            let head = [&*info.id, &*info.version, &*info.carrier].map(str::to_owned);
            (OnceLock::from(Ok(info)), head)
        };
        Ok(Self {
            folder: folder.to_owned(),
            id,
            version,
            carrier,
            read,
        })
    }

    /// `id@version`, as users name it.
    pub(super) fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// What its `standard.toml` says.
    pub(super) fn info(&self, source: &dyn Source) -> &Result<StandardInfo, DefinitionErrors> {
        self.read
            .get_or_init(|| read_standard(source, &self.folder))
    }

    /// Ids by letter, versions by number: `6-10` comes after `6-9`.
    pub(super) fn order(&self) -> (String, Vec<(u64, String)>) {
        let parts = self.version.split(['-', '.']).map(|part| {
            let number = part.parse().unwrap_or(u64::MAX);
            (number, part.to_owned())
        });
        (self.id.clone(), parts.collect())
    }
}

/// The id, version and carrier that stand before the first table, each on a line of its own, as a plain string. `None` when one
/// of them is not written so.
fn head(text: &str) -> Option<[String; 3]> {
    let mut found: [Option<String>; 3] = [const { None }; 3];
    for line in text.lines().take_while(|line| !line.starts_with('[')) {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let place = ["id", "version", "carrier"]
            .iter()
            .position(|known| *known == key.trim_end());
        let Some(place) = place.filter(|place| found[*place].is_none()) else {
            continue;
        };
        let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        if value.is_empty() || value.contains(['"', '\\']) {
            return None;
        }
        found[place] = Some(value.to_owned());
    }
    let [Some(id), Some(version), Some(carrier)] = found else {
        return None;
    };
    Some([id, version, carrier])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plainly_written_is_taken_without_reading_all() {
        let said = |text: &str| head(text).map(|head| head.join(" "));
        assert_eq!(
            said("id = \"a\"\ntitle = \"t\"\nversion=\"1\"\ncarrier =  \"xml\"\n[record]\n"),
            Some("a 1 xml".to_owned())
        );
        // What stands in a table is about something else.
        assert_eq!(
            said("id = \"a\"\ncarrier = \"xml\"\n[x]\nversion = \"1\"\n"),
            None
        );
        for other in [
            "'1'",
            "\"\"\"1\"\"\"",
            "\"1\" # first",
            "\"\\u0031\"",
            "1",
            "\"\"",
        ] {
            let text = format!("id = \"a\"\nversion = {other}\ncarrier = \"xml\"\n");
            assert_eq!(said(&text), None, "{other}");
        }
    }
}
