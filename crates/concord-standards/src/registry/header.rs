//! Which tabular standard a header row, or a number of columns, is of.

use std::cmp::Reverse;
use std::sync::Arc;

use super::entry::TABULAR;
use super::{Recognition, Registry};
use crate::definition::{ColumnNames, StandardInfo, read_names};
use crate::layout::{HeaderMatch, Mandation};

/// Fewest columns that must be found for a header row to be nearly that of a standard.
const FEWEST_COLUMNS: usize = 3;

/// What a header row says about its standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderRecognition<'r> {
    /// It is this one: every mandatory column is there, and more columns match than with any other.
    Recognised(&'r StandardInfo, HeaderMatch),
    /// Several standards have these columns.
    Ambiguous(Vec<&'r StandardInfo>),
    /// This one has most of the columns, but mandatory ones are missing.
    Nearest {
        /// The standard.
        info: &'r StandardInfo,
        /// Its mandatory columns that no cell names, in the published order.
        missing: Vec<Arc<str>>,
        /// Cells that name none of its columns.
        unknown: Vec<usize>,
    },
    /// None has more than a few of these columns.
    Unknown,
}

/// A standard that was held against a header row. The greater, the better it fits.
type Fit = (usize, usize, Reverse<usize>);

impl Registry {
    /// The standard whose columns a header row names, in any order and in any of the known spellings.
    ///
    /// The standard with most columns in the row is meant; of several with as many, the one that has more of them under their
    /// own names, and then the one that misses fewer. Of versions of one standard with the same columns it is the newest. Standards whose `standard.toml` does not say `header = true` are left
    /// out, and so are those whose `fields.csv` is wrong, which is told when they are asked for.
    pub fn recognise_header(&self, header: &[&str]) -> HeaderRecognition<'_> {
        self.recognise_header_as_at(header, None)
    }

    /// The same as at a day (`CCYY-MM-DD`): of several standards that fit alike, those in force on it go before the others.
    pub fn recognise_header_as_at(
        &self,
        header: &[&str],
        day: Option<&str>,
    ) -> HeaderRecognition<'_> {
        let mut best: Vec<Found<'_>> = Vec::new();
        let mut greatest: Option<Fit> = None;
        for (info, names) in self.of(TABULAR).zip(self.columns()) {
            let (true, Some(names)) = (info.recognise.header, names) else {
                continue;
            };
            let found = names.headers().match_header(header);
            let own = found.matched() - found.by_alias.len();
            let fit: Fit = (found.matched(), own, Reverse(found.missing.len()));
            if found.matched() == 0 || greatest.is_some_and(|greatest| fit < greatest) {
                continue;
            }
            if greatest.is_none_or(|greatest| fit > greatest) {
                best.clear();
                greatest = Some(fit);
            }
            best.push((info, names, found));
        }
        let lacks = |names: &ColumnNames, found: &HeaderMatch| -> Vec<Arc<str>> {
            let columns = &names.tables[found.table];
            found
                .missing
                .iter()
                .filter_map(|field| columns.get(*field))
                .filter(|(_, mandation)| *mandation == Mandation::Mandatory)
                .map(|(column, _)| Arc::clone(column))
                .collect()
        };
        let complete = best
            .iter()
            .filter(|(_, names, found)| lacks(names, found).is_empty());
        match complete.clone().count() {
            0 => {}
            1 => {
                let only = complete.into_iter().next();
                if let Some((info, _, found)) = only {
                    return HeaderRecognition::Recognised(info, found.clone());
                }
            }
            _ => {
                let in_force =
                    |(info, ..): &&Found<'_>| day.is_some_and(|day| info.is_in_force(day));
                let mut fitting: Vec<_> = complete.clone().filter(in_force).collect();
                if fitting.is_empty() {
                    fitting = complete.collect();
                }
                if let [(info, _, found)] = &fitting[..] {
                    return HeaderRecognition::Recognised(info, found.clone());
                }
                let complete = fitting;
                return match newest_of_the_same(&complete) {
                    Some((info, _, found)) => HeaderRecognition::Recognised(info, found.clone()),
                    None => HeaderRecognition::Ambiguous(
                        complete.iter().map(|(info, _, _)| *info).collect(),
                    ),
                };
            }
        }
        match best.first() {
            Some((info, names, found)) if found.matched() >= FEWEST_COLUMNS => {
                HeaderRecognition::Nearest {
                    info,
                    missing: lacks(names, found),
                    unknown: found.unknown.clone(),
                }
            }
            _ => HeaderRecognition::Unknown,
        }
    }

    /// The standard whose rows have this number of cells and no header row.
    pub fn recognise_columns(&self, columns: u32) -> Recognition<'_> {
        let found: Vec<&StandardInfo> = self
            .of(TABULAR)
            .filter(|info| info.recognise.columns == Some(columns))
            .collect();
        match &found[..] {
            [only] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: Vec::new(),
            },
            _ => Recognition::Ambiguous(found),
        }
    }

    /// The names of columns of each tabular standard, read when they are first asked for.
    fn columns(&self) -> &[Option<ColumnNames>] {
        self.columns.get_or_init(|| {
            self.of(TABULAR)
                .map(|info| {
                    info.recognise
                        .header
                        .then(|| read_names(&self.source, info))
                        .flatten()
                })
                .collect()
        })
    }
}

