//! `[value.…]`: simple types.

use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::super::codes::CodeList;
use super::super::format;
use super::super::table::{Spot, Table};
use super::{Builder, DEEPEST_DERIVATION, Progress, XML_SCHEMA, constraint};
use crate::schema::{
    Attribute, Builtin, Facets, QName, SimpleType, SimpleTypeId, Variety, WhiteSpace,
};

const KEYS: &[&str] = &[
    "base",
    "list",
    "union",
    "format",
    "published_format",
    "codes",
    "only",
    "except",
    "pattern",
    "length",
    "min_length",
    "max_length",
    "min",
    "max",
    "more_than",
    "less_than",
    "total_digits",
    "fraction_digits",
    "white_space",
];

/// What a value restricts.
struct Base {
    id: Option<SimpleTypeId>,
    variety: Variety,
    steps: Vec<Facets>,
    format: Option<Arc<str>>,
    code_list: Option<Arc<str>>,
}

impl Base {
    /// Nothing is restricted: a list or a union.
    fn made_of(variety: Variety) -> Self {
        Self {
            id: None,
            variety,
            steps: Vec::new(),
            format: None,
            code_list: None,
        }
    }
}

impl<'a> Builder<'a, '_, '_> {
    pub(super) fn new_simple_type(&mut self, table: &Table<'a>) -> SimpleTypeId {
        let id = SimpleTypeId(self.schema.simple_types.len() as u32);
        self.schema.simple_types.push(SimpleType {
            name: None,
            variety: Variety::Atomic(Builtin::AnySimpleType),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: table.origin(),
        });
        id
    }

    /// A built-in type, which stands once in the structure however often it is used.
    fn builtin(&mut self, builtin: Builtin) -> SimpleTypeId {
        if let Some(id) = self.builtins.get(&builtin) {
            return *id;
        }
        let id = SimpleTypeId(self.schema.simple_types.len() as u32);
        self.schema.simple_types.push(SimpleType {
            name: Some(QName::new(XML_SCHEMA, builtin.name())),
            variety: Variety::Atomic(builtin),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: self.reading.origin(0),
        });
        self.builtins.insert(builtin, id);
        id
    }

    pub(super) fn build_values(&mut self) {
        let mut names: Vec<Spot<'a>> = self
            .values
            .values()
            .map(|value| value.name.clone())
            .collect();
        names.sort_by_key(|name| name.span.start);
        for name in names {
            self.value_named(&name, 0);
        }
    }

    /// A value: a name, or a table that says what an anonymous one is.
    pub(super) fn value_at(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        depth: usize,
    ) -> SimpleTypeId {
        match value.get_ref() {
            DeValue::String(name) => self.value_named(
                &Spot {
                    text: name.as_ref(),
                    span: value.span(),
                },
                depth,
            ),
            DeValue::Table(entries) => {
                let table = Table {
                    reading: self.reading,
                    entries,
                    span: value.span(),
                };
                let id = self.new_simple_type(&table);
                self.fill_value(id, &table, depth);
                id
            }
            other => {
                let message = format!("a value is a name or a table, not {}", other.type_str());
                self.reading.error(value.span(), message);
                self.builtin(Builtin::AnySimpleType)
            }
        }
    }

    /// A value by name, built by the time it is returned so that others can restrict it.
    fn value_named(&mut self, name: &Spot<'a>, depth: usize) -> SimpleTypeId {
        if let Some(local) = name.text.strip_prefix("xs:") {
            let builtin = Builtin::from_name(local).unwrap_or_else(|| {
                let known = Builtin::ALL.iter().map(|builtin| builtin.name());
                let spot = Spot {
                    text: local,
                    span: name.span.clone(),
                };
                self.reading.unknown(&spot, "built-in type", known);
                Builtin::AnySimpleType
            });
            return self.builtin(builtin);
        }
        let Some(value) = self.values.get_mut(name.text) else {
            let known = self.values.keys().copied();
            self.reading.unknown(name, "value", known);
            return self.builtin(Builtin::AnySimpleType);
        };
        let id = value.id;
        match value.progress {
            Progress::Built => {}
            Progress::Pending if depth <= DEEPEST_DERIVATION => {
                value.progress = Progress::Building;
                let table = value.table.clone();
                let own = value.name.clone();
                self.fill_value(id, &table, depth);
                self.schema.simple_types[id.0 as usize].name = Some(self.global_name(&own));
                if let Some(value) = self.values.get_mut(name.text) {
                    value.progress = Progress::Built;
                }
            }
            Progress::Pending => {
                let message = format!("values are derived more than {DEEPEST_DERIVATION} times");
                self.reading.error(name.span.clone(), message);
            }
            Progress::Building => {
                let message = format!("the value `{}` is made of itself", name.text);
                self.reading.error(name.span.clone(), message);
            }
        }
        id
    }

