//! Values: simple types.

use super::Writer;
use super::text::{key, list, quoted};
use crate::definition::format;
use crate::definition::structure::XML_SCHEMA;
use crate::schema::{Builtin, Facets, SimpleType, SimpleTypeId, Variety, WhiteSpace};

impl Writer<'_> {
    pub(super) fn value(&mut self, id: SimpleTypeId) {
        let schema = self.schema;
        let simple = schema.simple_type(id);
        let Some(name) = &simple.name else {
            return;
        };
        let heading = format!("\n[value.{}]", key(&self.names.global(name)));
        self.line(&heading);
        for field in self.fields(simple) {
            self.line(&field);
        }
    }

    /// A value where it is used: by name, or as a table when it has none.
    pub(super) fn value_ref(&self, id: SimpleTypeId) -> String {
        let simple = self.schema.simple_type(id);
        match &simple.name {
            Some(name) if &*name.namespace == XML_SCHEMA => quoted(&format!("xs:{}", name.local)),
            Some(name) => quoted(&self.names.global(name)),
            None => format!("{{ {} }}", self.fields(simple).join(", ")),
        }
    }

    fn fields(&self, simple: &SimpleType) -> Vec<String> {
        let (mut base, inherited) = match simple.base {
            Some(base) => (
                self.value_ref(base),
                self.schema.simple_type(base).steps.len(),
            ),
            None => (self.variety(simple), 0),
        };
        let word = match (simple.base, &simple.variety) {
            (Some(_), _) | (None, Variety::Atomic(_)) => "base",
            (None, Variety::List(_)) => "list",
            (None, Variety::Union(_)) => "union",
        };
        let own = simple.steps.get(inherited..).unwrap_or(&[]);
        // Steps that have no type of their own are written as anonymous values.
        let (last, between) = match own.split_last() {
            Some((last, between)) => (last.clone(), between),
            None => (Facets::default(), own),
        };
        let mut word = word;
        for step in between {
            let mut fields = vec![format!("{word} = {base}")];
            fields.extend(self.facets(step, simple, false));
            base = format!("{{ {} }}", fields.join(", "));
            word = "base";
        }
        let mut fields = Vec::new();
        let facets = self.facets(&last, simple, true);
        if word != "base" || !base_is_implied(simple, &facets, &base) {
            fields.push(format!("{word} = {base}"));
        }
        fields.extend(facets);
        fields
    }

    fn variety(&self, simple: &SimpleType) -> String {
        match &simple.variety {
            Variety::Atomic(builtin) => quoted(&format!("xs:{}", builtin.name())),
            Variety::List(item) => self.value_ref(*item),
            Variety::Union(members) => {
                let members: Vec<String> = members.iter().map(|id| self.value_ref(*id)).collect();
                format!("[{}]", members.join(", "))
            }
        }
    }

    /// The facets of one step; with the format and the code list when it is the type's own.
    fn facets(&self, facets: &Facets, simple: &SimpleType, own: bool) -> Vec<String> {
        let mut fields = Vec::new();
        let mut rest = facets.clone();
        let of_base = simple
            .base
            .and_then(|base| self.schema.simple_type(base).format.as_ref());
        let inherited = *facets == Facets::default() && of_base == simple.format.as_ref();
        if own
            && !inherited
            && let Some(text) = &simple.format
        {
            let before = &simple.steps[..simple.steps.len().saturating_sub(1)];
            let implied = format::implied_by(text, &simple.variety, before, facets);
            match implied.and_then(|implied| format::remainder(facets, &implied)) {
                Some(beside) => {
                    rest = beside;
                    fields.push(format!("format = {}", quoted(text)));
                }
                None => fields.push(format!("published_format = {}", quoted(text))),
            }
        }
        fields.extend(self.codes(&rest.enumeration, simple, own));
        match &rest.patterns[..] {
            [] => {}
            [pattern] => fields.push(format!("pattern = {}", quoted(pattern))),
            patterns => fields.push(format!("pattern = {}", list(patterns))),
        }
        let numbers = [
            ("length", rest.length),
            ("min_length", rest.min_length),
            ("max_length", rest.max_length),
        ];
        for (word, number) in numbers {
            fields.extend(number.map(|number| format!("{word} = {number}")));
        }
        let limits = [
            ("min", &rest.min_inclusive),
            ("max", &rest.max_inclusive),
            ("more_than", &rest.min_exclusive),
            ("less_than", &rest.max_exclusive),
        ];
        for (word, limit) in limits {
            fields.extend(
                limit
                    .iter()
                    .map(|limit| format!("{word} = {}", quoted(limit))),
            );
        }
        let digits = [
            ("total_digits", rest.total_digits),
            ("fraction_digits", rest.fraction_digits),
        ];
        for (word, number) in digits {
            fields.extend(number.map(|number| format!("{word} = {number}")));
        }
        fields.extend(rest.white_space.map(|treatment| {
            let word = match treatment {
                WhiteSpace::Preserve => "preserve",
                WhiteSpace::Replace => "replace",
                WhiteSpace::Collapse => "collapse",
            };
            format!("white_space = {}", quoted(word))
        }));
        fields
    }

    fn codes(&self, codes: &[String], simple: &SimpleType, own: bool) -> Vec<String> {
        let named = (own && !codes.is_empty())
            .then_some(simple.code_list.as_ref())
            .flatten();
        let Some(id) = named else {
            return match codes {
                [] => Vec::new(),
                codes => vec![format!("codes = {}", list(codes))],
            };
        };
        let mut fields = vec![format!("codes = {}", quoted(id))];
        let all: Vec<&str> = self.code_lists.get(id).map_or_else(Vec::new, |list| {
            list.codes.iter().map(|code| &*code.code).collect()
        });
        if codes.iter().map(String::as_str).eq(all.iter().copied()) {
            return fields;
        }
        let except: Vec<&str> = all
            .iter()
            .copied()
            .filter(|code| codes.iter().all(|kept| kept != code))
            .collect();
        let kept = all.iter().filter(|code| !except.contains(code)).copied();
        if except.len() < codes.len() && kept.eq(codes.iter().map(String::as_str)) {
            fields.push(format!("except = {}", list(&except)));
        } else {
            fields.push(format!("only = {}", list(codes)));
        }
        fields
    }
}

