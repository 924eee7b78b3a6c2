//! Which standard a submission of many tables follows, by the names of its tables, their columns, and the version that it says.

use std::cmp::Reverse;

use super::entry::SUBMISSIONS;
use super::{Recognition, Registry, same_version};
use crate::definition::StandardInfo;
use crate::layout::normalised_header;
use crate::submission::Submission;

/// A table as it was met: in a file of its own, or as elements of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenTable {
    /// Its name.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The cells of its first row.
    pub first: Vec<String>,
}

/// How well tables fit a standard. The greater, the better: tables, columns, cells that are no columns.
type Fit = (usize, usize, Reverse<usize>);

impl Registry {
    /// Whether some standard of many tables has a table of this name.
    pub fn has_table(&self, name: &str) -> bool {
        let mut infos = self.of(SUBMISSIONS);
        infos.any(|info| has(info, name))
    }

    /// The standard of a submission of these tables.
    ///
    /// Standards that have most of the tables are meant. Of several it is the one whose version the header of the submission
    /// says, and where it says none, the one with more of the columns, and then with fewer that it does not have.
    /// Standards whose definition is wrong are left out; that is told when they are asked for.
    pub fn recognise_tables(&self, seen: &[SeenTable]) -> Recognition<'_> {
        let count =
            |info: &StandardInfo| seen.iter().filter(|table| has(info, &table.name)).count();
        let most = self.of(SUBMISSIONS).map(count).max().unwrap_or(0);
        if most == 0 {
            return Recognition::Unknown {
                nearest: Vec::new(),
            };
        }
        // Another version may have a table less: what the header says decides before that does.
        let mut found: Vec<(&StandardInfo, Fit, bool)> = Vec::new();
        for info in self.of(SUBMISSIONS).filter(|info| count(info) * 2 >= most) {
            let Ok(definition) = self.load(&info.name()) else {
                continue;
            };
            if let Some(submission) = &definition.submission {
                let said = version(submission, seen);
                let same = said.is_some_and(|said| same_version(&info.version, said));
                found.push((info, fit(submission, seen), same));
            }
        }
        if found.iter().any(|(_, _, same)| *same) {
            found.retain(|(_, _, same)| *same);
        }
        let best = found.iter().map(|(_, fit, _)| *fit).max();
        found.retain(|(_, fit, _)| Some(*fit) == best);
        match &found[..] {
            [(only, ..)] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: Vec::new(),
            },
            _ => Recognition::Ambiguous(found.iter().map(|(info, ..)| *info).collect()),
        }
    }
}

fn has(info: &StandardInfo, name: &str) -> bool {
    let mut names = info.recognise.tables.iter();
    names.any(|known| known.eq_ignore_ascii_case(name))
}

fn fit(submission: &Submission, seen: &[SeenTable]) -> Fit {
    let (mut tables, mut columns, mut beyond) = (0, 0, 0);
    for table in seen {
        let Some(number) = submission.table(&table.name) else {
            continue;
        };
        tables += 1;
        for name in &table.columns {
            match submission.tables[number].named(name) {
                Some(_) => columns += 1,
                None => beyond += 1,
            }
        }
    }
    (tables, columns, Reverse(beyond))
}

/// The version that the header of a submission says.
fn version<'s>(submission: &Submission, seen: &'s [SeenTable]) -> Option<&'s str> {
    let header = &submission.tables[submission.header];
    let column = submission.version?;
    let table = seen
        .iter()
        .find(|table| submission.table(&table.name) == Some(submission.header))?;
    let cell = table
        .columns
        .iter()
        .position(|name| header.named(name) == Some(column))?;
    let said = table.first.get(cell)?.trim();
    (!said.is_empty()).then_some(said)
}

