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
/// What is looked up without a day is looked up as at `as_at`, where that is given.
pub(crate) fn for_rules(
    named: Option<&Path>,
    as_at: Option<Date>,
) -> Result<Option<Arc<ForRules>>, Failure> {
    match ReferenceData::open(folder(named)?) {
        Ok(data) => {
            data.verify()?;
            let mut data = ForRules::new(data);
            data.as_at = as_at;
            Ok(Some(Arc::new(data)))
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
    /// The day for what is looked up without one.
    as_at: Option<Date>,
    failure: Mutex<Option<Error>>,
}

/// What stands behind a name of a table, that succession is not followed.
const ITSELF: &str = "_ignoring_succession";

impl ForRules {
    fn new(data: ReferenceData) -> Self {
        Self {
            data,
            as_at: None,
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
            (table, date) => return self.data.is_imaging_code(table, code, date, 0),
        }))
    }
}

impl Reference for ForRules {
    fn is_live(&self, table: &str, code: &str, date: Option<i32>) -> Option<bool> {
        let date = match date {
            Some(days) => Some(concord_reference::day_of(days)?),
            None => self.as_at,
        };
        self.told(self.live(table, code, date)).flatten()
    }

    fn is_live_within(&self, table: &str, code: &str, date: i32, months: i32) -> Option<bool> {
        let date = concord_reference::day_of(date)?;
        let months = u32::try_from(months).unwrap_or_default();
        let answer = self.data.is_imaging_code(table, code, Some(date), months);
        self.told(answer).flatten()
    }

    fn without_rows(&self, name: &str) -> Option<ReferenceTable> {
        self.data.has(name).then(|| KnownTables.table(name))?
    }

    fn days_in_force(&self, table: &str) -> Option<[&'static str; 2]> {
        tables::find(table)?.days_in_force()
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

/// The tables that there can be, without rows: what rules say of them is held against their columns, and no data are needed.
#[derive(Debug)]
pub(crate) struct KnownTables;

impl Reference for KnownTables {
    fn is_live(&self, table: &str, _code: &str, _date: Option<i32>) -> Option<bool> {
        let table = table.strip_suffix(ITSELF).unwrap_or(table);
        (table == "site" || tables::find(table).is_some()).then_some(false)
    }

    fn is_live_within(&self, table: &str, _code: &str, _date: i32, _months: i32) -> Option<bool> {
        self.is_live(table, "", None)
    }

    fn table(&self, name: &str) -> Option<ReferenceTable> {
        Some(ReferenceTable {
            schema: tables::find(name)?.schema(),
            batches: Vec::new(),
        })
    }

    fn days_in_force(&self, table: &str) -> Option<[&'static str; 2]> {
        tables::find(table)?.days_in_force()
    }
}

impl concord_check::submission::Lookup for ForRules {
    /// The national function for practices takes small letters and blanks around a code; those for organisations and sites do not.
    fn is_live(&self, table: &str, code: &str, day: Option<i32>) -> Option<bool> {
        if table == "practice" {
            return Reference::is_live(self, table, &code.trim().to_uppercase(), day);
        }
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
        let of_submissions = |table: &str, code: &str| {
            concord_check::submission::Lookup::is_live(&data, table, code, date)
        };
        assert_eq!(of_submissions("practice", " a82048"), Some(true));
        assert_eq!(of_submissions("practice", "a82063"), Some(false));
        assert_eq!(of_submissions("practice", "s30063"), Some(true));
        assert_eq!(of_submissions("organisation", "rln"), Some(false));
        assert_eq!(of_submissions("site", "r9998"), Some(false));
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
        let Err(_) = for_rules(Some(&folder), None) else {
            panic!("a damaged table was taken");
        };
    }
}