    fn fill_value(&mut self, id: SimpleTypeId, said: &Table<'a>, depth: usize) {
        said.only("a value", KEYS);
        let format = said.text("format");
        let parsed = format.as_ref().and_then(|spot| format::parse(spot.text));
        let base = self.base(said, parsed, depth);
        let (code_list, enumeration) = self.codes(said);
        let mut facets = facets(said);
        facets.enumeration = enumeration;
        let implied = format
            .as_ref()
            .and_then(|spot| format::implied_by(spot.text, &base.variety, &base.steps, &facets));
        match (implied, &format) {
            (Some(implied), _) => format::complete(&mut facets, implied),
            (None, Some(format)) => self.not_enforced(format),
            (None, None) => {}
        }
        // A value that narrows nothing is written as its base, and on the same code list.
        let same = facets == Facets::default();
        let written = base.format.filter(|_| same);
        let inherited = base.code_list.filter(|_| facets.enumeration.is_empty());
        let mut steps = base.steps;
        if base.id.is_some() || facets != Facets::default() {
            steps.push(facets);
        }
        let format = format.or_else(|| said.text("published_format"));
        let simple = &mut self.schema.simple_types[id.0 as usize];
        simple.variety = base.variety;
        simple.steps = steps;
        simple.base = base.id;
        simple.code_list = code_list.or(inherited);
        simple.format = format.map(|spot| spot.text.into()).or(written);
    }

    fn not_enforced(&self, format: &Spot<'_>) {
        let message = format!(
            "the format `{}` implies nothing for values of this base",
            format.text
        );
        let help =
            "write the facets that are to be enforced, and the notation as `published_format`";
        self.reading
            .warning(format.span.clone(), message, Some(help.to_owned()));
    }

    fn base(&mut self, said: &Table<'a>, format: Option<format::Format>, depth: usize) -> Base {
        let ways = ["base", "list", "union"].map(|key| said.has(key));
        if ways.into_iter().filter(|said| *said).count() > 1 {
            let message = "a value restricts a `base`, or is a `list`, or is a `union`";
            self.reading.error(said.head(), message.to_owned());
        }
        if let Some(value) = said.value("list") {
            let item = self.value_at(value, depth + 1);
            return Base::made_of(Variety::List(item));
        }
        if let Some(value) = said.value("union") {
            let Some(members) = value.get_ref().as_array() else {
                self.reading
                    .error(value.span(), "`union` must be a list of values".to_owned());
                return self.base_of(Builtin::AnySimpleType);
            };
            let members = members
                .iter()
                .map(|member| self.value_at(member, depth + 1))
                .collect();
            return Base::made_of(Variety::Union(members));
        }
        if let Some(value) = said.value("base") {
            let id = self.value_at(value, depth + 1);
            let base = self.schema.simple_type(id);
            return Base {
                id: Some(id),
                variety: base.variety.clone(),
                steps: base.steps.clone(),
                format: base.format.clone(),
                code_list: base.code_list.clone(),
            };
        }
        self.base_of(format.map_or(Builtin::String, format::base_of))
    }

    fn base_of(&mut self, builtin: Builtin) -> Base {
        Base {
            id: Some(self.builtin(builtin)),
            ..Base::made_of(Variety::Atomic(builtin))
        }
    }

