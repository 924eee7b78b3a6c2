//! A definition as it is on a day: of its code lists what is in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes::CodeList;
use super::load::Definition;
use crate::schema::SimpleType;

impl Definition {
    /// Leaves of the codes that values may have those that are in use on a day (`CCYY-MM-DD`). Days of use that are not known do
    /// not limit a code; values that the structure fixes stay as they are.
    ///
    /// Rules look codes up for themselves: see the day that their compiler is given.
    pub fn narrow_to(&mut self, day: &str) {
        for simple in &mut self.schema.simple_types {
            narrow(simple, &self.code_lists, day);
        }
    }
}

fn narrow(simple: &mut SimpleType, lists: &BTreeMap<Arc<str>, Arc<CodeList>>, day: &str) {
    let Some(list) = simple.code_list.as_ref().and_then(|id| lists.get(id)) else {
        return;
    };
    if list.codes.iter().all(|code| code.is_in_use(day)) {
        return;
    }
    for step in &mut simple.steps {
        let in_use = |text: &String| list.get(text).is_none_or(|code| code.is_in_use(day));
        let left: Vec<String> = step
            .enumeration
            .iter()
            .filter(|text| in_use(text))
            .cloned()
            .collect();
        // No values at all would mean any value. What is of one code only is fixed by the structure, not chosen from a list.
        if !left.is_empty() {
            step.enumeration = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::Code;
    use super::*;
    use crate::schema::{Builtin, Facets, Origin, Variety};

    fn on(day: &str, codes: &[&str]) -> Vec<String> {
        let code = |code: &str, valid_from: &str, valid_to: &str| Code {
            code: code.into(),
            meaning: "".into(),
            valid_from: valid_from.into(),
            valid_to: valid_to.into(),
            source: "".into(),
            line: 0,
        };
        let list = CodeList {
            id: "a".into(),
            codes: vec![
                code("01", "", ""),
                code("02", "", "2023-07-01"),
                code("03", "2023-07-02", ""),
            ],
        };
        let lists = [(Arc::clone(&list.id), Arc::new(list))].into();
        let mut simple = SimpleType {
            name: None,
            variety: Variety::Atomic(Builtin::String),
            steps: vec![Facets {
                enumeration: codes.iter().map(ToString::to_string).collect(),
                ..Facets::default()
            }],
            base: None,
            code_list: Some("a".into()),
            format: None,
            origin: Origin::default(),
        };
        narrow(&mut simple, &lists, day);
        simple.steps.remove(0).enumeration
    }

    #[test]
    fn values_have_the_codes_in_use_on_the_day() {
        let all = ["01", "02", "03", "not on the list"];
        assert_eq!(on("2023-07-01", &all), ["01", "02", "not on the list"]);
        assert_eq!(on("2023-07-02", &all), ["01", "03", "not on the list"]);
        assert_eq!(on("2023-07-02", &["02"]), ["02"], "it is fixed");
    }
}
