//! What breaks a rule, laid over a submission that nothing is wrong with.

use std::collections::BTreeMap;

use concord_standards::submission::{Case, Check, Operand, Submission, TableRule};

use super::files::{File, Files};

/// The submissions that come of an example of what breaks a rule of the other side; keys are kept, or are those of the example.
/// `renamed` has the names of columns there and here.
pub(super) fn laid_over(
    base: &Files,
    (own, against): (&Submission, &Submission),
    rule: &TableRule,
    case: &Case,
    renamed: &[(String, String)],
) -> Vec<Files> {
    let laying = Laying {
        own,
        against,
        rule,
        case,
        renamed,
    };
    let mut all: Vec<Files> = Vec::new();
    if matches!(rule.check, Check::Rows) {
        let mut files = base.clone();
        let name = &against.tables[rule.table].name;
        files.tables.retain(|table| *table.name != **name);
        all.push(files);
    }
    match &rule.check {
        Check::Unique { columns, .. } => all.extend(laying.doubled(base, columns)),
        Check::Singleton => all.extend(laying.doubled(base, &[])),
        _ => {}
    }
    for keep in [true, false] {
        if let Some(files) = laying.lay(base, keep)
            && !all.contains(&files)
            && files != *base
        {
            all.push(files);
        }
    }
    all
}

struct Laying<'l> {
    own: &'l Submission,
    against: &'l Submission,
    rule: &'l TableRule,
    case: &'l Case,
    renamed: &'l [(String, String)],
}

impl Laying<'_> {
    /// A table of the other side on this one.
    fn table(&self, there: usize) -> Option<usize> {
        self.own.table(&self.against.tables[there].name)
    }

    /// The name here of a column of the other side.
    fn column(&self, there: (usize, usize), here: usize) -> Option<String> {
        let name = &*self.against.tables[there.0].columns[there.1].name;
        let known = |name: &str| {
            let columns = &self.own.tables[here].columns;
            let plain = concord_standards::layout::normalised_header;
            let found = columns
                .iter()
                .find(|column| plain(&column.name) == plain(name));
            found.map(|column| column.name.to_string())
        };
        known(name).or_else(|| {
            let (_, here) = self.renamed.iter().find(|(there, _)| there == name)?;
            known(here)
        })
    }

    fn lay(&self, base: &Files, keep: bool) -> Option<Files> {
        let mut files = base.clone();
        let last = self
            .case
            .rows
            .iter()
            .rposition(|(table, _)| *table == self.rule.table);
        let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
        for (number, (there, cells)) in self.case.rows.iter().enumerate() {
            let here = self.table(*there)?;
            let at = seen.entry(here).or_default();
            let row = *at;
            *at += 1;
            let file = self.file(&mut files, here);
            while file.rows.len() <= row {
                let like = file.rows.first().cloned();
                let blank = vec![String::new(); file.columns.len()];
                file.rows.push(like.unwrap_or(blank));
            }
            if Some(number) == last {
                for column in self.looked_at() {
                    if !cells.contains_key(&column)
                        && let Some(name) = self.column((*there, column), here)
                    {
                        file.set(row, &name, "")?;
                    }
                }
            }
            for (column, text) in cells {
                let Some(name) = self.column((*there, *column), here) else {
                    if text.is_empty() {
                        continue;
                    }
                    return None;
                };
                if keep && self.leads(here, &name) && !file.get(row, &name).is_empty() {
                    continue;
                }
                let text = self.fitting((*there, *column), here, &name, text, file.get(row, &name));
                file.set(row, &name, &text)?;
            }
        }
        Some(files)
    }

    /// The text of an example, or another where it only fills a column that the rule does not point at and this side wants it
    /// written otherwise.
    fn fitting(
        &self,
        (table, column): (usize, usize),
        here: usize,
        name: &str,
        text: &str,
        there: &str,
    ) -> String {
        let pointed = table == self.rule.table && self.rule.place == Some(column);
        let of = &self.own.tables[here];
        let form = of.column(name).and_then(|at| of.columns[at].form.as_ref());
        let fits = form.is_none_or(|form| form.takes(text));
        if pointed || text.is_empty() || fits {
            return text.to_owned();
        }
        if !there.is_empty() {
            return there.to_owned();
        }
        let made = form.and_then(|form| form.examples().0.into_iter().next());
        made.unwrap_or_else(|| text.to_owned())
    }

    /// A row twice, and twice but for what another column holds: that may tell the two apart for this side.
    fn doubled(&self, base: &Files, same: &[usize]) -> Vec<Files> {
        let (there, mut all) = (self.rule.table, Vec::new());
        let Some(here) = self.table(there) else {
            return all;
        };
        let kept: Vec<String> = same
            .iter()
            .filter_map(|column| self.column((there, *column), here))
            .collect();
        let mut files = base.clone();
        let file = self.file(&mut files, here);
        let Some(first) = file.rows.first().cloned() else {
            return all;
        };
        file.rows.push(first);
        let last = file.rows.len() - 1;
        let free: Vec<String> = file
            .columns
            .iter()
            .filter(|column| !kept.contains(column))
            .cloned()
            .collect();
        // Keys of the row's own are not to be the same.
        for column in &free {
            let at = self.own.tables[here].column(column);
            if at.is_some_and(|at| self.own.tables[here].columns[at].key) {
                let text = format!("{}2", file.get(last, column));
                let _ = file.set(last, column, &text);
            }
        }
        all.push(files.clone());
        for column in free {
            let mut blanked = files.clone();
            let file = self.file(&mut blanked, here);
            if !file.get(last, &column).is_empty() && file.set(last, &column, "").is_some() {
                all.push(blanked);
            }
        }
        all
    }

    /// The file of a table, made where there is none.
    fn file<'f>(&self, files: &'f mut Files, table: usize) -> &'f mut File {
        let of = &self.own.tables[table];
        let at = files.tables.iter().position(|file| *file.name == *of.name);
        let at = at.unwrap_or_else(|| {
            files.tables.push(File {
                name: of.name.to_string(),
                columns: of
                    .columns
                    .iter()
                    .map(|column| column.name.to_string())
                    .collect(),
                rows: Vec::new(),
            });
            files.tables.len() - 1
        });
        &mut files.tables[at]
    }

    /// The columns of the rule's table that it looks at: one that an example does not name is absent in it.
    fn looked_at(&self) -> Vec<usize> {
        let mut columns = self.rule.check.columns();
        for operand in self.rule.check.operands() {
            if let Operand::Own(column) = operand {
                columns.push(*column);
            }
        }
        columns
    }

    /// Whether a column is a key, or leads to other rows.
    fn leads(&self, table: usize, name: &str) -> bool {
        let of = &self.own.tables[table];
        let Some(column) = of.column(name) else {
            return false;
        };
        of.columns[column].key
            || of
                .links
                .iter()
                .any(|link| link.columns.iter().any(|(own, _)| *own == column))
    }
}