impl crate::submission::Table {
    /// The column that a header names: by its own name in any usual spelling, by its unique id, or by both as the national
    /// report writes them (`[M001901]LocalPatientID`).
    pub fn named(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let plain = normalised_header(name.rsplit(']').next().unwrap_or(name));
        self.columns.iter().position(|column| {
            normalised_header(&column.name) == plain
                || (!column.uid.is_empty() && name.eq_ignore_ascii_case(&column.uid))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const FIELDS: &str = "table,position,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule,source,confidence\n";

    /// Two versions of one standard, of which the later has a table and a column more, and another standard.
    fn registry() -> Registry {
        let standard = |id: &str, version: &str, tables: &[&str]| {
            let tables: Vec<String> = tables
                .iter()
                .map(|name| format!("[[table]]\nname = \"{name}\"\n"))
                .collect();
            format!(
                "id = \"{id}\"\nversion = \"{version}\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"tables\"\n\
                 source = \"s\"\n[submission]\nheader = \"{id}000Head\"\nversion = \"Version\"\n{}",
                tables.concat()
            )
        };
        let fields = |rows: &[&str]| {
            let rows: Vec<String> = rows
                .iter()
                .map(|row| format!("{row},E,M,,,,,,,,,\n"))
                .collect();
            FIELDS.to_owned() + &rows.concat()
        };
        let first = [
            "AA000Head,1,Version,V1",
            "AA001Row,1,Id,R1",
            "AA001Row,2,Day,R2",
        ];
        let mut second = first.to_vec();
        second.extend(["AA001Row,3,More,R3", "AA002Other,1,Id,O1"]);
        let files = BTreeMap::from([
            (
                "elements.csv".to_owned(),
                "name,xml_names,format,code_list,personal,source\nE,,,,no,t\n".to_owned(),
            ),
            (
                "aa/1-0/standard.toml".to_owned(),
                standard("AA", "1-0", &["AA000Head", "AA001Row"]),
            ),
            ("aa/1-0/fields.csv".to_owned(), fields(&first)),
            (
                "aa/1-1/standard.toml".to_owned(),
                standard("AA", "1-1", &["AA000Head", "AA001Row", "AA002Other"]),
            ),
            ("aa/1-1/fields.csv".to_owned(), fields(&second)),
            (
                "bb/2/standard.toml".to_owned(),
                standard("BB", "2", &["BB000Head"]),
            ),
            (
                "bb/2/fields.csv".to_owned(),
                fields(&["BB000Head,1,Version,V1"]),
            ),
        ]);
        Registry::new(vec![Box::new(files)]).expect("standards")
    }

    fn seen(name: &str, columns: &[&str], first: &[&str]) -> SeenTable {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        SeenTable {
            name: name.to_owned(),
            columns: texts(columns),
            first: texts(first),
        }
    }

    fn recognised(seen: &[SeenTable]) -> String {
        match registry().recognise_tables(seen) {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(infos) => {
                let names: Vec<String> = infos.iter().map(|info| info.name()).collect();
                names.join(" or ")
            }
            Recognition::Unknown { .. } => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_header_says_the_version_and_else_tables_and_columns_do() {
        let head = |version: &str| seen("aa000head", &["V1"], &[version]);
        let row = seen("AA001", &["Id", "[R2]Day"], &["1", "2"]);
        assert_eq!(recognised(&[head("1.0"), row.clone()]), "AA@1-0");
        assert_eq!(recognised(&[head("1.1"), row.clone()]), "AA@1-1");
        // What the header says counts before a table that is not of that version: that is for the rules to say.
        let other = seen("AA002Other", &["Id"], &["1"]);
        assert_eq!(recognised(&[head("1.0"), other.clone()]), "AA@1-0");
        for version in ["", "7.0"] {
            assert_eq!(
                recognised(&[head(version), row.clone()]),
                "AA@1-0 or AA@1-1"
            );
            assert_eq!(recognised(&[head(version), other.clone()]), "AA@1-1");
        }
        assert_eq!(recognised(&[seen("AA001", &["R1", "R3"], &[])]), "AA@1-1");
        assert_eq!(recognised(std::slice::from_ref(&row)), "AA@1-0 or AA@1-1");
        assert_eq!(
            recognised(&[seen("BB000Head", &["Version"], &["1.0"])]),
            "BB@2"
        );
        assert_eq!(recognised(&[seen("may", &["Id"], &["1"])]), "unknown");
        assert_eq!(recognised(&[]), "unknown");
        assert!(registry().has_table("bb000") && !registry().has_table("BB"));
    }
}
