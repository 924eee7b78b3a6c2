//! The files of a run by data set, and which of them count.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use concord_standards::reconcile::Role;

use super::totals::Totals;

/// The files of a run whose totals are known, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct DataSets {
    pub(super) given: Vec<Given>,
}

#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) data_set: Arc<str>,
    pub(super) file: usize,
    pub(super) totals: Totals,
}

/// Whose rows of which month: the values of [`Role::PERIOD`].
pub(super) type Period = Vec<Box<[u8]>>;

/// A file of which something does not count any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replaced {
    /// The file, by the number given to [`DataSets::add`].
    pub file: usize,
    /// The file that takes its place.
    pub by: usize,
    /// The provider.
    pub provider: String,
    /// The financial year.
    pub year: String,
    /// The months of it, in their order.
    pub months: Vec<String>,
}

impl DataSets {
    /// Adds a file of a data set. The number says which file it is in what is told.
    pub fn add(&mut self, data_set: &Arc<str>, file: usize, totals: Totals) {
        self.given.push(Given {
            data_set: Arc::clone(data_set),
            file,
            totals,
        });
    }

    /// Whether files of a data set were given.
    pub fn has(&self, data_set: &str) -> bool {
        self.given.iter().any(|given| *given.data_set == *data_set)
    }

    /// What of earlier files does not count because a later one speaks of the same provider and month.
    pub fn replaced(&self) -> Vec<Replaced> {
        let mut last: BTreeMap<(&str, Period), usize> = BTreeMap::new();
        let periods: Vec<Vec<Period>> = self.given.iter().map(Given::periods).collect();
        for (number, given) in self.given.iter().enumerate() {
            for period in &periods[number] {
                last.insert((&*given.data_set, period.clone()), number);
            }
        }
        let mut replaced: BTreeMap<(usize, usize, String, String), Vec<String>> = BTreeMap::new();
        for (number, given) in self.given.iter().enumerate() {
            for period in &periods[number] {
                let by = last.get(&(&*given.data_set, period.clone()));
                let Some(&by) = by.filter(|by| **by != number) else {
                    continue;
                };
                let mut texts = period.iter().map(|value| text(value));
                let mut next = || texts.next().unwrap_or_default();
                let (provider, year, month) = (next(), next(), next());
                let of = (given.file, self.given[by].file, provider, year);
                replaced.entry(of).or_default().push(month);
            }
        }
        let replaced = replaced.into_iter();
        replaced
            .map(|((file, by, provider, year), mut months)| {
                months.sort_by_key(|month| (month.parse::<u64>().ok(), month.clone()));
                Replaced {
                    file,
                    by,
                    provider,
                    year,
                    months,
                }
            })
            .collect()
    }

    /// The files of a data set that count, by whose rows of which month.
    pub(super) fn counting(&self, data_set: &str) -> BTreeMap<Period, &Given> {
        let mut counting = BTreeMap::new();
        for given in self
            .given
            .iter()
            .filter(|given| *given.data_set == *data_set)
        {
            for period in given.periods() {
                counting.insert(period, given);
            }
        }
        counting
    }
}

impl Given {
    /// Whose rows of which months it holds, sorted.
    pub(super) fn periods(&self) -> Vec<Period> {
        let mut periods: Vec<Period> = self.totals.of.keys().map(|key| self.period(key)).collect();
        periods.sort();
        periods.dedup();
        periods
    }

    /// The period of a key; a role that the file lacks is blank.
    pub(super) fn period(&self, key: &[u8]) -> Period {
        Role::PERIOD
            .iter()
            .map(|role| self.totals.value(key, *role).unwrap_or_default().into())
            .collect()
    }
}

/// A value for people.
pub(super) fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

/// Whether a file is called `.csv`, be it compressed or not.
pub fn has_csv_name(name: &str) -> bool {
    let mut path = Path::new(name);
    let ends = |path: &Path, with: &str| {
        let extension = path.extension();
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case(with))
    };
    if ends(path, "gz") || ends(path, "zst") {
        path = Path::new(path.file_stem().unwrap_or_default());
    }
    ends(path, "csv")
}