/// A format in dictionary notation that says exactly what the facets of a value say, where there is one.
pub(in crate::definition) fn notation(simple: &SimpleType, inherited: usize) -> Option<String> {
    let Variety::Atomic(builtin) = simple.variety else {
        return None;
    };
    let own = simple.steps.get(inherited..).unwrap_or(&[]);
    let facets = match own {
        [] => return picture(builtin).map(str::to_owned),
        [facets] => facets,
        _ => return None,
    };
    let before = &simple.steps[..inherited];
    candidates(facets, builtin).into_iter().find(|text| {
        format::implied_by(text, &simple.variety, before, facets)
            .is_some_and(|implied| format::remainder(facets, &implied).is_some())
    })
}

fn picture(builtin: Builtin) -> Option<&'static str> {
    match builtin {
        Builtin::Date => Some("an10 CCYY-MM-DD"),
        Builtin::Time => Some("an8 HH:MM:SS"),
        _ => None,
    }
}

fn candidates(facets: &Facets, builtin: Builtin) -> Vec<String> {
    let mut texts = Vec::new();
    texts.extend(picture(builtin).map(str::to_owned));
    if let [pattern] = &facets.patterns[..] {
        let digits = pattern
            .strip_prefix("[0-9]{")
            .and_then(|rest| rest.strip_suffix('}'));
        match digits.map(|digits| (digits, digits.split_once(','))) {
            Some((_, Some((least, most)))) => texts.push(format!("min n{least} max n{most}")),
            Some((exact, None)) => texts.push(format!("n{exact}")),
            None => {}
        }
    }
    if let Some(length) = facets.length {
        texts.push(format!("an{length}"));
    }
    if let Some(most) = facets.max_length {
        let codes = &facets.enumeration;
        let most_characters = most as usize;
        if !codes.is_empty()
            && codes
                .iter()
                .all(|code| code.chars().count() == most_characters)
        {
            texts.push(format!("an{most}"));
        }
        if let Some(least) = facets.min_length.filter(|least| *least > 1) {
            texts.push(format!("min an{least} max an{most}"));
        }
        texts.push(format!("max an{most}"));
    }
    if let Some(total) = facets.total_digits {
        match facets.fraction_digits.filter(|fraction| *fraction > 0) {
            Some(fraction) if fraction < total => {
                texts.push(format!("max n{}.max n{fraction}", total - fraction));
            }
            _ => texts.push(format!("max n{total}")),
        }
    }
    texts
}

/// Whether the format means this base.
fn base_is_implied(simple: &SimpleType, facets: &[String], base: &str) -> bool {
    let format = simple.format.as_deref().and_then(format::parse);
    let said = facets.iter().any(|field| field.starts_with("format = "));
    let builtin = match (format, said) {
        (Some(format), true) => format::base_of(format),
        _ => return false,
    };
    base == quoted(&format!("xs:{}", builtin.name()))
}