    /// The code list and the codes of it that are permitted.
    fn codes(&mut self, said: &Table<'a>) -> (Option<Arc<str>>, Vec<String>) {
        let Some(value) = said.value("codes") else {
            for key in ["only", "except"] {
                if said.has(key) {
                    said.error(key, format!("`{key}` narrows `codes`, which is not said"));
                }
            }
            return (None, Vec::new());
        };
        if value.get_ref().is_array() {
            let codes = said.texts("codes").unwrap_or_default();
            return (None, owned(&codes));
        }
        let Some(id) = said.text("codes") else {
            return (None, Vec::new());
        };
        let Some(list) = self.loading.code_list(id.text) else {
            let known = self.loading.code_list_ids();
            self.reading
                .unknown(&id, "code list", known.iter().map(String::as_str));
            return (None, Vec::new());
        };
        (Some(Arc::clone(&list.id)), self.narrowed(said, &list))
    }

    fn narrowed(&self, said: &Table<'_>, list: &CodeList) -> Vec<String> {
        if said.has("only") && said.has("except") {
            let message = "a code list is narrowed by `only` or by `except`, not by both";
            said.error("except", message.to_owned());
        }
        let only = said.texts("only");
        let except = said.texts("except").unwrap_or_default();
        for spot in only.iter().flatten().chain(&except) {
            if list.get(spot.text).is_none() {
                let known = list.codes.iter().map(|code| &*code.code);
                self.reading
                    .unknown(spot, &format!("code in `{}`,", list.id), known);
            }
        }
        only.map_or_else(
            || {
                list.codes
                    .iter()
                    .filter(|code| except.iter().all(|spot| spot.text != &*code.code))
                    .map(|code| code.code.to_string())
                    .collect()
            },
            |only| owned(&only),
        )
    }

    /// The global attributes.
    pub(super) fn build_attributes(&mut self, table: &Table<'a>) {
        const KEYS: &[&str] = &[
            "value", "default", "fixed", "name", "format", "status", "personal",
        ];
        for (name, said) in table.named("attribute") {
            said.only("an attribute", KEYS);
            let qname = self.global_name(&name);
            let attribute = self.attribute(qname, &said);
            self.schema.attributes.push(attribute);
        }
    }

    pub(super) fn attribute(&mut self, name: QName, said: &Table<'a>) -> Attribute {
        let content = if let Some(value) = said.value("value") {
            self.value_at(value, 0)
        } else {
            let message = format!("the attribute `{}` must say its `value`", name.local);
            self.reading.error(said.head(), message);
            self.builtin(Builtin::AnySimpleType)
        };
        let facts = self.facts(said, &name.local);
        Attribute {
            name,
            content,
            constraint: constraint(said),
            facts,
            origin: said.origin(),
        }
    }
}

fn owned(spots: &[Spot<'_>]) -> Vec<String> {
    spots.iter().map(|spot| spot.text.to_owned()).collect()
}

/// The facets that a value writes out, other than its codes.
fn facets(said: &Table<'_>) -> Facets {
    let text = |key: &str| said.text(key).map(|spot| spot.text.to_owned());
    let digits = |key: &str| {
        let number = said.number(key)?;
        let digits = u32::try_from(number).ok();
        if digits.is_none() {
            said.error(key, format!("{number} digits are too many"));
        }
        digits
    };
    Facets {
        patterns: owned(&said.texts("pattern").unwrap_or_default()),
        enumeration: Vec::new(),
        length: said.number("length"),
        min_length: said.number("min_length"),
        max_length: said.number("max_length"),
        min_inclusive: text("min"),
        max_inclusive: text("max"),
        min_exclusive: text("more_than"),
        max_exclusive: text("less_than"),
        total_digits: digits("total_digits"),
        fraction_digits: digits("fraction_digits"),
        white_space: white_space(said),
    }
}

fn white_space(said: &Table<'_>) -> Option<WhiteSpace> {
    let word = said.text("white_space")?;
    match word.text {
        "preserve" => Some(WhiteSpace::Preserve),
        "replace" => Some(WhiteSpace::Replace),
        "collapse" => Some(WhiteSpace::Collapse),
        _ => {
            let words = ["preserve", "replace", "collapse"];
            said.reading.unknown(&word, "white space treatment", words);
            None
        }
    }
}
