//! Reference data as rules see them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use concord_reference::{
    Error, ErrorKind, ReferenceData, Scope, Succession, is_default_code, tables,
};
use concord_rules::{Reference, ReferenceTable};
use jiff::civil::Date;

use super::folder;
use crate::failure::Failure;

/// The reference data for rules: those of the folder that the user named, else the user's own. None when nothing was imported
/// and no folder was named; rules that need them are then reported as not run.
pub(crate) fn for_rules(named: Option<&Path>) -> Result<Option<Arc<ForRules>>, Failure> {
    match ReferenceData::open(folder(named)?) {
        Ok(data) => {
            data.verify()?;
            Ok(Some(Arc::new(ForRules::new(data))))
        }
        Err(error) if named.is_none() && matches!(error.kind(), ErrorKind::Absent { .. }) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Reference data, and why they could not be read on, if so.
#[derive(Debug)]
pub(crate) struct ForRules {
    data: ReferenceData,
    failure: Mutex<Option<Error>>,
}

/// What stands behind a name of a table, that succession is not followed.
const ITSELF: &str = "_ignoring_succession";

impl ForRules {
    fn new(data: ReferenceData) -> Self {
        Self {
            data,
            failure: Mutex::new(None),
        }
    }

    /// Why a table could not be read. It then looks as if it were not there, so that rules that need it are not run; whoever
    /// gives these data to rules asks for this at the end.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn told<T>(&self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
                None
            }
        }
    }

    /// National validation takes the default codes for practices and sites wherever a practice or site is asked for; for other
    /// organisations the rule itself says which it takes.
    fn live(&self, table: &str, code: &str, date: Option<Date>) -> Result<Option<bool>, Error> {
        let (table, succession) = match table.strip_suffix(ITSELF) {
            Some(table) => (table, Succession::Ignore),
            None => (table, Succession::Follow),
        };
        let needs = if table == "site" {
            "organisation"
        } else {
            table
        };
        if !self.data.has(needs) {
            return Ok(None);
        }
        let default = |scope| is_default_code(code, &[scope]);
        Ok(Some(match (table, date) {
            ("organisation", Some(date)) => self.data.is_live(code, date, succession)?,
            ("organisation", None) => self.data.exists(code)?,
            ("site", Some(date)) => {
                default(Scope::Site) || self.data.is_live(code, date, succession)?
            }
            ("site", None) => default(Scope::Site) || self.data.exists(code)?,
            ("practice", Some(date)) => {
                default(Scope::Practice) || self.data.is_live_practice(code, date, succession)?
            }
            ("practice", None) => {
                let practice = |role: &str| matches!(role, "RO76" | "RO177");
                default(Scope::Practice)
                    || self
                        .data
                        .organisation(code)?
                        .is_some_and(|known| known.roles().any(practice))
            }
            ("postcode", date) => self
                .data
                .postcode(code)?
                .is_some_and(|known| date.is_none_or(|date| known.is_live(date))),
            _ => return Ok(None),
        }))
    }
}

impl Reference for ForRules {
    fn is_live(&self, table: &str, code: &str, date: Option<i32>) -> Option<bool> {
        let date = match date {
            Some(days) => Some(concord_reference::day_of(days)?),
            None => None,
        };
        self.told(self.live(table, code, date)).flatten()
    }

    fn table(&self, name: &str) -> Option<ReferenceTable> {
        if !self.data.has(name) {
            return None;
        }
        let batch = self.told(self.data.table(name))??;
        Some(ReferenceTable {
            schema: tables::find(name)?.schema(),
            batches: vec![batch.clone()],
        })
    }
}

impl concord_check::submission::Lookup for ForRules {
    fn is_live(&self, table: &str, code: &str, day: Option<i32>) -> Option<bool> {
        Reference::is_live(self, table, code, day)
    }
}

#[cfg(test)]
mod tests {
    use concord_reference::{Import, recognise};

    use super::*;

    fn fixtures(files: &[&str], name: &str) -> ForRules {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference");
        let mut import = Import::default();
        for file in files {
            let bytes = std::fs::read(source.join(file)).expect("fixtures are there");
            let recognised = recognise(file, &bytes[..]).expect("fixtures are recognised");
            import = import.read(recognised).expect("fixtures can be read");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/tmp/for-rules")
            .join(name);
        import
            .write(&folder, "")
            .expect("the folder can be written");
        ForRules::new(ReferenceData::open(folder).expect("it was written"))
    }

    #[test]
    fn codes_are_looked_up_as_national_validation_does() {
        let data = fixtures(&["epraccur.csv", "hscorgrefdata.xml"], "codes");
        // 2020-01-01
        let date = Some(18_262);
        for (table, code, date, live) in [
            ("organisation", "RLN", date, Some(true)),
            ("organisation_ignoring_succession", "RLN", date, Some(false)),
            ("organisation", "RLN", None, Some(true)),
            ("organisation", "V81999", date, Some(false)),
            ("practice", "V81999", date, Some(true)),
            ("practice", "V81999", None, Some(true)),
            ("practice", "A82048", date, Some(true)),
            ("practice", "A82063", date, Some(false)),
            ("practice", "A82063", None, Some(true)),
            ("practice", "R0A", date, Some(false)),
            ("site", "R9998", date, Some(true)),
            ("site", "5N424", date, Some(true)),
            ("postcode", "LS1 4AP", date, None),
            ("nonsense", "A82048", date, None),
        ] {
            assert_eq!(
                data.is_live(table, code, date),
                live,
                "{table} {code} {date:?}"
            );
        }
        assert!(
            data.table("practice")
                .is_some_and(|table| table.batches[0].num_rows() == 27)
        );
        assert!(data.table("postcode").is_none() && data.table("site").is_none());
    }

    #[test]
    fn a_table_that_is_damaged_is_an_error_or_not_there() {
        let data = fixtures(&["onspd.csv"], "damaged");
        assert_eq!(data.is_live("postcode", "LS1 4AP", None), Some(true));
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp/for-rules/damaged");
        let path = folder.join("postcodes.parquet");
        let mut bytes = std::fs::read(&path).expect("it was written");
        // The end stays as it is, and says where the columns are.
        bytes[4..200].fill(0xff);
        std::fs::write(&path, &bytes).expect("it can be written");
        let data = ForRules::new(ReferenceData::open(&folder).expect("the manifest is there"));
        assert_eq!(data.is_live("postcode", "LS1 4AP", None), None);
        assert!(
            data.failure()
                .is_some_and(|error| error.to_string().contains("postcodes.parquet"))
        );
        std::fs::write(&path, "no Parquet").expect("it can be written");
        let Err(_) = for_rules(Some(&folder)) else {
            panic!("a damaged table was taken");
        };
    }
}
