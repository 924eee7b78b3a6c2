//! What is said of a rule for people: in the terminal and in the handbook the same.

use super::{Condition, Grade, Profile, Submission, Table, TableRule, Test, cases};

impl TableRule {
    /// What national validation does, and what the published text says where that differs.
    pub fn effects(&self) -> String {
        let word = |grade: Option<Grade>| match grade {
            None => "absent".to_owned(),
            Some(grade) if grade.severity_1 => "severity 1 warning".to_owned(),
            Some(grade) => grade.effect.to_string(),
        };
        let implemented = word(self.grade(Profile::Implemented));
        if self.implemented == self.published {
            implemented
        } else {
            let published = word(self.grade(Profile::Published));
            format!("implemented: {implemented}; published: {published}")
        }
    }

    /// Which rows it looks at, and which it counts, where that is not all of them.
    pub fn looks_at(&self, submission: &Submission) -> Option<String> {
        let table = &submission.tables[self.table];
        let (when, counted) = self.check.conditions();
        let all = |conditions: &[Condition]| {
            let words = conditions.iter().map(|condition| condition.in_words(table));
            words.collect::<Vec<_>>().join(" and ")
        };
        match (when, counted) {
            ([], []) => None,
            (when, []) => Some(format!("rows of which {}", all(when))),
            ([], counted) => Some(format!("counted are rows of which {}", all(counted))),
            (when, counted) => Some(format!(
                "rows of which {}; counted are those of which {}",
                all(when),
                all(counted)
            )),
        }
    }

    /// What is said of it beyond its title, its message and its source: names and texts.
    pub fn about(&self, submission: &Submission) -> Vec<(&'static str, String)> {
        let counts = cases(submission, self).map_or((0, 0), |cases| {
            let fail = cases.iter().filter(|case| case.breaks).count();
            (cases.len() - fail, fail)
        });
        let mut lines = vec![
            ("applies to", submission.tables[self.table].name.to_string()),
            ("effects", self.effects()),
            ("check", self.check.kind().replace('_', " ")),
        ];
        if let Some(rows) = self.looks_at(submission) {
            lines.push(("only where", rows));
        }
        lines.push((
            "examples",
            format!(
                "{} that pass, {} that fail (`concord standards test` runs them)",
                counts.0, counts.1
            ),
        ));
        lines
    }
}

impl Condition {
    /// `NHSNumber is blank`.
    fn in_words(&self, table: &Table) -> String {
        let column = &table.columns[self.column].name;
        let list = |codes: &[std::sync::Arc<str>]| {
            let codes: Vec<&str> = codes.iter().map(|code| &**code).collect();
            codes.join(", ")
        };
        match &self.test {
            Test::Filled => format!("{column} is filled"),
            Test::Blank => format!("{column} is blank"),
            Test::In(codes) => format!("{column} is {}", list(codes)),
            Test::NotIn(codes) => format!("{column} is not {}", list(codes)),
        }
    }
}