/// A standard that was found, the names of its columns, and how they match.
type Found<'r> = (&'r StandardInfo, &'r ColumnNames, HeaderMatch);

/// The newest of versions of one standard whose table has the same columns, so that a header cannot tell them apart.
fn newest_of_the_same<'f, 'r>(complete: &[&'f Found<'r>]) -> Option<&'f Found<'r>> {
    let (last, others) = complete.split_last()?;
    let columns = |(_, names, found): &'f Found<'r>| {
        let table = names.tables.get(found.table)?;
        Some(table.iter().map(|(column, _)| column).collect::<Vec<_>>())
    };
    others
        .iter()
        .all(|other| other.0.id == last.0.id && columns(other) == columns(last))
        .then_some(*last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn registry() -> Registry {
        let standard = |id: &str, version: &str| {
            format!(
                "id = \"{id}\"\nversion = \"{version}\"\ntitle = \"t\"\npublisher = \"p\"\n\
                 carrier = \"delimited\"\nsource = \"s\"\naliases = [\"../../aliases.csv\"]\n\
                 [recognise]\nheader = true\n[[table]]\nname = \"rows\"\n"
            )
        };
        let fields = |columns: &[(&str, &str)]| {
            let mut text = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n".to_owned();
            for (index, (column, mandation)) in columns.iter().enumerate() {
                let row = format!(",{},{column},,,{mandation},max an9,,,,,,,s,\n", index + 1);
                text.push_str(&row);
            }
            text
        };
        let files = BTreeMap::from([
            ("a/1/standard.toml".to_owned(), standard("a", "1")),
            (
                "a/1/fields.csv".to_owned(),
                fields(&[("MONTH", "M"), ("PROVIDER", "M"), ("SPELL_NUMBER", "R"), ("TOTAL", "M")]),
            ),
            ("a/2/standard.toml".to_owned(), standard("a", "2")),
            (
                "a/2/fields.csv".to_owned(),
                fields(&[("MONTH", "M"), ("PROVIDER", "M"), ("SPELL_IDENTIFIER", "R"), ("TOTAL", "M")]),
            ),
            ("b/1/standard.toml".to_owned(), standard("b", "1")),
            (
                "b/1/fields.csv".to_owned(),
                fields(&[("MONTH", "M"), ("PROVIDER", "M"), ("TOTAL", "M"), ("DRUG", "M"), ("DOSE", "O")]),
            ),
            ("c/9/standard.toml".to_owned(), standard("c", "9")),
            ("c/9/fields.csv".to_owned(), fields(&[("SLOT", "M"), ("CLINIC", "O")])),
            ("c/10/standard.toml".to_owned(), standard("c", "10")),
            ("c/10/fields.csv".to_owned(), fields(&[("SLOT", "M"), ("CLINIC", "O")])),
            (
                "aliases.csv".to_owned(),
                "header,column,feed,source\nspell no,SPELL_NUMBER,f,s\nspell number,SPELL_IDENTIFIER,f,s\n".to_owned(),
            ),
        ]);
        Registry::new(vec![Box::new(files)]).expect("standards")
    }

    fn name(recognition: &HeaderRecognition<'_>) -> String {
        match recognition {
            HeaderRecognition::Recognised(info, _) => info.name(),
            HeaderRecognition::Ambiguous(several) => {
                let names: Vec<String> = several.iter().map(|info| info.name()).collect();
                format!("ambiguous: {}", names.join(", "))
            }
            HeaderRecognition::Nearest {
                info,
                missing,
                unknown,
            } => format!(
                "nearly {}: without {}, cells {unknown:?}",
                info.name(),
                missing.join(", ")
            ),
            HeaderRecognition::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_version_with_most_columns_under_their_own_names_is_meant() {
        let registry = registry();
        for (header, expected) in [
            ("month,provider,spell identifier,total", "a@2"),
            // A further spelling in version 2, its own name in version 1.
            ("Total,Spell_Number,Provider,Month", "a@1"),
            ("month,provider,spell no,total,local", "a@1"),
            ("month,provider,total", "ambiguous: a@1, a@2"),
            ("month,provider,total,drug", "b@1"),
            (
                "month,provider,total,dose",
                "nearly b@1: without DRUG, cells []",
            ),
            (
                "month,provider,cost,spell identifier",
                "nearly a@2: without TOTAL, cells [2]",
            ),
            ("month,provider,x", "unknown"),
            ("clinic,slot", "c@10"),
            ("x,y,z", "unknown"),
            ("", "unknown"),
        ] {
            let cells: Vec<&str> = header.split(',').collect();
            assert_eq!(
                name(&registry.recognise_header(&cells)),
                expected,
                "{header}"
            );
        }
    }

    #[test]
    fn xml_is_not_mistaken_for_a_table() {
        let registry = registry();
        assert!(matches!(
            registry.recognise("submission", "", &[]),
            Recognition::Unknown { nearest } if nearest.is_empty()
        ));
    }
}
